import { randomUUID } from 'node:crypto';
import { ask, send, type OperationName } from '../support/operations.js';
import { aDeletedApp, aDisabledApp, anApp } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

const DAY = 86_400_000;
const SECRET = /^lk_sec_[0-9A-Za-z]{49}$/;

let stage: Stage;
let dev: string;

beforeAll(async () => {
  stage = await startStage();
  dev = await stage.issuer.token({ id: 'dev' });
});

afterAll(() => stage.close());

/** As the administrator where it takes one. */
const admin = () => stage.issuer.token({ id: 'ada', roles: ['administrator'] });
const asDev = (operation: OperationName, variables?: object) => ask(stage.service, dev, operation, variables);
const refusalOf = async (operation: OperationName, input: object) =>
  (await send(stage.service, dev, operation, { input })).code;
const find = (id: string) => asDev('app', { id });
const actionsOn = async (targetId: string): Promise<string[]> =>
  (await ask(stage.service, await admin(), 'auditTrail', { filter: { targetId } })).nodes.map(
    ({ action }: { action: string }) => action,
  );
const until = (moment: string) => new Date(moment).getTime() - Date.now();

describe('an app that is added', () => {
  it('is answered with its credentials, and is in the list that the same client asks for next', async () => {
    const before = Date.now();
    const { app, credentials, position, stale } = await asDev('addApp', { name: 'Billing', description: 'Bills\nall' });
    expect(app).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      clientId: expect.stringMatching(/^lk_app_[0-9A-Za-z]{22}$/),
      name: 'Billing',
      description: 'Bills\nall',
      status: 'ACTIVE',
      permissions: [],
      createdBy: { id: 'dev', name: 'Name of dev' },
      createdAt: app.updatedAt,
      updatedAt: expect.any(String),
      lastUsedAt: null,
      secrets: [
        {
          id: expect.any(String),
          hint: credentials.clientSecret.slice(-4),
          createdAt: app.createdAt,
          expiresAt: null,
        },
      ],
    });
    expect(Math.abs(new Date(app.createdAt).getTime() - before)).toBeLessThan(10_000);
    expect(credentials).toEqual({ clientId: app.clientId, clientSecret: expect.stringMatching(SECRET) });
    expect(position).toEqual(expect.any(String));
    expect(stale).toBe(false);
    expect((await asDev('apps')).nodes[0]).toEqual(app);
    expect(await find(app.id)).toEqual(app);
  });

  it('has an empty description unless one is given', async () => {
    expect((await asDev('addApp', { name: 'Terse' })).app.description).toBe('');
  });

  it('twice under one name is two apps with two secrets', async () => {
    const first = await anApp(stage.service, dev, { name: 'Twin' });
    const second = await anApp(stage.service, dev, { name: 'Twin' });
    expect(second.id).not.toBe(first.id);
    expect(second.clientSecret).not.toBe(first.clientSecret);
  });

  it('keeps its secret out of every query, the log and the read models', async () => {
    const { id, clientSecret } = await anApp(stage.service, dev);
    expect(JSON.stringify([await find(id), await asDev('apps')])).not.toContain(clientSecret);
    expect(stage.service.output()).not.toContain(clientSecret);
    const rows = await stage.database.query('select row_to_json(apps) as row from read.apps where id = $1', [id]);
    expect(JSON.stringify(rows)).not.toContain(clientSecret);
  });
});

