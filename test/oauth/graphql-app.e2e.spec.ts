import { randomUUID } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { latchkey } from '../support/command-line.js';
import { eventually } from '../support/eventually.js';
import { anAccessToken, anAppWith, behindProxy } from '../support/oauth.js';
import { ask, documents, send, type OperationName } from '../support/operations.js';
import { anApp, anExpiredToken, aToken, type AppScenario } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (design, section 3): an app may do at GraphQL what it was permitted, at this moment, and nothing else. */

let stage: Stage;
let ada: string;
let dev: string;

beforeAll(async () => {
  stage = await startStage(behindProxy);
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  dev = await stage.issuer.token({ id: 'dev' });
});

afterAll(() => stage.close());

const expire = (bearer: string) => send(stage.service, bearer, 'expireTokens', { input: {} });
const trailOf = async ({ clientId }: AppScenario, total: number, filter: object = {}) =>
  eventually(
    async () =>
      (await ask(stage.service, ada, 'auditTrail', { filter: { actorId: clientId, ...filter }, first: 200 })).nodes,
    (entries: any[]) => entries.length >= total,
  );

describe('an app that may expire tokens', () => {
  let app: AppScenario;
  let bearer: string;

  beforeAll(async () => {
    app = await anAppWith(stage.service, ada, 'EXPIRE_TOKENS');
    bearer = await anAccessToken(stage.service, app);
  });

  it('does so in its own tenant, and the audit trail says that it was the app', async () => {
    const { id } = await anExpiredToken(stage.service, dev);
    const stranger = await stage.issuer.token({ id: 'dev', tenant: 'other' });
    const foreign = await aToken(stage.service, stranger);
    const answer = await expire(bearer);
    expect(answer.data.expireTokens).toMatchObject({ expiredCount: 1, stale: false });

    const [entry] = await trailOf(app, 1);
    expect(entry).toMatchObject({
      action: 'TokenExpired',
      actor: { kind: 'APP', id: app.clientId, name: app.name },
      targetType: 'TOKEN',
      targetId: id,
    });
    expect((await ask(stage.service, stranger, 'token', { id: foreign.id })).status).toBe('ACTIVE');
  });

  it('does so from the command line', async () => {
    await anExpiredToken(stage.service, dev);
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-app-'));
    const file = join(folder, 'token');
    await writeFile(file, `${bearer}\n`);
    const args = ['tokens', 'expire', '--url', stage.service.url, '--token-file', file];
    expect(await latchkey([...args, '--json'])).toEqual({
      code: 0,
      signal: null,
      stdout: '{\n  "expiredCount": 1\n}\n',
      stderr: '',
    });
    expect(await latchkey(args)).toMatchObject({ code: 0, stdout: 'Expired: 0.\n' });
    await writeFile(file, dev);
    expect(await latchkey(args)).toMatchObject({ code: 1, stdout: '', stderr: 'You may not use expireTokens.\n' });
    await rm(folder, { recursive: true });
  });

  it('may do nothing else, and each refusal is on the audit trail', async () => {
    const { id } = await aToken(stage.service, dev);
    const target = await anApp(stage.service, ada);
    const ofApp = { input: { id: target.id } };
    const ofToken = { input: { id } };
    const named = { input: { name: 'New' } };
    const variables: Record<Exclude<OperationName, 'expireTokens'>, object> = {
      me: {},
      app: { id: target.id },
      apps: {},
      token: { id },
      tokens: {},
      auditTrail: {},
      auditCheckpoint: {},
      auditInclusionProof: { entryId: target.id },
      auditConsistencyProof: { from: 1, to: 1 },
      projections: {},
      credentialsInUse: {},
      rebuildProjection: { input: { name: 'APPS' } },
      erasePersonalData: { input: { personId: 'dev' } },
      retryParkedStream: { input: { projection: 'APPS', stream: 'latchkey.app-1' } },
      addApp: named,
      viewAppCredentials: ofApp,
      disableApp: ofApp,
      activateApp: ofApp,
      rotateAppSecret: ofApp,
      changeAppPermissions: { input: { id: target.id, grant: ['INTROSPECT_TOKENS'] } },
      deleteApp: ofApp,
      createToken: named,
      revokeToken: ofToken,
      revokeTokensOf: { input: { ownerId: 'dev' } },
      deleteToken: ofToken,
    };
    const operations = (Object.keys(documents) as OperationName[]).filter((name) => name !== 'expireTokens');
    const events = await stage.countEvents();
    const codes = await Promise.all(
      operations.map(async (name) => {
        const { code, data } = await send(stage.service, bearer, name, variables[name]);
        return [name, code, data?.[name] ?? null];
      }),
    );
    expect(codes).toEqual(operations.map((name) => [name, 'FORBIDDEN', null]));
    expect(await stage.countEvents()).toBe(events);

    const denials = await trailOf(app, operations.length, { actions: ['AccessDenied'] });
    expect(denials.map(({ details }) => details.operation).sort()).toEqual([...operations].sort());
    for (const { actor } of denials) expect(actor).toMatchObject({ kind: 'APP', id: app.clientId });
  });

  it('may no more once the permission is withdrawn, and again once it is granted, with the same token', async () => {
    const change = (input: object) => ask(stage.service, ada, 'changeAppPermissions', { id: app.id, ...input });
    await change({ withdraw: ['EXPIRE_TOKENS'] });
    expect((await expire(bearer)).code).toBe('FORBIDDEN');
    await change({ grant: ['EXPIRE_TOKENS'] });
    expect((await expire(bearer)).errors).toBeUndefined();
  });
});

