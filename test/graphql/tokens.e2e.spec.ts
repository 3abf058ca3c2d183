import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask, send, type OperationName } from '../support/operations.js';
import { aDeletedToken, anExpiredToken, aRevokedToken, aToken } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

const DAY = 86_400_000;
const VALUE = /^lk_pat_[0-9A-Za-z]{49}$/;

let stage: Stage;
let dev: string;
let ada: string;

beforeAll(async () => {
  // The job stays out of the way: what it does is asked for by hand.
  stage = await startStage({ ROLES: 'api,projector' });
  dev = await stage.issuer.token({ id: 'dev' });
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
});

afterAll(() => stage.close());

const asDev = (operation: OperationName, variables?: object) => ask(stage.service, dev, operation, variables);
const asAda = (operation: OperationName, variables?: object) => ask(stage.service, ada, operation, variables);
const refusalOf = async (operation: OperationName, input: object, token = dev) =>
  (await send(stage.service, token, operation, { input })).code;
const find = (id: string) => asDev('token', { id });
const actionsOn = async (targetId: string): Promise<string[]> =>
  (await asAda('auditTrail', { filter: { targetId } })).nodes.map(({ action }: { action: string }) => action);
const idsOf = ({ nodes }: { nodes: { id: string }[] }) => nodes.map(({ id }) => id);

function twelveMonthsAfter(moment: string): string {
  const date = new Date(moment);
  const expected = new Date(date);
  expected.setUTCFullYear(date.getUTCFullYear() + 1);
  if (expected.getUTCMonth() !== date.getUTCMonth()) expected.setUTCDate(0);
  return expected.toISOString();
}

describe('a token that is created', () => {
  it('is answered with its value, and is in the list that the same client asks for next', async () => {
    const { token, value, position, stale } = await asDev('createToken', { name: 'CI' });
    expect(token).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      identifier: expect.stringMatching(/^lk_id_[0-9A-Za-z]{22}$/),
      name: 'CI',
      status: 'ACTIVE',
      createdBy: { id: 'dev', name: 'Name of dev' },
      createdAt: expect.any(String),
      expiresAt: twelveMonthsAfter(token.createdAt),
      revokedAt: null,
      revokedBy: null,
      lastUsedAt: null,
    });
    expect(value).toMatch(VALUE);
    expect(position).toEqual(expect.any(String));
    expect(stale).toBe(false);
    expect(await find(token.id)).toEqual(token);
    expect((await asDev('tokens')).nodes[0]).toEqual(token);
  });

  it('expires earlier when that is asked for', async () => {
    const expiresAt = new Date(Date.now() + 30 * DAY).toISOString();
    expect((await asDev('createToken', { name: 'Short', expiresAt })).token.expiresAt).toBe(expiresAt);
  });

  it('may expire as late as twelve months from now, not later', async () => {
    const latest = new Date(twelveMonthsAfter(new Date().toISOString())).getTime();
    const at = (milliseconds: number) => ({ name: 'Late', expiresAt: new Date(milliseconds).toISOString() });
    expect((await asDev('createToken', at(latest))).token.status).toBe('ACTIVE');
    expect(await refusalOf('createToken', at(latest + 60_000))).toBe('BAD_USER_INPUT');
  });

  it('shows its value nowhere else', async () => {
    const { id, value } = await aToken(stage.service, dev);
    const everything = [await find(id), await asDev('tokens'), await asAda('auditTrail', { filter: { targetId: id } })];
    expect(JSON.stringify(everything)).not.toContain(value);
    expect(JSON.stringify(everything)).not.toContain('hash');
    expect(stage.service.output()).not.toContain(value);
  });
});

