import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createServer } from 'node:tls';
import { jest } from '@jest/globals';
import { generate } from 'selfsigned';
import { lastingPort, startEventStoreDb, type EventStoreDb } from '../support/eventstoredb.js';
import { openLog } from '../support/log.js';
import type { Answer, Service } from '../support/service.js';
import { flawsOf, fold, readRows, withoutDetails } from './fold.js';
import { eventually } from '../support/eventually.js';
import { change, send, setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(180_000);

let directory: string;
let setup: Setup;
const servers: EventStoreDb[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-faults-'));
});

afterAll(async () => {
  await Promise.all(servers.map((server) => server.stop()));
  await rm(directory, { recursive: true });
});

async function startServer(options: { file: string; port?: number }): Promise<EventStoreDb> {
  const server = await startEventStoreDb({ ...options, file: join(directory, options.file) });
  servers.push(server);
  return server;
}

const inStore = (url: string, streamPrefix: string) => ({ EVENT_STORE_URL: url, STREAM_PREFIX: streamPrefix });

async function readLog(url: string, streamPrefix: string) {
  const log = openLog(inStore(url, streamPrefix));
  const events = await log.read();
  await log.close();
  return events;
}

async function health(service: Service, check: 'live' | 'ready') {
  const { status } = await fetch(`${service.url}/health/${check}`);
  return status;
}

const isReady = (service: Service) =>
  eventually(
    () => health(service, 'ready'),
    (status) => status === 200,
    60_000,
  );

/** Eight clients that each send their mutations one by one, each until it is answered, with the same key. */
function sendAll(service: Service, names: string[], isOver = () => false): Promise<unknown> {
  const waiting = [...names];
  const client = async () => {
    for (let name = waiting.shift(); name !== undefined && !isOver(); name = waiting.shift()) {
      for (;;) {
        const { errors, code } = await send(service, setup.dev, 'createToken', { name, idempotencyKey: name });
        if (!errors) break;
        if (code !== 'UNAVAILABLE') throw new Error(`${name}: ${JSON.stringify(errors)}`);
      }
    }
  };
  return Promise.all(Array.from({ length: 8 }, client));
}

/** Each command has had one effect, and the read models show each event once. */
async function expectOneEffectEach(url: string, streamPrefix: string, names: string[]): Promise<void> {
  const log = await readLog(url, streamPrefix);
  const created = log.filter(({ type }) => type === 'TokenCreated').map(({ data }) => data.name as string);
  const counts = names.map((name) => created.filter((each) => each === name).length);
  expect(counts).toEqual(names.map(() => 1));
  expect(flawsOf(log)).toEqual([]);
  const rows = await eventually(
    () => readRows(setup.database),
    ({ audit }) => audit.length === log.length,
  );
  expect(withoutDetails(rows)).toEqual(withoutDetails(fold(log)));
}

const namesOf = (prefix: string, count: number) => Array.from({ length: count }, (_, n) => `${prefix} ${n}`);

