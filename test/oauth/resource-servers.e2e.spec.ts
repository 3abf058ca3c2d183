import { readFile } from 'node:fs/promises';
import { newSecret } from '../../src/secrets/format.js';
import { ask } from '../support/operations.js';
import { anApp, aToken, type AppScenario } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';
import {
  endApis,
  membersTold,
  startApi as startApiOf,
  writeFilesOf,
  type Api,
  type Find,
  type Framework,
} from './page-apis.js';
import { answering, NEVER, startUnclearLatchkey, type UnclearLatchkey } from './unclear-latchkey.js';

/** The code of docs/resource-servers.md, run as it stands there beside a Latchkey. */

const CHALLENGE = 'Bearer realm="api"';
const REFUSED = { status: 401, challenge: `${CHALLENGE}, error="invalid_token"`, retryAfter: null };
const UNANSWERED = { status: 503, challenge: null, retryAfter: '5' };
const FRAMEWORKS: Framework[] = ['express', 'fastify'];

let page: string;
let directory: string;
let stage: Stage;
let ada: string;
let dev: string;
let settings: Record<string, string>;
const apis = {} as Record<Framework, { introspect: Api; verify: Api }>;

beforeAll(async () => {
  page = await readFile('docs/resource-servers.md', 'utf8');
  directory = await writeFilesOf(page);
  stage = await startStage();
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  dev = await stage.issuer.token({ id: 'dev' });
  settings = { LATCHKEY_URL: stage.service.url, ...(await prepare()) };
  const start = async (framework: Framework) => {
    const [introspect, verify] = await Promise.all([startApi(framework, 'introspect'), startApi(framework, 'verify')]);
    apis[framework] = { introspect, verify };
  };
  await Promise.all(FRAMEWORKS.map(start));
});

afterAll(async () => {
  await endApis();
  await stage.close();
});

const startApi = (framework: Framework, find: Find, more: Record<string, string> = {}) =>
  startApiOf(directory, framework, find, { ...settings, ...more });

/** Sends the mutations of the page. */
async function prepare() {
  const [add = '', grant = ''] = page.match(/^mutation .+$/gm) ?? [];
  const { app, credentials } = (await stage.service.graphql(dev, add)).data.addApp;
  const { data } = await stage.service.graphql(ada, grant.replace('<id>', app.id));
  expect(data.changeAppPermissions.app.permissions).toEqual(['INTROSPECT_TOKENS']);
  return { LATCHKEY_CLIENT_ID: credentials.clientId, LATCHKEY_CLIENT_SECRET: credentials.clientSecret };
}

async function post(path: string, { clientId, clientSecret }: AppScenario, form: Record<string, string>) {
  const authorization = `Basic ${Buffer.from(`${clientId}:${clientSecret}`).toString('base64')}`;
  const body = new URLSearchParams(form);
  const response = await fetch(`${stage.service.url}${path}`, { method: 'POST', headers: { authorization }, body });
  expect(response.status).toBe(200);
  return response.text();
}

async function anAccessToken(app: AppScenario): Promise<string> {
  return JSON.parse(await post('/oauth/token', app, { grant_type: 'client_credentials' })).access_token;
}

const disable = ({ id }: AppScenario) => ask(stage.service, dev, 'disableApp', { id });
const revoke = (id: string) => ask(stage.service, dev, 'revokeToken', { id });

/** Changes one character in the middle of a part. */
function tampered(jwt: string, part: number): string {
  const parts = jwt.split('.');
  const text = parts[part]!;
  const at = Math.floor(text.length / 2);
  parts[part] = text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);
  return parts.join('.');
}

describe.each(FRAMEWORKS)('an API on %s that introspects', (framework) => {
  let api: Api;
  beforeAll(() => {
    api = apis[framework].introspect;
  });

  it('knows a user by a personal access token', async () => {
    const { value, identifier } = await aToken(stage.service, dev);
    const credential = await api.credential(value);
    expect(credential).toMatchObject({ kind: 'personal_access_token', sub: 'dev', jti: identifier, tenant_id: 'demo' });
    expect(Object.keys(credential).sort()).toEqual(membersTold(page, 1));
  });

  it('knows an app by an access token', async () => {
    const app = await anApp(stage.service, dev);
    const credential = await api.credential(await anAccessToken(app));
    const clientId = app.clientId;
    expect(credential).toMatchObject({ kind: 'access_token', sub: clientId, client_id: clientId, tenant_id: 'demo' });
    expect(Object.keys(credential).sort()).toEqual(membersTold(page, 2));
  });

  it('refuses a personal access token as soon as it is revoked', async () => {
    const { id, value } = await aToken(stage.service, dev);
    await api.credential(value);
    await revoke(id);
    expect(await api.told(value)).toEqual(REFUSED);
  });

  it('refuses the access token of an app as soon as that is disabled', async () => {
    const app = await anApp(stage.service, dev);
    const token = await anAccessToken(app);
    await api.credential(token);
    await disable(app);
    expect(await api.told(token)).toEqual(REFUSED);
  });

  it('refuses an access token as soon as it is revoked', async () => {
    const app = await anApp(stage.service, dev);
    const token = await anAccessToken(app);
    await post('/oauth/revoke', app, { token });
    expect(await api.told(token)).toEqual(REFUSED);
  });

  it('refuses the credentials of another tenant', async () => {
    const { value } = await aToken(stage.service, await stage.issuer.token({ id: 'eve', tenant: 'other' }));
    expect(await api.told(value)).toEqual(REFUSED);
  });

  it.each([
    ['a word', 'nonsense'],
    ['three parts', 'a.b.c'],
    ['as long as can be', '='.repeat(4_096)],
    ['a personal access token that nobody made', newSecret('lk_pat_')],
  ])('refuses nonsense: %s', async (_, token) => {
    expect(await api.told(token)).toEqual(REFUSED);
  });

  it.each<[string, Record<string, string>]>([
    ['no header', {}],
    ['another scheme', { authorization: 'Basic YTpi' }],
    ['no token in it', { authorization: 'Bearer' }],
    ['what cannot be a token', { authorization: 'Bearer two words' }],
    ['more than any token', { authorization: `Bearer ${'a'.repeat(4_097)}` }],
  ])('asks for a token when there is %s, without an error code', async (_, headers) => {
    expect(await api.withHeaders(headers)).toEqual({ status: 401, challenge: CHALLENGE, retryAfter: null });
  });
});