describe('an active token', () => {
  it('is revoked by its owner, and at once shown so', async () => {
    const { id } = await aToken(stage.service, dev);
    const { token, stale } = await asDev('revokeToken', { id });
    expect(stale).toBe(false);
    expect(token).toMatchObject({ status: 'REVOKED', revokedBy: { id: 'dev', name: 'Name of dev' } });
    expect(token.revokedAt >= token.createdAt).toBe(true);
    expect(await find(id)).toEqual(token);
    expect(idsOf(await asDev('tokens', { filter: { status: ['REVOKED'] } }))).toContain(id);
    expect(idsOf(await asDev('tokens', { filter: { status: ['ACTIVE'] }, first: 200 }))).not.toContain(id);
  });

  it('is revoked by an administrator, whose name it then shows', async () => {
    const { id } = await aToken(stage.service, dev);
    const { token } = await asAda('revokeToken', { id });
    expect(token).toMatchObject({ createdBy: { id: 'dev' }, revokedBy: { id: 'ada', name: 'Name of ada' } });
  });

  it('is not deleted', async () => {
    const { id } = await aToken(stage.service, dev);
    const before = await find(id);
    expect(await refusalOf('deleteToken', { id })).toBe('TOKEN_STILL_ACTIVE');
    expect(await find(id)).toEqual(before);
  });
});

describe('a revoked token', () => {
  it('is revoked again without an event', async () => {
    const { id } = await aRevokedToken(stage.service, dev);
    const before = await find(id);
    const events = await stage.countEvents();
    expect(await asAda('revokeToken', { id })).toMatchObject({ token: before, stale: false });
    expect(await stage.countEvents()).toBe(events);
  });

  it('is deleted, and at once gone', async () => {
    const { id } = await aRevokedToken(stage.service, dev);
    expect(await asDev('deleteToken', { id })).toEqual({ id, position: expect.any(String), stale: false });
    expect((await send(stage.service, dev, 'token', { id })).code).toBe('NOT_FOUND');
    expect(idsOf(await asDev('tokens', { first: 200 }))).not.toContain(id);
    expect(await actionsOn(id)).toEqual(['TokenDeleted', 'TokenRevoked', 'TokenCreated']);
  });
});

describe('a token whose time has passed', () => {
  let id: string;
  beforeAll(async () => {
    ({ id } = await anExpiredToken(stage.service, dev));
  });

  it('is expired everywhere, though no event says so', async () => {
    expect(await actionsOn(id)).toEqual(['TokenCreated']);
    expect((await find(id)).status).toBe('EXPIRED');
    expect(idsOf(await asDev('tokens', { filter: { status: ['EXPIRED'] } }))).toContain(id);
    expect(idsOf(await asDev('tokens', { filter: { status: ['ACTIVE'] }, first: 200 }))).not.toContain(id);
  });

  it('is not revoked', async () => {
    expect(await refusalOf('revokeToken', { id })).toBe('TOKEN_EXPIRED');
    expect(await refusalOf('revokeToken', { id }, ada)).toBe('TOKEN_EXPIRED');
  });

  it('gets its event by expireTokens, once', async () => {
    expect(await asAda('expireTokens')).toEqual({
      expiredCount: 1,
      position: expect.any(String),
      stale: false,
    });
    expect(await actionsOn(id)).toEqual(['TokenExpired', 'TokenCreated']);
    expect((await find(id)).status).toBe('EXPIRED');
    expect(await asAda('expireTokens')).toMatchObject({ expiredCount: 0 });
  });

  it('is deleted before and after that event', async () => {
    await asDev('deleteToken', { id });
    const unrecorded = await anExpiredToken(stage.service, dev);
    await asDev('deleteToken', { id: unrecorded.id });
    expect(await actionsOn(unrecorded.id)).toEqual(['TokenDeleted', 'TokenCreated']);
    expect(await asAda('expireTokens')).toMatchObject({ expiredCount: 0 });
  });
});

