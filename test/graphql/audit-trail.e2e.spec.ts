import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from '../support/operations.js';
import { anApp, anExpiredToken, aToken, type AppScenario, type TokenScenario } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (design, sections 1 and 3): who did what, when, from where. */

type Entry = { id: string; at: string; action: string; position: string; actor: { id: string }; details: object };

let stage: Stage;
let dev: string;
let ada: string;
let aud: string;
let app: AppScenario;
let token: TokenScenario;
let dueToken: TokenScenario;
let secretIds: string[];

/** One of everything, in this order. */
const story = [
  'AppAdded',
  'AppCredentialsViewed',
  'AppSecretRotated',
  'AppPermissionsChanged',
  'AppDisabled',
  'AppActivated',
  'AppDeleted',
  'TokenCreated',
  'TokenRevoked',
  'TokenDeleted',
  'TokenCreated',
  'TokenExpired',
];

beforeAll(async () => {
  // The job stays out of the way: what it does is asked for by hand.
  stage = await startStage({ ROLES: 'api,projector' });
  const { service, issuer } = stage;
  dev = await issuer.token({ id: 'dev' });
  ada = await issuer.token({ id: 'ada', roles: ['administrator'] });
  aud = await issuer.token({ id: 'aud', roles: ['auditor'] });

  app = await anApp(service, dev, { name: 'Payroll', description: 'Pays' });
  await ask(service, dev, 'viewAppCredentials', { id: app.id });
  const { app: rotated } = await ask(service, dev, 'rotateAppSecret', { id: app.id });
  secretIds = rotated.secrets.map(({ id }: { id: string }) => id);
  await ask(service, ada, 'changeAppPermissions', { id: app.id, grant: ['EXPIRE_TOKENS'] });
  await ask(service, ada, 'disableApp', { id: app.id });
  await ask(service, ada, 'activateApp', { id: app.id });
  await ask(service, ada, 'deleteApp', { id: app.id });
  token = await aToken(service, dev, { name: 'Laptop' });
  await ask(service, ada, 'revokeToken', { id: token.id });
  await ask(service, dev, 'deleteToken', { id: token.id });
  dueToken = await anExpiredToken(service, dev, { name: 'Due' });
  await ask(service, ada, 'expireTokens');
});

afterAll(() => stage.close());

const trail = async (variables: object = {}) => ask(stage.service, aud, 'auditTrail', variables);
const entries = async (filter: object = {}): Promise<any[]> => (await trail({ filter, first: 200 })).nodes;
const actions = async (filter: object = {}) => (await entries(filter)).map(({ action }) => action as string);
const newestFirst = (list: string[]) => [...list].reverse();

describe('the audit trail', () => {
  it('has an entry for everything that happened, newest first', async () => {
    expect(await actions()).toEqual(newestFirst(story));
    const page = await trail();
    expect(page.totalCount).toBe(story.length);
    const times = page.nodes.map(({ at }: Entry) => at);
    expect(times).toEqual([...times].sort().reverse());
  });

  it('names the target as it was named, also when it is gone', async () => {
    for (const entry of await entries({ targetId: app.id }))
      expect(entry).toMatchObject({ targetType: 'APP', targetId: app.id, targetName: 'Payroll' });
    for (const entry of await entries({ targetId: token.id }))
      expect(entry).toMatchObject({ targetType: 'TOKEN', targetId: token.id, targetName: 'Laptop' });
  });

  it('names who did it', async () => {
    const [revoked] = await entries({ actions: ['TokenRevoked'] });
    expect(revoked.actor).toEqual({ kind: 'USER', id: 'ada', name: 'Name of ada' });
    const [created] = await entries({ actions: ['TokenCreated'], targetId: token.id });
    expect(created.actor).toEqual({ kind: 'USER', id: 'dev', name: 'Name of dev' });
  });

  it('tells the details of each action, and no secret', async () => {
    const detailsOf = async (action: string) => (await entries({ actions: [action], targetId: app.id }))[0].details;
    expect(await detailsOf('AppAdded')).toEqual({ clientId: app.clientId, description: 'Pays' });
    expect(await detailsOf('AppCredentialsViewed')).toEqual({ secretId: secretIds[0] });
    expect(await detailsOf('AppSecretRotated')).toEqual({
      secretId: secretIds[1],
      hint: expect.any(String),
      expiring: [{ id: secretIds[0], expiresAt: expect.any(String) }],
    });
    expect(await detailsOf('AppPermissionsChanged')).toEqual({ granted: ['EXPIRE_TOKENS'], withdrawn: [] });
    const [created] = await entries({ actions: ['TokenCreated'], targetId: token.id });
    expect(created.details).toEqual({ identifier: token.identifier, expiresAt: expect.any(String) });

    const typed = async (action: string) => (await entries({ actions: [action], targetId: app.id }))[0].typedDetails;
    expect(await typed('AppAdded')).toEqual({ __typename: 'AppAddedDetails', clientId: app.clientId });
    expect(await typed('AppPermissionsChanged')).toMatchObject({ granted: ['EXPIRE_TOKENS'], withdrawn: [] });
    expect(await typed('AppSecretRotated')).toMatchObject({ expiring: [{ id: secretIds[0] }] });
    expect(await typed('AppDeleted')).toBeNull();

    const all = JSON.stringify(await entries());
    for (const secret of [app.clientSecret, token.value, dueToken.value]) expect(all).not.toContain(secret);
    expect(all).not.toMatch(/hash|pepper/i);
  });

  it('tells each entry as a sentence', async () => {
    const [revoked] = await entries({ actions: ['TokenRevoked'] });
    expect(revoked.sentence).toBe('Name of ada (ada) revoked the token "Laptop".');
  });

  it('tells from where, and under which id the caller knows the request', async () => {
    const correlationId = `trace-${randomUUID()}`;
    const answer = await stage.service.graphql(
      dev,
      'mutation { createToken(input: { name: "Traced" }) { token { id } position } }',
      {},
      { 'x-correlation-id': correlationId, 'user-agent': 'spec/1.0 (\u0007bell)'.replace('\u0007', '') },
    );
    expect(answer.headers.get('x-correlation-id')).toBe(correlationId);
    const [entry] = await entries({ targetId: answer.data.createToken.token.id });
    expect(entry).toMatchObject({
      ip: '127.0.0.1',
      userAgent: 'spec/1.0 (bell)',
      correlationId,
      reason: null,
      position: answer.data.createToken.position,
    });
  });

  it.each(['x'.repeat(101), 'a b', 'ä', "'; drop table"])(
    'gives a request that calls itself %j an id of its own',
    async (given) => {
      const answer = await stage.service.graphql(
        dev,
        'mutation { createToken(input: { name: "Odd" }) { token { id } } }',
        {},
        { 'x-correlation-id': given },
      );
      const [entry] = await entries({ targetId: answer.data.createToken.token.id });
      expect(entry.correlationId).not.toBe(given);
      expect(answer.headers.get('x-correlation-id')).toBe(entry.correlationId);
    },
  );

  it('cannot be spoofed by a forwarded address', async () => {
    const answer = await stage.service.graphql(
      dev,
      'mutation { createToken(input: { name: "Spoofed" }) { token { id } } }',
      {},
      { 'x-forwarded-for': '203.0.113.7' },
    );
    const [entry] = await entries({ targetId: answer.data.createToken.token.id });
    expect(entry.ip).toBe('127.0.0.1');
  });
});

