import fastify from 'fastify';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AccessDenials } from '../../src/audit/access-denials.js';
import { ExportRoutes } from '../../src/audit/export/export.routes.js';
import type { TrailExport } from '../../src/audit/export/trail-export.js';
import type { BearerAuthenticator } from '../../src/auth/bearer-authenticator.js';
import { eventually } from '../support/eventually.js';
import { callerOf } from '../support/log-events.js';

/** The route of the export over a real connection, with a trail that a spec makes up. */

const PAGE = 'x'.repeat(99_999) + '\n';

let stop: () => Promise<void>;
let routes: ExportRoutes;

async function serve(pages: () => AsyncGenerator<string>): Promise<string> {
  const authenticator = { authenticate: () => Promise.resolve(callerOf('Größe/acme')) };
  const trailExport = { begin: () => Promise.resolve(pages()) };
  routes = new ExportRoutes(
    authenticator as unknown as BearerAuthenticator,
    { record: () => undefined } as unknown as AccessDenials,
    trailExport as unknown as TrailExport,
  );
  const server = fastify({ forceCloseConnections: true });
  routes.register(server);
  const address = await server.listen({ host: '127.0.0.1', port: 0 });
  stop = () => server.close();
  return `${address}/audit/export?format=jsonl`;
}

afterEach(() => stop());

async function asked(url: string): Promise<IncomingMessage> {
  const request = get(url, { headers: { authorization: 'Bearer x.y.z' }, agent: false });
  request.on('error', () => undefined);
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  return response;
}

/** Whether the transfer ended as a whole one does, and how much of it came. */
async function read(response: IncomingMessage): Promise<{ isComplete: boolean; length: number }> {
  let length = 0;
  response.on('data', (chunk: Buffer) => (length += chunk.length));
  response.on('error', () => undefined);
  await new Promise((resolve) => response.once('close', resolve));
  return { isComplete: response.complete, length };
}

it('names the file in ASCII, whatever the tenant is called', async () => {
  const response = await asked(
    await serve(async function* () {
      yield await Promise.resolve(PAGE);
    }),
  );
  expect(response.headers['content-disposition']).toMatch(/"audit-trail-Gr__e_acme-[\d-]{10}\.jsonl"$/);
  expect(await read(response)).toEqual({ isComplete: true, length: 100_000 });
});

it('reads no further than a client that stops reading, and no more once it is gone', async () => {
  let [pages, isEnded] = [0, false];
  const response = await asked(
    await serve(async function* () {
      try {
        for (; pages < 2_000; pages += 1) yield await Promise.resolve(PAGE);
      } finally {
        isEnded = true;
      }
    }),
  );
  response.pause();
  await eventually(
    async () => {
      const before = pages;
      await sleep(200);
      return pages === before;
    },
    (stands) => stands,
  );
  // What fits into the buffers of the connection, of 200 MB.
  expect(pages).toBeLessThan(150);
  expect(isEnded).toBe(false);

  response.destroy();
  await eventually(
    () => Promise.resolve(isEnded),
    (ended) => ended,
  );
  expect(pages).toBeLessThan(150);
});

it('breaks the transfer where the trail fails, so that no part passes for the whole', async () => {
  const response = await asked(
    await serve(async function* () {
      for (let page = 0; page < 5; page += 1) yield PAGE;
      await sleep(50);
      throw new Error('Gone.');
    }),
  );
  expect(response.statusCode).toBe(200);
  expect((await read(response)).isComplete).toBe(false);
});

it('answers an error where the trail fails at once', async () => {
  const response = await asked(
    // eslint-disable-next-line require-yield
    await serve(async function* () {
      await sleep(1);
      throw new Error('Gone.');
    }),
  );
  expect(response.statusCode).toBe(500);
  expect(response.headers['content-disposition']).toBeUndefined();
  expect((await read(response)).isComplete).toBe(true);
});

it('breaks the transfer when the service stops', async () => {
  const response = await asked(
    await serve(async function* () {
      for (;;) {
        yield PAGE;
        await sleep(5);
      }
    }),
  );
  const reading = read(response);
  await sleep(50);
  routes.beforeApplicationShutdown();
  expect((await reading).isComplete).toBe(false);
});
