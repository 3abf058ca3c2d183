import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { Service } from '../support/service.js';
import { flawsOf, fold, readRows, withoutDetails } from './fold.js';
import { eventually } from '../support/eventually.js';
import { change, isProjecting, send, setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

let setup: Setup;
let a: Service;
let b: Service;

beforeAll(async () => {
  setup = await setUp();
  [a, b] = await Promise.all([setup.start(), setup.start()]);
});

afterAll(() => setup.end());

const events = async (type: string) => (await setup.readLog()).filter((event) => event.type === type);

describe('two services over one database', () => {
  it('show on one what was changed on the other, at once, a hundred times', async () => {
    const missed: number[] = [];
    for (let n = 0; n < 100; n += 1) {
      const [here, there] = n % 2 === 0 ? [a, b] : [b, a];
      const { token, stale } = await change(here, setup.dev, 'createToken', { name: `token ${n}` });
      const query = `{ token(id: "${token.id}") { name status } tokens(first: 1) { nodes { id } } }`;
      const { data } = await there.graphql(setup.dev, query);
      const isSeen = data?.token?.name === `token ${n}` && data.tokens.nodes[0].id === token.id;
      if (stale || !isSeen) missed.push(n);
    }
    expect(missed).toEqual([]);
  });

  it('show a stop on one that was made on the other, at once', async () => {
    const missed: number[] = [];
    for (let n = 0; n < 20; n += 1) {
      const [here, there] = n % 2 === 0 ? [a, b] : [b, a];
      const { token } = await change(here, setup.dev, 'createToken', { name: `stopped ${n}` });
      await change(there, setup.dev, 'revokeToken', { id: token.id });
      const { data } = await here.graphql(setup.dev, `{ token(id: "${token.id}") { status } }`);
      if (data?.token?.status !== 'REVOKED') missed.push(n);
    }
    expect(missed).toEqual([]);
  });

  it.each([
    ['addApp', 'AppAdded', 'app'],
    ['createToken', 'TokenCreated', 'token'],
  ])('give twenty sends of one idempotency key one effect: %s', async (mutation, type, field) => {
    const before = (await events(type)).length;
    const input = { name: 'one of twenty', idempotencyKey: 'twenty' };
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) => change(n % 2 === 0 ? a : b, setup.dev, mutation, input)),
    );
    expect(await events(type)).toHaveLength(before + 1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer[field]))).size).toBe(1);
    if (mutation === 'addApp') expect(new Set(answers.map(({ credentials }) => credentials.clientSecret)).size).toBe(1);
    // The value of a token is shown once.
    else expect(answers.filter(({ value }) => value !== null)).toHaveLength(1);
  });

  it('project in one of them only', async () => {
    for (let look = 0; look < 5; look += 1)
      expect([await isProjecting(a), await isProjecting(b)].filter(Boolean)).toHaveLength(1);
  });

  it('expire each token once though both are told to at the same moment', async () => {
    const expiresAt = new Date(Date.now() + 5_000).toISOString();
    const created = await Promise.all(
      Array.from({ length: 40 }, (_, n) =>
        change(n % 2 === 0 ? a : b, setup.dev, 'createToken', { name: `expiring ${n}`, expiresAt }),
      ),
    );
    await sleep(Date.parse(expiresAt) - Date.now() + 50);
    const told = await Promise.all([a, b, a, b].map((service) => change(service, setup.ada, 'expireTokens', {})));
    const due = created.map(({ token }) => token.id).sort();
    expect((await events('TokenExpired')).map(({ data }) => data.tokenId).sort()).toEqual(due);
    expect(told.reduce<number>((sum, { expiredCount }) => sum + Number(expiredCount), 0)).toBe(due.length);
  });

  it('are both ready', async () => {
    const statuses = await Promise.all([a, b].map(async ({ url }) => (await fetch(`${url}/health/ready`)).status));
    expect(statuses).toEqual([200, 200]);
  });

  it('go on projecting when the one that projects is killed under load', async () => {
    const [first, second] = (await isProjecting(a)) ? [a, b] : [b, a];
    const answered: string[] = [];
    let isOver = false;
    const clients = [first, first, second, second, second].map(async (service, client) => {
      for (let n = 0; !isOver; n += 1) {
        const name = `load ${client}/${n}`;
        const answer = await send(service, setup.dev, 'createToken', { name }).catch(() => null);
        if (answer === null) return;
        expect(answer.errors).toBeUndefined();
        answered.push(answer.data.createToken.token?.id ?? name);
      }
    });
    const running = Promise.all(clients);
    await eventually(
      () => Promise.resolve(answered.length),
      (count) => count >= 50,
    );
    await first.stop('SIGKILL');
    const before = answered.length;
    await eventually(
      () => Promise.resolve(answered.length),
      (count) => count >= before + 50,
    );
    isOver = true;
    await running;

    expect(await isProjecting(second)).toBe(true);
    const log = await setup.readLog();
    const rows = await eventually(
      () => readRows(setup.database),
      ({ audit }) => audit.length === log.length,
    );
    const shown = new Set(rows.tokens.map(({ id }) => id));
    expect(answered.filter((id) => !shown.has(id))).toEqual([]);
    expect(flawsOf(log)).toEqual([]);
    expect(withoutDetails(rows)).toEqual(withoutDetails(fold(log)));
  });
});

describe('two schedulers over one database', () => {
  it('put exactly one TokenExpired on the log for each token that is due', async () => {
    await Promise.all([a.stop(), b.stop()]);
    const every = { EXPIRE_TOKENS_EVERY: 'PT1S' };
    const [one, other] = await Promise.all([setup.start(every), setup.start(every)]);
    const expiresAt = new Date(Date.now() + 5_000).toISOString();
    const created = await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        change(n % 2 === 0 ? one : other, setup.dev, 'createToken', { name: `due ${n}`, expiresAt }),
      ),
    );
    const due = created.map(({ token }) => token.id).sort();
    await eventually(
      () => events('TokenExpired'),
      (expired) => due.every((id) => expired.some(({ data }) => data.tokenId === id)),
      40_000,
    );
    // Two more rounds of both.
    await sleep(2_500);
    const expired = (await events('TokenExpired')).filter(({ data }) => due.includes(data.tokenId));
    expect(expired.map(({ data }) => data.tokenId).sort()).toEqual(due);
    expect(new Set(expired.map(({ metadata }) => metadata.actor.kind))).toEqual(new Set(['SYSTEM']));
    const { data } = await one.graphql(
      setup.dev,
      '{ tokens(filter: { status: [EXPIRED] }, first: 200) { totalCount } }',
    );
    expect(data.tokens.totalCount).toBe((await events('TokenExpired')).length);
  });
});
