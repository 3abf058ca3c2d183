import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export type Answer = {
  status: number;
  headers: Headers;
  data: any;
  errors: any[] | undefined;
  code: string | undefined;
};

export type Service = {
  url: string;
  process: ChildProcess;
  /** Everything that it has printed. */
  output(): string;
  graphql(token: string | null, query: string, variables?: object, headers?: Record<string, string>): Promise<Answer>;
  /** Resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
};

/** The built service in a process of its own, with nothing of this process's environment but what is named. */
export async function startService(env: Record<string, string>): Promise<Service> {
  const port = env['PORT'] ?? String(await freePort());
  const child = spawnService({ PORT: port, ...env });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const url = `http://127.0.0.1:${port}`;
  const exited = once(child, 'exit');

  const waiting = new AbortController();
  await Promise.race([
    ready(url, waiting.signal),
    exited.then(() => {
      throw new Error(`The service ended instead of starting:\n${output}`);
    }),
  ]).finally(() => waiting.abort());
  return {
    url,
    process: child,
    output: () => output,
    graphql: (token, query, variables, headers) => graphql(url, token, query, variables, headers),
    stop: async (signal = 'SIGTERM') => {
      if (child.exitCode !== null || child.signalCode !== null) return child.exitCode;
      child.kill(signal);
      const [code] = (await exited) as [number | null];
      return code;
    },
  };
}

export function spawnService(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', resolve('dist/src/main.js')], {
    env: { PATH: process.env['PATH'], LOG_LEVEL: 'info', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

export async function graphql(
  url: string,
  token: string | null,
  query: string,
  variables: object = {},
  headers: Record<string, string> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }), ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = (await response.json()) as { data?: any; errors?: any[] };
  return { status: response.status, headers: response.headers, data, errors, code: errors?.[0]?.extensions?.code };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

/** A free port whose successor is free as well: the development sign-in takes that one. */
export async function freePortPair(): Promise<number> {
  for (;;) {
    const port = await freePort();
    const next = await occupy(port + 1).catch(() => null);
    if (!next) continue;
    await new Promise((resolve) => next.close(resolve));
    return port;
  }
}

export async function occupy(port: number): Promise<Server> {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function ready(url: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const response = await fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return;
    await sleep(50);
  }
}