describe('an active app', () => {
  it('shows its credentials again, and the viewing is on the audit trail when they are shown', async () => {
    const app = await anApp(stage.service, dev);
    const before = await find(app.id);
    const viewed = await asDev('viewAppCredentials', { id: app.id });
    expect(viewed.credentials).toEqual({ clientId: app.clientId, clientSecret: app.clientSecret });
    expect(viewed).toMatchObject({ app: before, stale: false });
    expect(await actionsOn(app.id)).toEqual(['AppCredentialsViewed', 'AppAdded']);

    await asDev('viewAppCredentials', { id: app.id });
    expect(await actionsOn(app.id)).toEqual(['AppCredentialsViewed', 'AppCredentialsViewed', 'AppAdded']);
  });

  it('is disabled, and at once shown so', async () => {
    const { id } = await anApp(stage.service, dev);
    const { app, stale } = await asDev('disableApp', { id });
    expect({ status: app.status, stale }).toEqual({ status: 'DISABLED', stale: false });
    expect(app.updatedAt > app.createdAt).toBe(true);
    expect(await find(id)).toEqual(app);
    expect((await asDev('apps', { filter: { status: ['DISABLED'] } })).nodes).toContainEqual(app);
  });

  it('is activated without an event', async () => {
    const { id } = await anApp(stage.service, dev);
    const events = await stage.countEvents();
    expect(await asDev('activateApp', { id })).toMatchObject({ app: { status: 'ACTIVE' }, stale: false });
    expect(await stage.countEvents()).toBe(events);
  });

  it('is deleted, and at once gone', async () => {
    const { id } = await anApp(stage.service, dev);
    expect(await asDev('deleteApp', { id })).toEqual({ id, position: expect.any(String), stale: false });
    expect((await send(stage.service, dev, 'app', { id })).code).toBe('NOT_FOUND');
    expect((await asDev('apps', { first: 200 })).nodes.map((app: { id: string }) => app.id)).not.toContain(id);
    expect(await actionsOn(id)).toEqual(['AppDeleted', 'AppAdded']);
  });

  it('gets permissions from an administrator, and loses them', async () => {
    const ada = await admin();
    const { id } = await anApp(stage.service, dev);
    const change = (input: object) => ask(stage.service, ada, 'changeAppPermissions', { id, ...input });

    const granted = await change({ grant: ['EXPIRE_TOKENS', 'INTROSPECT_TOKENS', 'EXPIRE_TOKENS'] });
    expect([...granted.app.permissions].sort()).toEqual(['EXPIRE_TOKENS', 'INTROSPECT_TOKENS']);
    expect(await find(id)).toEqual(granted.app);
    const swapped = await change({ withdraw: ['EXPIRE_TOKENS'] });
    expect(swapped.app.permissions).toEqual(['INTROSPECT_TOKENS']);

    const events = await stage.countEvents();
    expect((await change({ grant: ['INTROSPECT_TOKENS'], withdraw: ['EXPIRE_TOKENS'] })).stale).toBe(false);
    expect((await change({})).app.permissions).toEqual(['INTROSPECT_TOKENS']);
    expect(await stage.countEvents()).toBe(events);
  });
});

describe('a secret that is rotated', () => {
  it('works on for a day beside the new one unless said otherwise', async () => {
    const old = await anApp(stage.service, dev);
    const { app, credentials, stale } = await asDev('rotateAppSecret', { id: old.id });
    expect(stale).toBe(false);
    expect(credentials.clientId).toBe(old.clientId);
    expect(credentials.clientSecret).toMatch(SECRET);
    expect(credentials.clientSecret).not.toBe(old.clientSecret);

    const [former, current] = app.secrets;
    expect(app.secrets).toHaveLength(2);
    expect(former.hint).toBe(old.clientSecret.slice(-4));
    expect(Math.abs(until(former.expiresAt) - DAY)).toBeLessThan(60_000);
    expect(current).toMatchObject({ hint: credentials.clientSecret.slice(-4), expiresAt: null });
    expect(await find(old.id)).toEqual(app);
    const viewed = await asDev('viewAppCredentials', { id: old.id });
    expect(viewed.credentials).toEqual(credentials);
  });

  it('works on as long as is asked', async () => {
    const { id } = await anApp(stage.service, dev);
    const { app } = await asDev('rotateAppSecret', { id, overlap: 'P30D' });
    expect(Math.abs(until(app.secrets[0].expiresAt) - 30 * DAY)).toBeLessThan(60_000);
  });

  it('stops at once with an overlap of 0', async () => {
    const { id } = await anApp(stage.service, dev);
    const { app, credentials, stale } = await asDev('rotateAppSecret', { id, overlap: 'PT0S' });
    expect(stale).toBe(false);
    expect(app.secrets).toMatchObject([{ hint: credentials.clientSecret.slice(-4), expiresAt: null }]);
  });

  it('leaves two live ones at most', async () => {
    const { id } = await anApp(stage.service, dev);
    const second = await asDev('rotateAppSecret', { id });
    const third = await asDev('rotateAppSecret', { id });
    expect(third.app.secrets.map(({ hint }: { hint: string }) => hint)).toEqual(
      [second, third].map(({ credentials }) => credentials.clientSecret.slice(-4)),
    );
  });

  it('is gone from the list once its overlap is over', async () => {
    const { id } = await anApp(stage.service, dev);
    const { app } = await asDev('rotateAppSecret', { id, overlap: 'PT0.7S' });
    expect(app.secrets).toHaveLength(2);
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, until(app.secrets[0].expiresAt)) + 20));
    expect((await find(id)).secrets).toHaveLength(1);
  });
});