describe('an app without the permission', () => {
  it.each([[[]], [['INTROSPECT_TOKENS']]] as ['INTROSPECT_TOKENS'[]][])('may not expire tokens: %j', async (grant) => {
    const app = await anApp(stage.service, ada);
    if (grant.length > 0) await ask(stage.service, ada, 'changeAppPermissions', { id: app.id, grant });
    expect((await expire(await anAccessToken(stage.service, app))).code).toBe('FORBIDDEN');
  });
});

describe('a bearer token that does not hold', () => {
  const invalid = async (bearer: string) => {
    const answer = await expire(bearer);
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', data: undefined });
    expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  };

  it('is that of an app that was disabled, also once it is active again', async () => {
    const app = await anAppWith(stage.service, ada, 'EXPIRE_TOKENS');
    const bearer = await anAccessToken(stage.service, app);
    await ask(stage.service, ada, 'disableApp', { id: app.id });
    await invalid(bearer);
    await ask(stage.service, ada, 'activateApp', { id: app.id });
    await invalid(bearer);
    expect((await expire(await anAccessToken(stage.service, app))).errors).toBeUndefined();
  });

  it('is that of an app that was deleted', async () => {
    const app = await anAppWith(stage.service, ada, 'EXPIRE_TOKENS');
    const bearer = await anAccessToken(stage.service, app);
    await ask(stage.service, ada, 'deleteApp', { id: app.id });
    await invalid(bearer);
  });

  it('is a personal access token, a client secret, and one that says it is ours', async () => {
    await invalid((await aToken(stage.service, dev)).value);
    await invalid((await anApp(stage.service, ada)).clientSecret);
    await invalid(await stage.issuer.sign({ iss: stage.service.url, jti: randomUUID() }));
  });
});

describe('503', () => {
  it('while it cannot be known whether the token of an app holds; users are not concerned', async () => {
    const bearer = await anAccessToken(stage.service, await anAppWith(stage.service, ada, 'EXPIRE_TOKENS'));
    const mark = (isWhole: boolean) =>
      stage.database.query(`update read.checkpoints set is_whole = $1 where name = 'apps'`, [isWhole]);
    await mark(false);
    const [ofApp, ofUser] = await Promise.all([expire(bearer), send(stage.service, dev, 'me')]).finally(() =>
      mark(true),
    );
    expect(ofApp).toMatchObject({ status: 503, code: 'UNAVAILABLE' });
    expect(ofApp.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(ofUser.status).toBe(200);
    expect((await expire(bearer)).errors).toBeUndefined();
  });
});
