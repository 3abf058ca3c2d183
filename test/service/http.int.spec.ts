import { connect, type AddressInfo, type Socket } from 'node:net';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { pino } from 'pino';
import { addressOf } from '../../src/auth/origin.js';
import { createHttpAdapter, furnish } from '../../src/http.js';
import { Metrics } from '../../src/metrics.js';
import { someSettings } from '../support/parts.js';

/** Promise: whoever tries a credential is on the audit trail with an address, also when they do not wait for the answer. */

let server: FastifyInstance;
let client: Socket;

afterEach(() => server.close());

/** The address that a request has once its client has reset the connection. */
async function addressAfterReset(trustProxy: boolean): Promise<string | null> {
  const adapter = createHttpAdapter(someSettings({ trustProxy }));
  server = furnish(
    { getHttpAdapter: () => adapter } as unknown as NestFastifyApplication,
    pino({ enabled: false }),
    new Metrics(),
  );
  const address = new Promise<string | null>((resolve) => {
    server.get('/', async (request) => {
      client.resetAndDestroy();
      await new Promise((closed) => request.socket.once('close', closed));
      resolve(addressOf(request));
      return '';
    });
  });
  await server.listen({ port: 0, host: '127.0.0.1' });
  client = connect((server.server.address() as AddressInfo).port, '127.0.0.1');
  client.write('GET / HTTP/1.1\r\nhost: x\r\nx-forwarded-for: unknown\r\n\r\n');
  return address;
}

describe('the address of a client that is gone', () => {
  it.each([false, true])('is still known (with TRUST_PROXY=%s)', async (trustProxy) => {
    expect(await addressAfterReset(trustProxy)).toBe('127.0.0.1');
  });
});