describe('a rotation that is refused (promise: the vault keeps nothing of it)', () => {
  const secretsInVault = () =>
    stage.database.query('select tenant_id, app_id, secret_id from vault.client_secrets order by 1, 2, 3');
  const eve = () => stage.issuer.token({ id: 'eve', tenant: 'globex', roles: ['administrator'] });

  it.each([
    ['an app that never was', () => ({ id: randomUUID() }), {}, 'NOT_FOUND'],
    ['a deleted app', () => aDeletedApp(stage.service, dev), {}, 'NOT_FOUND'],
    ['an app of another tenant', async () => anApp(stage.service, await eve()), {}, 'NOT_FOUND'],
    ['a disabled app', () => aDisabledApp(stage.service, dev), {}, 'APP_DISABLED'],
    ['an app for too long an overlap', () => anApp(stage.service, dev), { overlap: 'P31D' }, 'BAD_USER_INPUT'],
  ] as const)('of %s leaves no secret in the vault', async (_what, given, input, code) => {
    const { id } = await given();
    const before = await secretsInVault();
    expect(await refusalOf('rotateAppSecret', { id, ...input })).toBe(code);
    expect(await refusalOf('rotateAppSecret', { id, ...input, idempotencyKey: randomUUID() })).toBe(code);
    expect(await secretsInVault()).toEqual(before);
  });
});

describe('a disabled app', () => {
  it('is disabled again without an event', async () => {
    const { id } = await aDisabledApp(stage.service, dev);
    const events = await stage.countEvents();
    expect(await asDev('disableApp', { id })).toMatchObject({ app: { status: 'DISABLED' }, stale: false });
    expect(await stage.countEvents()).toBe(events);
  });

  it('is activated, and at once shown so', async () => {
    const { id } = await aDisabledApp(stage.service, dev);
    const { app } = await asDev('activateApp', { id });
    expect(app.status).toBe('ACTIVE');
    expect(await find(id)).toEqual(app);
    expect(await actionsOn(id)).toEqual(['AppActivated', 'AppDisabled', 'AppAdded']);
  });

  it('gets no new secret', async () => {
    const { id } = await aDisabledApp(stage.service, dev);
    const before = await find(id);
    expect(await refusalOf('rotateAppSecret', { id })).toBe('APP_DISABLED');
    expect(await find(id)).toEqual(before);
  });

  it('shows its credentials', async () => {
    const app = await aDisabledApp(stage.service, dev);
    const { credentials } = await asDev('viewAppCredentials', { id: app.id });
    expect(credentials.clientSecret).toBe(app.clientSecret);
  });

  it('is deleted', async () => {
    const { id } = await aDisabledApp(stage.service, dev);
    expect((await asDev('deleteApp', { id })).id).toBe(id);
    expect((await send(stage.service, dev, 'app', { id })).code).toBe('NOT_FOUND');
  });
});

describe('a deleted app', () => {
  it.each(['viewAppCredentials', 'disableApp', 'activateApp', 'rotateAppSecret', 'deleteApp'] as const)(
    'is unknown to %s, exactly as one that never was',
    async (operation) => {
      const { id } = await aDeletedApp(stage.service, dev);
      const events = await stage.countEvents();
      const deleted = await send(stage.service, dev, operation, { input: { id } });
      const unknown = await send(stage.service, dev, operation, { input: { id: randomUUID() } });
      expect(deleted.code).toBe('NOT_FOUND');
      expect({ data: deleted.data, errors: deleted.errors }).toEqual({ data: unknown.data, errors: unknown.errors });
      expect(await stage.countEvents()).toBe(events);
    },
  );

  it('leaves no secret in the vault', async () => {
    const { id } = await aDeletedApp(stage.service, dev);
    expect(await stage.database.query('select 1 from vault.client_secrets where app_id = $1', [id])).toEqual([]);
  });
});