describe('a service over an EventStoreDB that fails', () => {
  const streamPrefix = 'faults';
  let server: EventStoreDb;
  let service: Service;

  beforeAll(async () => {
    setup = await setUp();
    server = await startServer({ file: 'one' });
    service = await setup.start(inStore(server.url, streamPrefix));
  });
  afterAll(() => setup.end());

  const created = async (name: string) =>
    (await readLog(server.url, streamPrefix)).filter(({ type, data }) => type === 'TokenCreated' && data.name === name);

  function askForEverything(): Promise<Answer[]> {
    const inputs = { addApp: { name: 'Away' }, createToken: { name: 'Away' }, revokeTokensOf: { ownerId: 'dev' } };
    return Promise.all(Object.entries(inputs).map(([mutation, input]) => send(service, setup.ada, mutation, input)));
  }

  async function expectNothingHappens(): Promise<void> {
    const asked = Date.now();
    const [answers, live, ready] = await Promise.all([
      askForEverything(),
      health(service, 'live'),
      health(service, 'ready'),
    ]);
    expect(answers.map(({ code }) => code)).toEqual(answers.map(() => 'UNAVAILABLE'));
    expect(JSON.stringify(answers)).not.toMatch(/lk_(sec|pat)_/);
    expect({ live, ready }).toEqual({ live: 200, ready: 503 });
    expect(Date.now() - asked).toBeLessThan(25_000);
  }

  it('answers UNAVAILABLE while it is gone, creates nothing, shows no secret, and works again by itself', async () => {
    await server.kill('SIGKILL');
    await expectNothingHappens();
    await server.restart();
    await isReady(service);

    expect(await created('Away')).toEqual([]);
    const { token } = await change(service, setup.dev, 'createToken', { name: 'Back' });
    expect(token).toMatchObject({ name: 'Back' });
  });

  it('has one effect when the answer to an append is lost, and the client does not notice', async () => {
    await server.fault('loseAnswers', { count: 1, how: 'cut' });
    const { value } = await change(service, setup.dev, 'createToken', { name: 'Lost once', idempotencyKey: 'once' });

    expect(value).toMatch(/^lk_pat_/);
    expect(await created('Lost once')).toHaveLength(1);
  });

  it.each(['cut', 'silence'] as const)(
    'has one effect when no answer arrives (%s) and the client sends it again',
    async (how) => {
      const input = { name: `Never answered: ${how}`, idempotencyKey: how };
      await server.fault('loseAnswers', { count: 1_000, how });
      const first = await send(service, setup.dev, 'createToken', input);
      await server.fault('loseAnswers', { count: 0, how });
      expect(first.code).toBe('UNAVAILABLE');

      await isReady(service);
      const again = await change(service, setup.dev, 'createToken', input);
      expect(again.token).toMatchObject({ name: input.name });
      expect(await created(input.name)).toHaveLength(1);
    },
  );

  it('answers within a bound while it is frozen for 15 s, however many ask, and goes on by itself', async () => {
    await change(service, setup.dev, 'createToken', { name: 'Before the frost' });
    await server.fault('frozen', true);
    const thawed = sleep(15_000);
    const asked = Date.now();
    const many = namesOf('Frozen', 300).map((name) => send(service, setup.dev, 'createToken', { name }));
    await expectNothingHappens();
    expect(new Set((await Promise.all(many)).map(({ code }) => code))).toEqual(new Set(['UNAVAILABLE']));
    expect(Date.now() - asked).toBeLessThan(25_000);
    const { data } = await service.graphql(setup.dev, '{ tokens(first: 1) { nodes { name } } }');
    expect(data.tokens.nodes).toEqual([{ name: 'Before the frost' }]);
    await thawed;
    await server.fault('frozen', false);

    await isReady(service);
    const { token } = await change(service, setup.dev, 'createToken', { name: 'Thawed' });
    expect(token).toMatchObject({ name: 'Thawed' });
    await expectOneEffectEach(server.url, streamPrefix, ['Thawed']);
  });

  it('loses no event and applies none twice when it is restarted in the middle of 100 mutations', async () => {
    const names = namesOf('Restarted', 100);
    const sending = sendAll(service, names);
    for (let restarts = 0; restarts < 3; restarts += 1) {
      await sleep(300);
      await server.kill(restarts === 1 ? 'SIGTERM' : 'SIGKILL');
      await sleep(200);
      await server.restart();
    }
    await sending;

    await isReady(service);
    await expectOneEffectEach(server.url, streamPrefix, names);
  });
});