describe('a deleted token', () => {
  it.each(['revokeToken', 'deleteToken'] as const)(
    'is unknown to %s, exactly as one that never was',
    async (operation) => {
      const { id } = await aDeletedToken(stage.service, dev);
      const events = await stage.countEvents();
      const deleted = await send(stage.service, dev, operation, { input: { id } });
      const unknown = await send(stage.service, dev, operation, { input: { id: randomUUID() } });
      expect(deleted.code).toBe('NOT_FOUND');
      expect({ data: deleted.data, errors: deleted.errors }).toEqual({ data: unknown.data, errors: unknown.errors });
      expect(await stage.countEvents()).toBe(events);
    },
  );
});

describe('revokeTokensOf', () => {
  const leaver = async (tokens: number) => {
    const owner = `leaver-${randomUUID()}`;
    const user = await stage.issuer.token({ id: owner });
    for (let count = 0; count < tokens; count += 1) await aToken(stage.service, user);
    return { owner, user };
  };

  it('revokes what still works of one owner, and nothing else', async () => {
    const { owner, user } = await leaver(3);
    const revoked = await aRevokedToken(stage.service, user);
    const expired = await anExpiredToken(stage.service, user);
    const bystander = await aToken(stage.service, dev);
    const events = await stage.countEvents();

    expect(await asAda('revokeTokensOf', { ownerId: owner })).toEqual({
      revokedCount: 3,
      position: expect.any(String),
      stale: false,
    });
    // And that the fourth has expired, for instances whose clocks do not say so.
    expect(await stage.countEvents()).toBe(events + 4);
    const tokens = await ask(stage.service, user, 'tokens');
    const statusOf = (wanted: string) => tokens.nodes.find(({ id }: { id: string }) => id === wanted);
    expect(tokens.nodes.filter(({ status }: { status: string }) => status === 'ACTIVE')).toEqual([]);
    expect(statusOf(revoked.id)).toMatchObject({ status: 'REVOKED', revokedBy: { id: owner } });
    expect(statusOf(expired.id)).toMatchObject({ status: 'EXPIRED', revokedBy: null });
    expect((await find(bystander.id)).status).toBe('ACTIVE');
    expect(await asAda('revokeTokensOf', { ownerId: owner })).toMatchObject({ revokedCount: 0 });
    expect(await stage.countEvents()).toBe(events + 4);
  });

  it('is an entry of the audit trail for each', async () => {
    const { owner } = await leaver(2);
    await asAda('revokeTokensOf', { ownerId: owner });
    const created = await asAda('auditTrail', { filter: { actorId: owner, actions: ['TokenCreated'] } });
    for (const { targetId } of created.nodes)
      expect(await actionsOn(targetId)).toEqual(['TokenRevoked', 'TokenCreated']);
  });

  it('sent again under its key counts the same, also when tokens were deleted since', async () => {
    const { owner, user } = await leaver(2);
    const input = { ownerId: owner, idempotencyKey: randomUUID() };
    expect((await asAda('revokeTokensOf', input)).revokedCount).toBe(2);
    const events = await stage.countEvents();
    expect((await asAda('revokeTokensOf', input)).revokedCount).toBe(2);
    expect(await stage.countEvents()).toBe(events);

    const { nodes } = await ask(stage.service, user, 'tokens');
    await ask(stage.service, user, 'deleteToken', { id: nodes[0].id });
    expect((await asAda('revokeTokensOf', input)).revokedCount).toBe(2);
  });

  it('sent again under its key leaves alone what was created since', async () => {
    const { owner, user } = await leaver(2);
    const input = { ownerId: owner, idempotencyKey: randomUUID() };
    expect((await asAda('revokeTokensOf', input)).revokedCount).toBe(2);
    await sleep(5);
    const { id } = await aToken(stage.service, user);
    expect((await asAda('revokeTokensOf', input)).revokedCount).toBe(2);
    expect((await ask(stage.service, user, 'token', { id })).status).toBe('ACTIVE');
  });

  it('under the key of another owner is a conflict', async () => {
    const { owner } = await leaver(1);
    const idempotencyKey = randomUUID();
    await asAda('revokeTokensOf', { ownerId: owner, idempotencyKey });
    expect(await refusalOf('revokeTokensOf', { ownerId: 'another', idempotencyKey }, ada)).toBe('CONFLICT');
  });

  it('five times at once revokes each token once', async () => {
    const { owner } = await leaver(4);
    const events = await stage.countEvents();
    const input = { ownerId: owner, idempotencyKey: randomUUID() };
    const answers = await Promise.all(Array.from({ length: 5 }, () => asAda('revokeTokensOf', input)));
    expect(answers.map(({ revokedCount }) => revokedCount)).toEqual([4, 4, 4, 4, 4]);
    expect(await stage.countEvents()).toBe(events + 4);
  });
});