describe('a command that is sent again under its idempotency key', () => {
  it('addApp: one app, the same secret', async () => {
    const input = { name: 'Once', description: 'd', idempotencyKey: randomUUID() };
    const first = await asDev('addApp', input);
    const events = await stage.countEvents();
    const again = await asDev('addApp', input);
    expect(again).toEqual(first);
    expect(await stage.countEvents()).toBe(events);
  });

  it('with another input is a conflict', async () => {
    const idempotencyKey = randomUUID();
    const { app } = await asDev('addApp', { name: 'One', idempotencyKey });
    const events = await stage.countEvents();
    expect(await refusalOf('addApp', { name: 'Another', idempotencyKey })).toBe('CONFLICT');
    expect(await refusalOf('addApp', { name: 'One', description: 'more', idempotencyKey })).toBe('CONFLICT');
    expect(await stage.countEvents()).toBe(events);
    expect(await find(app.id)).toEqual(app);
  });

  it('by somebody else is a command of theirs', async () => {
    const input = { name: 'Mine', idempotencyKey: randomUUID() };
    const mine = await asDev('addApp', input);
    const theirs = await ask(stage.service, await stage.issuer.token({ id: 'dev-2' }), 'addApp', input);
    expect(theirs.app.id).not.toBe(mine.app.id);
  });

  it('for another mutation is another command', async () => {
    const idempotencyKey = randomUUID();
    const { app } = await asDev('addApp', { name: 'One', idempotencyKey });
    const disabled = await asDev('disableApp', { id: app.id, idempotencyKey });
    expect(disabled.app.status).toBe('DISABLED');
  });

  it('rotateAppSecret: one rotation, the same secret', async () => {
    const { id } = await anApp(stage.service, dev);
    const input = { id, overlap: 'PT1H', idempotencyKey: randomUUID() };
    const first = await asDev('rotateAppSecret', input);
    expect(await asDev('rotateAppSecret', input)).toEqual(first);
    expect((await find(id)).secrets).toHaveLength(2);
    expect(await refusalOf('rotateAppSecret', { ...input, overlap: 'PT2H' })).toBe('CONFLICT');
  });

  it('viewAppCredentials: one viewing, the same secret', async () => {
    const { id } = await anApp(stage.service, dev);
    const input = { id, idempotencyKey: randomUUID() };
    const first = await asDev('viewAppCredentials', input);
    expect(await asDev('viewAppCredentials', input)).toEqual(first);
    expect(await actionsOn(id)).toEqual(['AppCredentialsViewed', 'AppAdded']);
  });

  it('disableApp: does not disable what was activated since', async () => {
    const { id } = await anApp(stage.service, dev);
    const input = { id, idempotencyKey: randomUUID() };
    await asDev('disableApp', input);
    await asDev('activateApp', { id });
    expect((await asDev('disableApp', input)).app.status).toBe('ACTIVE');
    expect((await find(id)).status).toBe('ACTIVE');
  });

  it('deleteApp: the same answer', async () => {
    const { id } = await anApp(stage.service, dev);
    const input = { id, idempotencyKey: randomUUID() };
    expect(await asDev('deleteApp', input)).toEqual(await asDev('deleteApp', input));
  });

  it('addApp of an app that was deleted since shows neither app nor secret', async () => {
    const input = { name: 'Gone', idempotencyKey: randomUUID() };
    const { app } = await asDev('addApp', input);
    await asDev('deleteApp', { id: app.id });
    expect(await asDev('addApp', input)).toMatchObject({ app: null, credentials: null });
  });

  it('twenty times at once has one effect and one secret', async () => {
    const input = { name: 'Twenty', idempotencyKey: randomUUID() };
    const events = await stage.countEvents();
    const answers = await Promise.all(Array.from({ length: 20 }, () => asDev('addApp', input)));
    expect(await stage.countEvents()).toBe(events + 1);
    expect(new Set(answers.map(({ app }) => app.id)).size).toBe(1);
    expect(new Set(answers.map(({ credentials }) => credentials.clientSecret)).size).toBe(1);
    const viewed = await asDev('viewAppCredentials', { id: answers[0].app.id });
    expect(viewed.credentials).toEqual(answers[0].credentials);
  });
});

