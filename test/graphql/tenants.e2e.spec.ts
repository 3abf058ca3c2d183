import { randomUUID } from 'node:crypto';
import { ask, send, type OperationName } from '../support/operations.js';
import {
  aDisabledApp,
  anApp,
  aRevokedToken,
  aToken,
  type AppScenario,
  type TokenScenario,
} from '../support/scenarios.js';
import { eventually } from '../support/eventually.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (design, section 2): an id of another tenant answers exactly as an id that does not exist. */

let stage: Stage;
/** Administrators with the same user id, each of a tenant of their own. */
let ours: string;
let theirs: string;
let theirApp: AppScenario;
let theirDisabledApp: AppScenario;
let theirToken: TokenScenario;
let theirRevokedToken: TokenScenario;

beforeAll(async () => {
  stage = await startStage();
  const { service, issuer } = stage;
  ours = await issuer.token({ id: 'ada', tenant: 'ours', roles: ['administrator'] });
  theirs = await issuer.token({ id: 'ada', tenant: 'theirs', roles: ['administrator'] });
  theirApp = await anApp(service, theirs, { name: 'Their app' });
  theirDisabledApp = await aDisabledApp(service, theirs, { name: 'Their disabled app' });
  theirToken = await aToken(service, await issuer.token({ id: 'bob', tenant: 'theirs' }), { name: 'Their token' });
  theirRevokedToken = await aRevokedToken(service, theirs, { name: 'Their revoked token' });
  await anApp(service, ours, { name: 'Our app' });
  await aToken(service, ours, { name: 'Our token' });
});

afterAll(() => stage.close());

const told = async (token: string, operation: OperationName, variables: object) => {
  const { status, data, errors } = await send(stage.service, token, operation, variables);
  return { status, data, errors };
};

/** All that the other tenant can see of itself. */
const theirWorld = async () => ({
  apps: await ask(stage.service, theirs, 'apps'),
  tokens: await ask(stage.service, theirs, 'tokens'),
  auditTrail: await ask(stage.service, theirs, 'auditTrail', { first: 200 }),
});

type Target = 'app' | 'disabled app' | 'token' | 'revoked token';
const idOf = (target: Target) =>
  ({ app: theirApp, 'disabled app': theirDisabledApp, token: theirToken, 'revoked token': theirRevokedToken })[target]
    .id;

const asQuery = (id: string) => ({ id });
const asInput = (id: string) => ({ input: { id } });
const withInput = (more: object) => (id: string) => ({ input: { id, ...more } });

const byId: [OperationName, Target, string, (id: string) => object][] = [
  ['app', 'app', '', asQuery],
  ['token', 'token', '', asQuery],
  ['token', 'revoked token', '', asQuery],
  ['viewAppCredentials', 'app', '', asInput],
  ['disableApp', 'app', '', asInput],
  ['disableApp', 'disabled app', '', asInput],
  ['activateApp', 'disabled app', '', asInput],
  ['activateApp', 'app', '', asInput],
  ['rotateAppSecret', 'app', '', asInput],
  ['rotateAppSecret', 'app', ' with an overlap of 0', withInput({ overlap: 'PT0S' })],
  ['rotateAppSecret', 'disabled app', '', asInput],
  ['changeAppPermissions', 'app', '', withInput({ grant: ['INTROSPECT_TOKENS'] })],
  ['changeAppPermissions', 'app', ' to nothing', asInput],
  ['deleteApp', 'app', '', asInput],
  ['deleteApp', 'disabled app', '', asInput],
  ['revokeToken', 'token', '', asInput],
  ['revokeToken', 'revoked token', '', asInput],
  ['deleteToken', 'token', '', asInput],
  ['deleteToken', 'revoked token', '', asInput],
  // One kind of id where the other is asked for.
  ['app', 'token', '', asQuery],
  ['token', 'app', '', asQuery],
  ['disableApp', 'token', '', asInput],
  ['revokeToken', 'app', '', asInput],
  // The key is another way to reach an id.
  ['disableApp', 'app', ' under a key', withInput({ idempotencyKey: 'k' })],
  ['revokeToken', 'token', ' under a key', withInput({ idempotencyKey: 'k' })],
];

