import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export type UnclearLatchkey = { url: string; connections(): number; stop(): Promise<void> };

/** A token that makes the one below answer so. */
export const answering = (status: number, body: string) => `${status}.${Buffer.from(body).toString('base64')}`;
export const NEVER = 'never';

/** Answers an introspection with what its token says, or never, and everything else with an error. */
export async function startUnclearLatchkey(): Promise<UnclearLatchkey> {
  let connections = 0;
  const server = createServer((request, response) => {
    let form = '';
    request.on('data', (chunk: Buffer) => (form += chunk.toString()));
    request.on('end', () => {
      const token = new URLSearchParams(form).get('token') ?? '500';
      if (token === NEVER) return;
      const [status, body = ''] = token.split('.');
      response.writeHead(Number(status), { location: '/elsewhere' });
      response.end(Buffer.from(body, 'base64').toString());
    });
  });
  server.on('connection', () => (connections += 1));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    connections: () => connections,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}