describe('many at once', () => {
  it('twenty rotations of one app all happen, one after another', async () => {
    const { id } = await anApp(stage.service, dev);
    const answers = await Promise.all(Array.from({ length: 20 }, () => asDev('rotateAppSecret', { id })));
    expect(new Set(answers.map(({ credentials }) => credentials?.clientSecret)).size).toBeGreaterThan(1);
    expect((await actionsOn(id)).filter((action) => action === 'AppSecretRotated')).toHaveLength(20);
    expect((await find(id)).secrets).toHaveLength(2);
  });
});

describe('the list of apps', () => {
  const names = ['beta', 'Alpha', 'alpha 2', 'Gamma%', 'gamma_x', 'Émile', 'delta'];
  let lister: string;
  let disabledId: string;

  beforeAll(async () => {
    lister = await stage.issuer.token({ id: 'lister', tenant: 'lists' });
    for (const name of names) disabledId = (await anApp(stage.service, lister, { name })).id;
    await anApp(stage.service, await stage.issuer.token({ id: 'another', tenant: 'lists' }), { name: 'of another' });
    await ask(stage.service, lister, 'disableApp', { id: disabledId });
  });

  const list = (variables: object) => ask(stage.service, lister, 'apps', variables);
  const namesOf = ({ nodes }: { nodes: { name: string }[] }) => nodes.map(({ name }) => name);

  it('is newest first unless said otherwise', async () => {
    expect(namesOf(await list({}))).toEqual(['of another', ...[...names].reverse()]);
  });

  it.each(['NAME', 'CREATED_AT', 'UPDATED_AT'] as const)(
    'is sorted by %s in either direction, page by page',
    async (field) => {
      const whole = namesOf(await list({ orderBy: { field, direction: 'ASC' } }));
      expect(whole).toHaveLength(8);
      if (field === 'NAME') expect(whole.slice(0, 3)).toEqual(['Alpha', 'alpha 2', 'beta']);
      if (field === 'UPDATED_AT') expect(whole.at(-1)).toBe('delta');
      expect(namesOf(await list({ orderBy: { field, direction: 'DESC' } }))).toEqual([...whole].reverse());

      const paged: string[] = [];
      for (let after: string | null = null, more = true; more;) {
        const page = await list({ orderBy: { field, direction: 'ASC' }, first: 3, after });
        expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
        paged.push(...namesOf(page));
        after = page.pageInfo.endCursor;
        more = page.pageInfo.hasNextPage;
      }
      expect(paged).toEqual(whole);
    },
  );

  it.each([
    [{ status: ['ACTIVE'] }, 7],
    [{ status: ['DISABLED'] }, 1],
    [{ status: ['ACTIVE', 'DISABLED'] }, 8],
    [{ status: [] }, 0],
    [{ status: null, name: null, createdBy: null }, 8],
    [{ name: 'ALPHA' }, 2],
    [{ name: '%' }, 1],
    [{ name: '_' }, 1],
    [{ name: '\\' }, 0],
    [{ name: '' }, 8],
    [{ createdBy: 'another' }, 1],
    [{ createdBy: 'lister', status: ['DISABLED'], name: 'delta' }, 1],
  ])('with the filter %j has %d', async (filter, count) => {
    const page = await list({ filter });
    expect(page.nodes).toHaveLength(count);
    expect(page.totalCount).toBe(count);
  });

  it('counts all of it on every page', async () => {
    const page = await list({ first: 1 });
    expect(page).toMatchObject({ totalCount: 8, pageInfo: { hasNextPage: true, hasPreviousPage: false } });
    expect(page.pageInfo.startCursor).toBe(page.edges[0].cursor);
  });
});
