import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Stored } from '../support/log.js';
import type { Service } from '../support/service.js';
import { flawsOf, fold, readRows, withoutDetails } from './fold.js';
import { eventually } from '../support/eventually.js';
import { send, setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(240_000);

let setup: Setup;

beforeEach(async () => {
  setup = await setUp();
});

afterEach(() => setup.end());

type Done = {
  apps: { id: string; name: string; secret: string }[];
  tokens: { id: string; name: string }[];
  revoked: string[];
};

/** Eight clients that change things until the service does not answer any more, and remember what they were answered. */
class Load {
  readonly sent = new Set<string>();
  readonly done: Done = { apps: [], tokens: [], revoked: [] };
  readonly refusals: string[] = [];
  #clients: Promise<void>[] = [];

  constructor(private readonly prefix: string) {}

  get count(): number {
    return this.done.apps.length + this.done.tokens.length + this.done.revoked.length;
  }

  start(service: Service, token: string): void {
    this.#clients = Array.from({ length: 8 }, (_, client) => this.#run(service, token, client));
  }

  /** Resolves when every client has met a closed door. */
  async end(): Promise<void> {
    await Promise.all(this.#clients);
  }

  async #run(service: Service, token: string, client: number): Promise<void> {
    for (let n = 0; ; n += 1) {
      const name = `${this.prefix} ${client}/${n}`;
      const tokenId =
        n % 3 === 2
          ? this.done.tokens.find(({ name: own }) => own === `${this.prefix} ${client}/${n - 1}`)?.id
          : undefined;
      const [mutation, input] =
        n % 3 === 0 ? ['addApp', { name }] : tokenId ? ['revokeToken', { id: tokenId }] : ['createToken', { name }];
      if ('name' in (input as object)) this.sent.add(name);
      const answer = await send(service, token, mutation, input as object).catch(() => null);
      if (answer === null) return;
      if (!answer.data) {
        this.refusals.push(answer.code ?? `${answer.status} in no form of ours`);
        continue;
      }
      const { app, token: changed, credentials } = answer.data[mutation];
      if (mutation === 'addApp') this.done.apps.push({ id: app.id, name, secret: credentials.clientSecret });
      else if (mutation === 'createToken') this.done.tokens.push({ id: changed.id, name });
      else this.done.revoked.push(changed.id);
    }
  }
}

const enough = (load: Load, count: number) =>
  eventually(
    () => Promise.resolve(load.count),
    (answered) => answered >= count,
  );

const idsOf = (log: readonly Stored[], type: string) =>
  log.filter((event) => event.type === type).map(({ data }) => data.appId ?? data.tokenId);

/** Every answered change is on the log exactly once, and nothing is there that was not sent. */
function expectTold(log: readonly Stored[], loads: readonly Load[]): void {
  const count = (ids: string[]) => {
    const counts = new Map<string, number>();
    for (const id of ids) counts.set(id, (counts.get(id) ?? 0) + 1);
    return counts;
  };
  const once = (ids: string[], within: string[]) => {
    const counts = count(within);
    expect(ids.filter((id) => counts.get(id) !== 1)).toEqual([]);
  };
  const done = (kind: 'apps' | 'tokens') => loads.flatMap((load) => load.done[kind].map(({ id }) => id));
  once(done('apps'), idsOf(log, 'AppAdded'));
  once(done('tokens'), idsOf(log, 'TokenCreated'));
  once(
    loads.flatMap((load) => load.done.revoked),
    idsOf(log, 'TokenRevoked'),
  );

  const names = log.flatMap(({ data }) => data.name ?? []);
  expect(names.filter((name) => !loads.some((load) => load.sent.has(name)))).toEqual([]);
  expect(new Set(names).size).toBe(names.length);
}

describe('a service that is killed under load', () => {
  it('has every answered change exactly once after each of three rounds: log, rows and audit trail', async () => {
    const loads: Load[] = [];
    for (let round = 0; round < 3; round += 1) {
      const service = await setup.start();
      const load = new Load(`round ${round}`);
      loads.push(load);
      load.start(service, setup.dev);
      await enough(load, 40);
      await sleep(Math.random() * 100);
      await service.stop('SIGKILL');
      await load.end();
    }

    const service = await setup.start();
    const log = await setup.readLog();
    expectTold(log, loads);
    expect(flawsOf(log)).toEqual([]);

    const rows = await eventually(
      () => readRows(setup.database),
      ({ audit }) => audit.length === log.length,
    );
    expect(withoutDetails(rows)).toEqual(withoutDetails(fold(log)));

    const apps = loads.flatMap((load) => load.done.apps);
    for (const { id, secret } of apps.slice(-5)) {
      const { data } = await send(service, setup.dev, 'viewAppCredentials', { id });
      expect(data.viewAppCredentials.credentials.clientSecret).toBe(secret);
    }
  });
});

describe('a service that is told to stop under load', () => {
  it('answers or refuses what is under way, loses no answered change, and ends well', async () => {
    const service = await setup.start();
    const load = new Load('stopped');
    load.start(service, setup.dev);
    await enough(load, 60);
    expect(await service.stop('SIGTERM')).toBe(0);
    await load.end();
    expect([...new Set(load.refusals)].filter((code) => code !== 'UNAVAILABLE')).toEqual([]);

    const log = await setup.readLog();
    expectTold(log, [load]);
    // What was answered is in the rows already; the next start shows what was only recorded.
    const shown = (await readRows(setup.database)).tokens.map(({ id }) => id);
    expect(load.done.tokens.filter(({ id }) => !shown.includes(id))).toEqual([]);
    await setup.start();
    const rows = await eventually(
      () => readRows(setup.database),
      ({ audit }) => audit.length === log.length,
    );
    expect(withoutDetails(rows)).toEqual(withoutDetails(fold(log)));
    expect(service.output()).toMatch(/^Latchkey listens on .+\n$/);
  });
});