describe.each(FRAMEWORKS)('an API on %s that verifies locally', (framework) => {
  let api: Api;
  beforeAll(() => {
    api = apis[framework].verify;
  });

  it('knows an app by an access token', async () => {
    const app = await anApp(stage.service, dev);
    const credential = await api.credential(await anAccessToken(app));
    expect(credential).toMatchObject({ kind: 'access_token', client_id: app.clientId, tenant_id: 'demo' });
    const members = membersTold(page, 2).filter((name) => name !== 'active' && name !== 'token_type');
    expect(Object.keys(credential)).toEqual(expect.arrayContaining(members));
  });

  it('refuses a personal access token', async () => {
    expect(await api.told((await aToken(stage.service, dev)).value)).toEqual(REFUSED);
  });

  it.each([0, 1, 2])('refuses an access token that was changed in part %i', async (part) => {
    const token = await anAccessToken(await anApp(stage.service, dev));
    expect(await api.told(tampered(token, part))).toEqual(REFUSED);
  });

  it('refuses what another issuer has signed', async () => {
    expect(await api.told(await stage.issuer.token({ id: 'dev' }))).toEqual(REFUSED);
  });

  it('goes on taking the access tokens of a disabled app, and one that was revoked: the limit of it', async () => {
    const app = await anApp(stage.service, dev);
    const [first, second] = [await anAccessToken(app), await anAccessToken(app)];
    await post('/oauth/revoke', app, { token: first });
    await disable(app);
    await api.credential(first);
    await api.credential(second);
  });
});

describe('an API that verifies for an audience of its own', () => {
  it('refuses an access token for another one', async () => {
    const api = await startApi('fastify', 'verify', { LATCHKEY_AUDIENCE: 'https://other.example.com' });
    expect(await api.told(await anAccessToken(await anApp(stage.service, dev)))).toEqual(REFUSED);
  });
});

describe('an API that does both', () => {
  it('knows both kinds, refuses the forged, and learns of a stop at once', async () => {
    const api = await startApi('fastify', 'both');
    const app = await anApp(stage.service, dev);
    const token = await anAccessToken(app);
    await api.credential((await aToken(stage.service, dev)).value);
    await api.credential(token);
    expect(await api.told(tampered(token, 2))).toEqual(REFUSED);
    await disable(app);
    expect(await api.told(token)).toEqual(REFUSED);
  });
});

describe('a Latchkey that gives no clear answer', () => {
  let stub: UnclearLatchkey;
  beforeAll(async () => {
    stub = await startUnclearLatchkey();
  });
  afterAll(() => stub.stop());

  const yes = '{"active":true}';

  it('lets nobody through', async () => {
    const unclear = [
      ...[201, 302, 400, 401, 403, 413, 429, 500, 503].map((status) => answering(status, yes)),
      ...['', 'ok', 'null', '[]', '{}', '{"active":"true"}', '{"active":1}'].map((body) => answering(200, body)),
      NEVER,
    ];
    const check = async (framework: Framework) => {
      const api = await startApi(framework, 'introspect', { LATCHKEY_URL: stub.url });
      expect(await api.credential(answering(200, yes))).toEqual({ active: true });
      expect(await Promise.all(unclear.map(api.told))).toEqual(unclear.map(() => UNANSWERED));
      for (const token of unclear.slice(0, -1)) expect(api.printed()).not.toContain(token);
    };
    await Promise.all(FRAMEWORKS.map(check));
  });

  it('is asked over one connection, again and again', async () => {
    const api = await startApi('express', 'introspect', { LATCHKEY_URL: stub.url });
    const before = stub.connections();
    for (let asked = 0; asked < 10; asked += 1) await api.credential(answering(200, yes));
    expect(stub.connections() - before).toBe(1);
  });

  it('lets nobody through whose token needs its keys', async () => {
    const api = await startApi('fastify', 'verify', { LATCHKEY_URL: stub.url });
    expect(await api.told(await stage.issuer.token({ id: 'dev' }))).toEqual(UNANSWERED);
  });
});

// The last one of the file: it stops what the others ask.
describe('a Latchkey that has stopped', () => {
  it('leaves nothing but what is verified by known keys, and what is mistyped', async () => {
    const { value } = await aToken(stage.service, dev);
    const token = await anAccessToken(await anApp(stage.service, dev));
    const { express, fastify } = apis;
    await fastify.verify.credential(token);
    const late = await startApi('express', 'verify');
    await stage.service.stop();

    for (const api of [express.introspect, fastify.introspect]) {
      expect(await api.told(value)).toEqual(UNANSWERED);
      expect(await api.told(token)).toEqual(UNANSWERED);
      expect(await api.told(value.slice(0, -1) + (value.endsWith('0') ? '1' : '0'))).toEqual(REFUSED);
    }
    await fastify.verify.credential(token);
    expect(await late.told(token)).toEqual(UNANSWERED);
  });
});