describe('expireTokens under an idempotency key', () => {
  it('sent again counts the same, and leaves to others what is due since', async () => {
    await Promise.all([anExpiredToken(stage.service, dev), anExpiredToken(stage.service, dev)]);
    const input = { idempotencyKey: randomUUID() };
    expect((await asAda('expireTokens', input)).expiredCount).toBe(2);
    await anExpiredToken(stage.service, dev);
    const events = await stage.countEvents();
    expect((await asAda('expireTokens', input)).expiredCount).toBe(2);
    expect(await stage.countEvents()).toBe(events);
  });
});

describe('a command that is sent again under its idempotency key', () => {
  it('createToken: one token, whose value is not shown again', async () => {
    const input = { name: 'Once', idempotencyKey: randomUUID() };
    const first = await asDev('createToken', input);
    const events = await stage.countEvents();
    const again = await asDev('createToken', input);
    expect(first.value).toMatch(VALUE);
    expect(again).toEqual({ ...first, value: null });
    expect(await stage.countEvents()).toBe(events);
  });

  it('with another input is a conflict', async () => {
    const idempotencyKey = randomUUID();
    const { token } = await asDev('createToken', { name: 'One', idempotencyKey });
    const expiresAt = new Date(Date.now() + DAY).toISOString();
    const events = await stage.countEvents();
    expect(await refusalOf('createToken', { name: 'Two', idempotencyKey })).toBe('CONFLICT');
    expect(await refusalOf('createToken', { name: 'One', expiresAt, idempotencyKey })).toBe('CONFLICT');
    expect(await stage.countEvents()).toBe(events);
    expect(await find(token.id)).toEqual(token);
  });

  it('by somebody else is a command of theirs', async () => {
    const input = { name: 'Mine', idempotencyKey: randomUUID() };
    const mine = await asDev('createToken', input);
    const theirs = await asAda('createToken', input);
    expect(theirs.token.id).not.toBe(mine.token.id);
    expect(theirs.value).toMatch(VALUE);
  });

  it.each(['revokeToken', 'deleteToken'] as const)('%s: the same answer, no event', async (operation) => {
    const make = operation === 'revokeToken' ? aToken : aRevokedToken;
    const { id } = await make(stage.service, dev);
    const input = { id, idempotencyKey: randomUUID() };
    const first = await asDev(operation, input);
    const events = await stage.countEvents();
    expect(await asDev(operation, input)).toEqual(first);
    expect(await stage.countEvents()).toBe(events);
  });

  it('twenty times at once has one effect, and one of the answers has the value', async () => {
    const input = { name: 'Twenty', idempotencyKey: randomUUID() };
    const events = await stage.countEvents();
    const answers = await Promise.all(Array.from({ length: 20 }, () => asDev('createToken', input)));
    expect(await stage.countEvents()).toBe(events + 1);
    expect(new Set(answers.map(({ token }) => token.id)).size).toBe(1);
    expect(answers.filter(({ value }) => value !== null)).toHaveLength(1);
  });
});