describe('an id of another tenant', () => {
  it.each(byId)('for %s of their %s%s answers as one that does not exist', async (operation, target, _more, asked) => {
    const before = await theirWorld();
    const events = await stage.countEvents();
    const foreign = await told(ours, operation, asked(idOf(target)));
    const unknown = await told(ours, operation, asked(randomUUID()));

    expect(foreign.errors?.[0].extensions.code).toBe('NOT_FOUND');
    expect(foreign).toEqual(unknown);
    expect(await stage.countEvents()).toBe(events);
    expect(await theirWorld()).toEqual(before);
  });

  it.each(['developer', 'auditor'])('answers a mere %s of ours the same too', async (role) => {
    const caller = await stage.issuer.token({ id: 'dan', tenant: 'ours', roles: [role] });
    for (const [operation, target] of [
      ['app', 'app'],
      ['token', 'token'],
    ] as const)
      expect(await told(caller, operation, { id: idOf(target) })).toEqual(
        await told(caller, operation, { id: randomUUID() }),
      );
    for (const operation of ['revokeToken', 'deleteToken'] as const)
      expect(await told(caller, operation, asInput(theirToken.id))).toEqual(
        await told(caller, operation, asInput(randomUUID())),
      );
  });

  it('leaves no name of theirs in our audit trail', async () => {
    const dev = await stage.issuer.token({ id: 'dev', tenant: 'ours' });
    await told(dev, 'changeAppPermissions', { input: { id: theirApp.id, grant: ['EXPIRE_TOKENS'] } });
    const denials = { filter: { actorId: 'dev', actions: ['AccessDenied'] } };
    const trail = await eventually(
      () => ask(stage.service, ours, 'auditTrail', denials),
      ({ totalCount }) => totalCount > 0,
      10_000,
    );
    expect(trail.nodes).toMatchObject([{ targetId: theirApp.id, targetName: null }]);
    expect((await ask(stage.service, theirs, 'auditTrail', denials)).totalCount).toBe(0);
  });
});

describe('an owner of another tenant', () => {
  it('has no token that revokeTokensOf could revoke', async () => {
    const before = await theirWorld();
    const foreign = await told(ours, 'revokeTokensOf', { input: { ownerId: 'bob' } });
    expect(foreign.data.revokeTokensOf).toMatchObject({ revokedCount: 0 });
    expect(foreign).toEqual(await told(ours, 'revokeTokensOf', { input: { ownerId: 'nobody at all' } }));
    expect(await theirWorld()).toEqual(before);
  });
});

describe('expireTokens', () => {
  it('expires nothing of another tenant', async () => {
    const bob = await stage.issuer.token({ id: 'bob', tenant: 'theirs' });
    await aToken(stage.service, bob, { name: 'Due', expiresAt: new Date(Date.now() + 500).toISOString() });
    const expired = await eventually(
      () => ask(stage.service, bob, 'tokens', { filter: { status: ['EXPIRED'] } }),
      ({ totalCount }) => totalCount > 0,
      10_000,
    );
    expect(expired.totalCount).toBe(1);
    expect(await ask(stage.service, ours, 'expireTokens')).toMatchObject({ expiredCount: 0 });
    expect(await ask(stage.service, theirs, 'expireTokens')).toMatchObject({ expiredCount: 1 });
  });
});