describe('a service over a cluster', () => {
  beforeEach(async () => {
    setup = await setUp();
  });
  afterEach(() => setup.end());

  // Of the stand-in: the next leader has what the last one wrote, as after an election.
  it.each([
    ['killed', (leader: EventStoreDb) => leader.kill('SIGKILL')],
    ['frozen', (leader: EventStoreDb) => leader.fault('frozen', true)],
  ])('goes on with the next leader when the present one is %s under load', async (how, strike) => {
    const streamPrefix = `cluster_${how}`;
    const leader = await startServer({ file: how });
    const nextPort = await lastingPort();
    const url = `esdb://127.0.0.1:${leader.port},127.0.0.1:${nextPort}?tls=false`;
    const service = await setup.start(inStore(url, streamPrefix));
    const names = namesOf(how, 200);
    const sending = sendAll(service, names);
    await eventually(
      async () => (await readRows(setup.database)).tokens.length,
      (count) => count > 40,
    );

    await strike(leader);
    const next = await startServer({ file: how, port: nextPort });
    const struck = Date.now();
    await sending;

    // A bound for a busy machine; the figure is for `npm run bench -- failover`.
    expect(Date.now() - struck).toBeLessThan(30_000);
    await expectOneEffectEach(next.url, streamPrefix, names);
  });
});

describe('a start over an EventStoreDB that is not to be had', () => {
  let server: EventStoreDb;

  beforeAll(async () => {
    setup = await setUp();
    server = await startServer({ file: 'refusing' });
  });
  afterAll(() => setup.end());

  async function startFails(url: string): Promise<string> {
    const error: unknown = await setup.start(inStore(url, 'never')).catch((reason: unknown) => reason);
    const said = error instanceof Error ? error.message : 'It started.';
    expect(said).not.toContain('hidden-password');
    expect(said).not.toMatch(/^\s+at /m);
    return said;
  }

  const withUser = (url: string) => url.replace('://', '://user:hidden-password@');

  it.each([
    ['a wrong password', 'unauthenticated', /EVENT_STORE_URL .*refuses the user or the password/],
    ['a user without the right to read $all', 'denied', /EVENT_STORE_URL .*right to read `\$all`/],
  ] as const)('says so in a sentence: %s', async (_, access, sentence) => {
    await server.fault('access', access);
    expect(await startFails(withUser(server.url))).toMatch(sentence);
    await server.fault('access', undefined);
  });

  it('says so in a sentence: nobody there', async () => {
    expect(await startFails(`esdb://user:hidden-password@127.0.0.1:${await lastingPort()}?tls=false`)).toMatch(
      /EVENT_STORE_URL .*cannot be reached/,
    );
  });

  it.each([
    ['an address that cannot be read', 'esdb://user:hidden-password@host:port?tls=maybe', /no connection string/],
    ['no user where there must be one', 'esdb://127.0.0.1:2113', /names no user/],
  ])('says so in a sentence: %s', async (_, url, sentence) => {
    expect(await startFails(url)).toMatch(sentence);
  });

  it('says so in a sentence: a certificate that does not fit; and starts with the one that does', async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }]);
    const stranger = await generate([{ name: 'commonName', value: 'localhost' }]);
    const [trusted, other] = [join(directory, 'ca.crt'), join(directory, 'other.crt')];
    await Promise.all([writeFile(trusted, cert), writeFile(other, stranger.cert)]);
    const tls = createServer({ key, cert, ALPNProtocols: ['h2'] }, (socket) => {
      const plain = connect(server.port, '127.0.0.1');
      for (const each of [socket, plain]) each.on('error', () => undefined);
      socket.pipe(plain).pipe(socket);
    });
    tls.on('tlsClientError', () => undefined);
    await new Promise<void>((done) => tls.listen(0, '127.0.0.1', done));
    const address = `esdb://user:hidden-password@localhost:${(tls.address() as AddressInfo).port}?tls=true`;

    expect(await startFails(`${address}&tlsCAFile=${other}`)).toMatch(/EVENT_STORE_URL .*certificate/i);
    expect(await startFails(`${address}&tlsCAFile=/nowhere/ca.crt`)).toMatch(/EVENT_STORE_URL .*tlsCAFile/);
    const service = await setup.start(inStore(`${address}&tlsCAFile=${trusted}`, 'encrypted'));
    const { token } = await change(service, setup.dev, 'createToken', { name: 'Encrypted' });
    expect(token).toMatchObject({ name: 'Encrypted' });
    await service.stop();
    tls.close();
  });
});