describe('a list of 250 tokens', () => {
  const TOTAL = 250;
  let many: string;

  beforeAll(async () => {
    many = await stage.issuer.token({ id: 'many', tenant: 'many' });
    const start = Date.now();
    for (let from = 0; from < TOTAL; from += 25) {
      const created = Array.from({ length: 25 }, (_, offset) => {
        const index = from + offset;
        const name = `${index % 2 ? 'Token' : 'token'} ${String(index).padStart(3, '0')}`;
        const expiresAt = new Date(start + (1 + ((index * 101) % TOTAL)) * DAY).toISOString();
        return `a${index}: createToken(input: { name: "${name}", expiresAt: "${expiresAt}" }) { stale }`;
      });
      const { errors } = await stage.service.graphql(many, `mutation { ${created.join(' ')} }`);
      expect(errors).toBeUndefined();
    }
  }, 60_000);

  type Node = { id: string; name: string; createdAt: string; expiresAt: string };
  const pages = async (variables: object, between: () => Promise<void> = async () => {}) => {
    const all: Node[][] = [];
    for (let after: string | null = null, more = true; more; await between()) {
      const page = await ask(stage.service, many, 'tokens', { first: 100, ...variables, after });
      all.push(page.nodes);
      expect(page.pageInfo).toEqual({
        hasPreviousPage: after !== null,
        hasNextPage: page.nodes.length === 100,
        startCursor: page.edges[0].cursor,
        endCursor: page.edges.at(-1).cursor,
      });
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
    }
    return all;
  };

  it('is read in three pages, each token once', async () => {
    const read = await pages({});
    expect(read.map(({ length }) => length)).toEqual([100, 100, 50]);
    expect(new Set(read.flat().map(({ id }) => id)).size).toBe(TOTAL);
    expect((await ask(stage.service, many, 'tokens', { first: 1 })).totalCount).toBe(TOTAL);
  });

  it.each([
    ['NAME', (token: Node) => token.name.toLowerCase()],
    ['EXPIRES_AT', (token: Node) => token.expiresAt],
    ['CREATED_AT', (token: Node) => token.createdAt],
  ] as const)('is sorted by %s in either direction', async (field, valueOf) => {
    const ascending = (await pages({ orderBy: { field, direction: 'ASC' } })).flat();
    expect(ascending.map(valueOf)).toEqual(ascending.map(valueOf).sort());
    const descending = (await pages({ orderBy: { field, direction: 'DESC' } })).flat();
    expect(descending.map(({ id }) => id)).toEqual(ascending.map(({ id }) => id).reverse());
  });

  it.each([
    ['name', () => ({ name: 'TOKEN 01' }), 10],
    ['status', () => ({ status: ['ACTIVE'] }), TOTAL],
    ['another status', () => ({ status: ['REVOKED', 'EXPIRED'] }), 0],
    ['no status', () => ({ status: [] }), 0],
    ['expiringBefore', () => ({ expiringBefore: new Date(Date.now() + 10.5 * DAY).toISOString() }), 10],
    ['createdBy', () => ({ createdBy: 'many' }), TOTAL],
    [
      'all of them',
      () => ({
        name: 'token 0',
        status: ['ACTIVE'],
        createdBy: 'many',
        expiringBefore: new Date(Date.now() + 400 * DAY).toISOString(),
      }),
      100,
    ],
  ] as const)('is filtered by %s', async (_by, filter, count) => {
    const page = await ask(stage.service, many, 'tokens', { first: 200, filter: filter() });
    expect(page.totalCount).toBe(count);
    expect(page.nodes).toHaveLength(Math.min(count, 200));
  });

  it('does not shift when others are created or deleted while it is read', async () => {
    const before = (await pages({})).flat().map(({ id }) => id);
    const read = await pages({}, async () => {
      await aDeletedToken(stage.service, many);
    });
    expect(read.flat().map(({ id }) => id)).toEqual(before);
  });
});