describe('lists, counts and the audit trail', () => {
  it('show nothing of another tenant', async () => {
    const names = (page: { nodes: { name: string }[] }) => page.nodes.map(({ name }) => name);
    const apps = await ask(stage.service, ours, 'apps');
    expect(names(apps)).toEqual(['Our app']);
    expect(apps.totalCount).toBe(1);
    const tokens = await ask(stage.service, ours, 'tokens');
    expect(names(tokens)).toEqual(['Our token']);
    expect(tokens.totalCount).toBe(1);

    const trail = await ask(stage.service, ours, 'auditTrail', { first: 200 });
    expect(trail.totalCount).toBe(trail.nodes.length);
    expect(trail.nodes.map(({ action }: { action: string }) => action)).toEqual(
      expect.arrayContaining(['AppAdded', 'TokenCreated']),
    );
    expect(JSON.stringify(trail.nodes)).not.toContain('Their');
  });

  it.each<[OperationName, string, () => object, object]>([
    ['apps', 'createdBy', () => ({ createdBy: 'bob' }), { createdBy: 'unheard of' }],
    ['apps', 'name', () => ({ name: 'Their' }), { name: 'unheard of' }],
    ['apps', 'status', () => ({ status: ['DISABLED'] }), { name: 'unheard of' }],
    ['tokens', 'createdBy', () => ({ createdBy: 'bob' }), { createdBy: 'unheard of' }],
    ['tokens', 'name', () => ({ name: 'Their' }), { name: 'unheard of' }],
    ['tokens', 'status', () => ({ status: ['REVOKED'] }), { name: 'unheard of' }],
    ['auditTrail', 'actorId', () => ({ actorId: 'bob' }), { actorId: 'unheard of' }],
    ['auditTrail', 'text', () => ({ text: 'Their' }), { text: 'unheard of' }],
    ['auditTrail', 'targetId', () => ({ targetId: theirRevokedToken.id }), { targetId: randomUUID() }],
    ['auditTrail', 'actions', () => ({ actions: ['TokenRevoked'] }), { text: 'unheard of' }],
  ])(
    '%s by %s of another tenant is as empty as by one that does not exist',
    async (operation, _filter, foreign, unknown) => {
      const answer = await told(ours, operation, { filter: foreign() });
      expect(answer.data[operation]).toMatchObject({ nodes: [], totalCount: 0 });
      expect(answer).toEqual(await told(ours, operation, { filter: unknown }));
    },
  );

  it.each(['apps', 'tokens', 'auditTrail'] as const)(
    '%s after a cursor of another tenant are still ours alone',
    async (operation) => {
      const { edges } = await ask(stage.service, theirs, operation, { first: 1 });
      const answer = await told(ours, operation, { after: edges[0].cursor });
      if (answer.errors) {
        expect(answer.errors[0].extensions.code).toBe('BAD_USER_INPUT');
        return;
      }
      const all = (await ask(stage.service, ours, operation, { first: 200 })).nodes;
      for (const node of answer.data[operation].nodes) expect(all).toContainEqual(node);
    },
  );
});

describe('the same idempotency key of the same user id in two tenants', () => {
  it('adds two apps', async () => {
    const input = { name: 'Twice', idempotencyKey: 'same key' };
    const first = await ask(stage.service, ours, 'addApp', input);
    const second = await ask(stage.service, theirs, 'addApp', input);
    expect(second.app.id).not.toBe(first.app.id);
    expect(second.credentials.clientSecret).not.toBe(first.credentials.clientSecret);
  });

  it('creates two tokens, each with a value', async () => {
    const input = { name: 'Twice', idempotencyKey: 'same key' };
    const first = await ask(stage.service, ours, 'createToken', input);
    const second = await ask(stage.service, theirs, 'createToken', input);
    expect(first.value).toEqual(expect.any(String));
    expect(second.value).toEqual(expect.any(String));
    expect(second.token.id).not.toBe(first.token.id);
  });

  it('with another input is no conflict', async () => {
    await ask(stage.service, ours, 'createToken', { name: 'One', idempotencyKey: 'other key' });
    const second = await ask(stage.service, theirs, 'createToken', { name: 'Two', idempotencyKey: 'other key' });
    expect(second.token.name).toBe('Two');
  });
});

describe('an installation for one organisation (TENANT_ID)', () => {
  it('takes every caller as one of that tenant, whatever their token says', async () => {
    const service = await stage.another({ TENANT_ID: 'theirs', ROLES: 'api' });
    const claimless = await stage.issuer.sign({ sub: 'eve', roles: ['administrator'], tenant_id: undefined });
    const claiming = await stage.issuer.token({ id: 'eve', tenant: 'ours', roles: ['administrator'] });
    for (const token of [claimless, claiming]) {
      expect(await ask(service, token, 'me')).toMatchObject({ id: 'eve', tenantId: 'theirs' });
      expect(await ask(service, token, 'app', { id: theirApp.id })).toMatchObject({ name: 'Their app' });
    }
    expect((await send(stage.service, claiming, 'app', { id: theirApp.id })).code).toBe('NOT_FOUND');
  });
});
