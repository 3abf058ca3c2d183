import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { eventually } from '../support/eventually.js';
import { ask, send, type OperationName } from '../support/operations.js';
import { anApp, anExpiredToken, aToken } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise: administrators and auditors see what was there at a past moment. */

let stage: Stage;
let ada: string;
let aud: string;
let dev: string;

beforeAll(async () => {
  stage = await startStage({ ROLES: 'api,projector' });
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  aud = await stage.issuer.token({ id: 'aud', roles: ['auditor'] });
  dev = await stage.issuer.token({ id: 'dev' });
});

afterAll(() => stage.close());

/** A moment between what was done before and what is done after. */
async function moment(): Promise<string> {
  await sleep(3);
  const now = new Date().toISOString();
  await sleep(3);
  return now;
}

const idsOf = ({ nodes }: { nodes: { id: string }[] }) => nodes.map(({ id }) => id);

describe('an app as of a moment', () => {
  it('is what it was: before, between and after its changes', async () => {
    const { service } = stage;
    const before = await moment();
    const { id } = await anApp(service, dev, { name: 'Billing' });
    const added = await moment();
    await ask(service, dev, 'rotateAppSecret', { id, overlap: 'PT0S' });
    await ask(service, ada, 'changeAppPermissions', { id, grant: ['EXPIRE_TOKENS'] });
    await ask(service, ada, 'disableApp', { id });
    const disabled = await moment();
    const lastShown = await ask(service, aud, 'app', { id });
    await ask(service, ada, 'deleteApp', { id });

    expect(await send(service, aud, 'app', { id, asOf: before })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await ask(service, aud, 'app', { id, asOf: added })).toMatchObject({
      name: 'Billing',
      status: 'ACTIVE',
      permissions: [],
      lastUsedAt: null,
      secrets: [{ expiresAt: null }],
    });
    expect(await ask(service, aud, 'app', { id, asOf: disabled })).toEqual({ ...lastShown, lastUsedAt: null });
    expect(await send(service, aud, 'app', { id, asOf: await moment() })).toMatchObject({ code: 'NOT_FOUND' });
    expect(idsOf(await ask(service, aud, 'apps', { asOf: added }))).toEqual([id]);
    expect((await ask(service, aud, 'apps', { asOf: before })).totalCount).toBe(0);
  });
});

describe('a token as of a moment', () => {
  it('is what it was, and expired by the clock', async () => {
    const { service } = stage;
    const created = await aToken(service, dev, { name: 'Laptop' });
    const active = await moment();
    await ask(service, ada, 'revokeToken', { id: created.id });
    const revoked = await moment();
    await ask(service, dev, 'deleteToken', { id: created.id });
    const due = await anExpiredToken(service, dev, { name: 'Due' });
    const expired = await moment();
    await ask(service, ada, 'expireTokens');

    const { id } = created;
    expect(await ask(service, aud, 'token', { id, asOf: active })).toMatchObject({ status: 'ACTIVE', revokedAt: null });
    expect(await ask(service, aud, 'token', { id, asOf: revoked })).toMatchObject({
      status: 'REVOKED',
      revokedBy: { id: 'ada' },
    });
    expect(await send(service, aud, 'token', { id, asOf: expired })).toMatchObject({ code: 'NOT_FOUND' });
    const dueAt = async (asOf: string) => (await ask(service, aud, 'token', { id: due.id, asOf })).status;
    const { createdAt } = await ask(service, aud, 'token', { id: due.id });
    expect([await dueAt(createdAt), await dueAt(expired)]).toEqual(['ACTIVE', 'EXPIRED']);
    expect(idsOf(await ask(service, aud, 'tokens', { asOf: expired, filter: { status: ['EXPIRED'] } }))).toEqual([
      due.id,
    ]);
  });
});

describe('asOf', () => {
  const operations: [OperationName, object][] = [
    ['apps', {}],
    ['tokens', {}],
    ['app', { id: randomUUID() }],
    ['token', { id: randomUUID() }],
  ];

  it.each(operations)('of %s is refused to a developer, and the attempt is on the trail', async (operation, more) => {
    const { service, issuer } = stage;
    const curious = await issuer.token({ id: `curious-${operation}` });
    const answer = await send(service, curious, operation, { ...more, asOf: new Date(0).toISOString() });
    expect(answer.code).toBe('FORBIDDEN');
    expect(answer.data?.[operation] ?? null).toBeNull();
    const trail = () => ask(service, aud, 'auditTrail', { filter: { actorId: `curious-${operation}` } });
    const { nodes } = await eventually(trail, (page) => page.nodes.length > 0);
    expect(nodes[0]).toMatchObject({ action: 'AccessDenied', details: { operation } });
  });

  it.each(operations)('of %s must not lie in the future', async (operation, more) => {
    const asOf = new Date(Date.now() + 60_000).toISOString();
    const answer = await send(stage.service, aud, operation, { ...more, asOf });
    expect(answer).toMatchObject({ code: 'BAD_USER_INPUT' });
  });

  it('shows nothing of other tenants', async () => {
    const { service, issuer } = stage;
    const { id } = await anApp(service, dev);
    const token = await aToken(service, dev);
    const stranger = await issuer.token({ id: 'aud', tenant: 'other', roles: ['auditor'] });
    const asOf = await moment();
    expect((await ask(service, stranger, 'apps', { asOf })).totalCount).toBe(0);
    expect((await ask(service, stranger, 'tokens', { asOf })).totalCount).toBe(0);
    expect(await send(service, stranger, 'app', { id, asOf })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await send(service, stranger, 'token', { id: token.id, asOf })).toMatchObject({ code: 'NOT_FOUND' });
  });

  it.each(['apps', 'tokens'] as const)('binds the cursors of %s to the moment', async (list) => {
    const { service } = stage;
    await anApp(service, dev);
    await anApp(service, dev);
    await aToken(service, dev);
    await aToken(service, dev);
    const asOf = await moment();
    const first = await ask(service, aud, list, { first: 1, asOf });
    const next = { first: 1, after: first.pageInfo.endCursor };
    expect(idsOf(await ask(service, aud, list, { ...next, asOf }))).not.toEqual(idsOf(first));
    expect(await send(service, aud, list, { ...next, asOf: await moment() })).toMatchObject({ code: 'BAD_USER_INPUT' });
    expect(await send(service, aud, list, next)).toMatchObject({ code: 'BAD_USER_INPUT' });
  });
});