describe('the audit trail, filtered', () => {
  it('by actor', async () => {
    expect(await actions({ actorId: 'ada' })).toEqual(
      newestFirst([
        'AppPermissionsChanged',
        'AppDisabled',
        'AppActivated',
        'AppDeleted',
        'TokenRevoked',
        'TokenExpired',
      ]),
    );
    expect(await actions({ actorId: 'ad' })).toEqual([]);
  });

  it('by actions', async () => {
    expect(await actions({ actions: ['AppDisabled', 'AppActivated'] })).toEqual(['AppActivated', 'AppDisabled']);
    expect(await actions({ actions: [] })).toEqual([]);
  });

  it('by the kind of target', async () => {
    expect(new Set(await actions({ targetType: 'APP' }))).toEqual(
      new Set(story.filter((each) => each.startsWith('App'))),
    );
    expect((await actions({ targetType: 'TOKEN' })).every((action) => action.startsWith('Token'))).toBe(true);
  });

  it('by target', async () => {
    expect(await actions({ targetId: token.id })).toEqual(['TokenDeleted', 'TokenRevoked', 'TokenCreated']);
    expect(await actions({ targetId: randomUUID() })).toEqual([]);
  });

  it('by time: from then on, and before then', async () => {
    const [disabled] = await entries({ actions: ['AppDisabled'] });
    const of = { targetId: app.id };
    expect(await actions({ ...of, from: disabled.at })).toEqual(['AppDeleted', 'AppActivated', 'AppDisabled']);
    expect(await actions({ ...of, to: disabled.at })).toEqual(newestFirst(story.slice(0, 4)));
    expect(await actions({ ...of, from: disabled.at, to: disabled.at })).toEqual([]);
    const offset = disabled.at.replace('Z', '+00:00');
    expect(await actions({ ...of, from: offset })).toHaveLength(3);
  });

  it.each([
    ['a name', 'PAYROLL', 7],
    ['an actor', 'name of ada', 6],
    ['nothing', 'nobody ever wrote this', 0],
    ['a wildcard, literally', '%', 0],
  ])('by text: %s', async (_what, text, count) => {
    const page = await trail({ filter: { text } });
    expect(page.totalCount).toBe(count);
    expect(page.nodes).toHaveLength(count);
  });

  it('by text: an address', async () => {
    expect((await actions({ text: '127.0.0', targetId: app.id })).length).toBe(7);
  });

  it('by all at once', async () => {
    const filter = {
      actorId: 'ada',
      actions: ['AppDisabled', 'TokenRevoked'],
      targetType: 'APP',
      targetId: app.id,
      text: 'pay',
    };
    expect(await actions(filter)).toEqual(['AppDisabled']);
  });

  it('by nothing, written as null or empty', async () => {
    const all = await actions();
    expect(
      await actions({
        actorId: null,
        actions: null,
        targetType: null,
        targetId: null,
        from: null,
        to: null,
        text: null,
      }),
    ).toEqual(all);
    expect(await actions({ actorId: '', text: '' })).toEqual(all);
  });
});

describe('the audit trail, page by page', () => {
  it('has each entry once, also while new ones come', async () => {
    const before = (await entries()).map(({ id }) => id as string);
    const read: string[] = [];
    for (let after: string | null = null, more = true; more;) {
      const page: any = await trail({ first: 5, after });
      read.push(...page.nodes.map(({ id }: Entry) => id));
      after = page.pageInfo.endCursor;
      more = page.pageInfo.hasNextPage;
      await aToken(stage.service, dev);
      await sleep(1);
    }
    expect(read).toEqual(before);
  });
});
