import { request, type OutgoingHttpHeaders } from 'node:http';
import { json } from 'node:stream/consumers';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import {
  ClientSecretBasic,
  ClientSecretPost,
  clientCredentialsGrantRequest,
  processClientCredentialsResponse,
  validateJwtAccessToken,
} from 'oauth4webapi';
import { eventually } from '../support/eventually.js';
import {
  answerOf,
  basic,
  basicOf,
  behindProxy,
  discover,
  expectOAuthHeaders,
  expectRefusal,
  inBody,
  insecurely,
  post,
  requestToken,
  type Form,
  type OAuthAnswer,
} from '../support/oauth.js';
import { ask } from '../support/operations.js';
import { aDeletedApp, aDisabledApp, anApp, type AppScenario } from '../support/scenarios.js';
import type { Service } from '../support/service.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promises (oauth.md): RFC 6749, sections 2.3.1, 3.2, 4.4, 5; RFC 9068. */

const AUDIENCE = 'https://api.example.com';
const GRANT = { grant_type: 'client_credentials' };
const TOKEN = '/oauth/token';

let stage: Stage;
/** Another instance of the same service with settings of its own. */
let configured: Service;
let ada: string;
let app: AppScenario;

beforeAll(async () => {
  stage = await startStage(behindProxy);
  configured = await stage.another({
    ...behindProxy,
    ROLES: 'api',
    PUBLIC_URL: stage.service.url,
    ACCESS_TOKEN_ALGORITHM: 'RS256',
    ACCESS_TOKEN_AUDIENCE: AUDIENCE,
    ACCESS_TOKEN_LIFETIME: 'PT2M',
  });
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  app = await anApp(stage.service, ada);
});

afterAll(() => stage.close());

const ask200 = async (form: Form, headers?: Record<string, string>) => {
  const answer = await post(stage.service, TOKEN, form, headers);
  expect(answer).toMatchObject({ status: 200, body: { token_type: 'Bearer' } });
  return answer;
};

const bearing = (token: string) => new Request(stage.service.url, { headers: { authorization: `Bearer ${token}` } });

describe('200', () => {
  it.each([
    ['the header', ClientSecretBasic],
    ['the body', ClientSecretPost],
  ] as const)('an app gets an access token with its credentials in %s', async (_where, method) => {
    const server = await discover(stage.service);
    const client = { client_id: app.clientId };
    const response = await clientCredentialsGrantRequest(server, client, method(app.clientSecret), {}, insecurely);
    expectOAuthHeaders(await answerOf(response.clone()));
    const answer = await processClientCredentialsResponse(server, client, response);
    expect(answer).toEqual({ access_token: expect.any(String), token_type: 'bearer', expires_in: 600 });

    const claims = await validateJwtAccessToken(server, bearing(answer.access_token), stage.service.url, insecurely);
    expect(claims).toEqual({
      iss: stage.service.url,
      aud: stage.service.url,
      sub: app.clientId,
      client_id: app.clientId,
      jti: expect.stringMatching(/^[0-9a-f-]{36}$/),
      iat: expect.any(Number),
      exp: claims.iat + 600,
      tenant_id: 'demo',
      generation: 0,
    });
    expect(decodeProtectedHeader(answer.access_token)).toMatchObject({ alg: 'ES256', typ: 'at+jwt' });
  });

  it('signs, addresses and dates an access token as the settings say', async () => {
    const { body } = await requestToken(configured, app);
    expect(body.expires_in).toBe(120);
    const server = await discover(stage.service);
    const claims = await validateJwtAccessToken(server, bearing(body.access_token), AUDIENCE, insecurely);
    expect(claims.exp - claims.iat).toBe(120);
    expect(decodeProtectedHeader(body.access_token)).toMatchObject({ alg: 'RS256', typ: 'at+jwt' });
    expect((await requestToken(configured, app, { audience: AUDIENCE, resource: AUDIENCE })).status).toBe(200);
  });

  it.each<[string, () => Form]>([
    ['the audience that it would have anyway', () => ({ ...GRANT, audience: stage.service.url })],
    ['its resource', () => ({ ...GRANT, resource: stage.service.url })],
    ['parameters that nobody knows', () => ({ ...GRANT, x: '1', client_assertion_type: 'x', 'a b': '%' })],
    ['empty parameters, which are like none', () => ({ ...GRANT, scope: '', audience: '', client_secret: '', y: '' })],
    ['its own id in the body too', () => ({ ...GRANT, client_id: app.clientId })],
  ])('with %s', async (_what, form) => {
    await ask200(form(), basic(app));
  });

  it.each<[string, () => Record<string, string>]>([
    ['a charset beside the type', () => ({ 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' })],
    ['the type in capitals', () => ({ 'content-type': 'Application/X-WWW-Form-URLEncoded' })],
    ['"basic"', () => ({ authorization: basic(app).authorization.replace('Basic', 'basic') })],
    [
      'percent-encoding',
      () => basicOf(`${app.clientId.replaceAll('_', '%5F')}:${app.clientSecret.replace('l', '%6c')}`),
    ],
  ])('sent with %s', async (_how, headers) => {
    await ask200(GRANT, { ...basic(app), ...headers() });
  });

  it('with what is harmless in the address', async () => {
    expect((await post(stage.service, `${TOKEN}?trace=1`, GRANT, basic(app))).status).toBe(200);
  });

  it('for both secrets during the overlap of a rotation, and for the new one alone after one without', async () => {
    const first = await anApp(stage.service, ada);
    const rotate = async (overlap: string): Promise<AppScenario> => {
      const { credentials } = await ask(stage.service, ada, 'rotateAppSecret', { id: first.id, overlap });
      return { ...first, clientSecret: credentials.clientSecret };
    };
    const statuses = (...apps: AppScenario[]) =>
      Promise.all(apps.map(async (each) => (await requestToken(stage.service, each)).status));

    const second = await rotate('PT24H');
    expect(await statuses(first, second)).toEqual([200, 200]);
    const third = await rotate('PT0S');
    expect(await statuses(first, second, third)).toEqual([401, 401, 200]);
  });

  it('for an app that is active again', async () => {
    const back = await aDisabledApp(stage.service, ada);
    await ask(stage.service, ada, 'activateApp', { id: back.id });
    const { body } = await requestToken(stage.service, back);
    expect(decodeJwt(body.access_token)['generation']).toBe(1);
  });
});

describe('400', () => {
  it.each<[string, string, () => Form]>([
    ['without a grant type', 'invalid_request', () => ({})],
    ['with an empty grant type', 'invalid_request', () => ({ grant_type: '' })],
    [
      'with a grant type given twice',
      'invalid_request',
      () => 'grant_type=client_credentials&grant_type=client_credentials',
    ],
    ['with an unknown parameter given twice', 'invalid_request', () => 'grant_type=client_credentials&x=1&x=2'],
    ['with another grant type', 'unsupported_grant_type', () => ({ grant_type: 'authorization_code' })],
    ['with a refresh token', 'unsupported_grant_type', () => ({ grant_type: 'refresh_token', refresh_token: 'x' })],
    ['with a grant type in other letters', 'unsupported_grant_type', () => ({ grant_type: 'Client_Credentials' })],
    ['with a scope', 'invalid_scope', () => ({ ...GRANT, scope: 'read' })],
    ['with a scope that is none', 'invalid_scope', () => ({ ...GRANT, scope: '"\\' })],
    ['with another audience', 'invalid_target', () => ({ ...GRANT, audience: 'https://other.example.com' })],
    ['with another resource', 'invalid_target', () => ({ ...GRANT, resource: 'https://other.example.com' })],
    ['with one good and one bad', 'invalid_target', () => ({ ...GRANT, audience: stage.service.url, resource: 'x:y' })],
    ['with the secret in the body too', 'invalid_request', () => ({ ...GRANT, ...inBody(app) })],
    ['with another id in the body', 'invalid_request', () => ({ ...GRANT, client_id: 'lk_app_another' })],
  ])('%s', async (_what, error, form) => {
    const answer = await post(stage.service, TOKEN, form(), basic(app));
    expectRefusal(answer, 400, error);
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it.each(['client_id', 'client_secret', 'grant_type', 'token'])(
    'with %s in the address, which is not shown',
    async (name) => {
      const query = new URLSearchParams({ [name]: app.clientSecret });
      const answer = await post(stage.service, `${TOKEN}?${query.toString()}`, { ...GRANT, ...inBody(app) });
      expectRefusal(answer, 400, 'invalid_request');
      expect(answer.text + JSON.stringify([...answer.headers])).not.toContain(app.clientSecret);
      expect(stage.service.output()).not.toContain(app.clientSecret);
    },
  );

  it.each(['/oauth/token', '/oauth/introspect', '/oauth/revoke'])(
    'for two Authorization headers at %s: whoever passed them on may have looked at the other',
    async (path) => {
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const right = basic(app).authorization;
      for (const authorization of [
        [right, right],
        [right, basicOf('x:y').authorization],
        [right, 'Bearer x'],
      ]) {
        const answer = await sent(
          path,
          { ...type, Authorization: authorization },
          'grant_type=client_credentials&token=x',
        );
        expect(answer).toMatchObject({ status: 400, body: { error: 'invalid_request' } });
      }
    },
  );
});

describe('401', () => {
  const challenge = ({ headers }: OAuthAnswer) => headers.get('www-authenticate');
  const wrong = () => ({ ...app, clientSecret: `lk_sec_${'x'.repeat(49)}` });

  it.each<[string, () => Record<string, string>]>([
    ['a wrong secret', () => basic(wrong())],
    ['an empty secret', () => basicOf(`${app.clientId}:`)],
    ['an empty id', () => basicOf(`:${app.clientSecret}`)],
    ['no colon', () => basicOf(app.clientId + app.clientSecret)],
    ['a colon in the secret', () => basicOf(`${app.clientId}:${app.clientSecret}:`)],
    ['broken base64', () => ({ authorization: `Basic ${app.clientId}:${app.clientSecret}` })],
    ['broken percent-encoding', () => basicOf(`${app.clientId}:%zz`)],
    ['a blank that was a +', () => basicOf(`${app.clientId}:${app.clientSecret}+`)],
    ['NUL', () => basicOf(`${app.clientId}\0:${app.clientSecret}`)],
    ['an id in other letter case', () => basic({ ...app, clientId: app.clientId.toUpperCase() })],
    ['a secret of another app', () => basic({ ...app, clientId: `lk_app_${'0'.repeat(22)}` })],
    ['another scheme', () => ({ authorization: `Bearer ${app.clientSecret}` })],
    ['an empty header', () => ({ authorization: '' })],
  ])('with %s in the header, and a challenge', async (_what, headers) => {
    const answer = await post(stage.service, TOKEN, GRANT, headers());
    expectRefusal(answer, 401, 'invalid_client');
    expect(challenge(answer)).toMatch(/^Basic realm="[^"]+"/);
    expect(answer.text).not.toContain(app.clientSecret);
  });

  it.each<[string, () => Record<string, string>]>([
    ['a wrong secret', () => inBody(wrong())],
    ['no secret', () => ({ client_id: app.clientId })],
    ['an empty secret', () => ({ client_id: app.clientId, client_secret: '' })],
    ['the id of the app for that of the client', () => ({ ...inBody(app), client_id: app.id })],
  ])('with %s in the body, and no challenge', async (_what, form) => {
    const answer = await post(stage.service, TOKEN, { ...GRANT, ...form() });
    expectRefusal(answer, 401, 'invalid_client');
    expect(challenge(answer)).toBeNull();
  });

  it('without credentials, whatever else is wrong, and with a challenge that says how', async () => {
    const answer = await post(stage.service, TOKEN, { grant_type: 'password' });
    expectRefusal(answer, 401, 'invalid_client');
    expect(challenge(answer)).toMatch(/^Basic realm=/);
  });

  it('the same, byte for byte, for a wrong secret and for an app that never was, was deleted, or cannot be', async () => {
    const deleted = await aDeletedApp(stage.service, ada);
    const disabled = await aDisabledApp(stage.service, ada);
    const clients = [
      app.clientId,
      `lk_app_${'1'.repeat(22)}`,
      deleted.clientId,
      disabled.clientId,
      'nonsense',
      "'; --",
    ];
    const { clientSecret } = wrong();
    for (const send of [
      (clientId: string) => post(stage.service, TOKEN, GRANT, basic({ clientId, clientSecret })),
      (clientId: string) => post(stage.service, TOKEN, { ...GRANT, ...inBody({ clientId, clientSecret }) }),
    ]) {
      const answers = (await Promise.all(clients.map(send))).map(({ status, text, headers }) => ({
        status,
        text,
        headers: [...headers].filter(([name]) => name !== 'date' && name !== 'x-correlation-id'),
      }));
      for (const answer of answers) expect(answer).toEqual(answers[0]);
    }
    expectRefusal(await requestToken(stage.service, deleted), 401, 'invalid_client');
  });

  it('for an app that is disabled, which is on the audit trail', async () => {
    const disabled = await aDisabledApp(stage.service, ada);
    expectRefusal(await requestToken(stage.service, disabled), 401, 'invalid_client');
    const [entry] = await denialsOf(disabled.clientId, 1);
    expect(entry).toMatchObject({
      targetId: disabled.id,
      details: { operation: 'requestAccessToken', code: 'APP_DISABLED' },
    });
  });
});

describe('405', () => {
  it.each(['GET', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('for %s', async (method) => {
    const body = method === 'PUT' ? { body: '{}', headers: { 'content-type': 'application/json' } } : {};
    const answer = await answerOf(await fetch(stage.service.url + TOKEN, { method, ...body }));
    expectRefusal(answer, 405, 'invalid_request');
    expectOAuthHeaders(answer);
    expect(answer.headers.get('allow')).toBe('POST');
  });
});

describe('413', () => {
  it('for a body of a megabyte', async () => {
    const answer = await post(stage.service, TOKEN, { ...GRANT, x: 'x'.repeat(1_000_000) }, basic(app));
    expectRefusal(answer, 413, 'invalid_request');
  });
});

describe('415', () => {
  it.each([
    'application/json',
    'multipart/form-data; boundary=x',
    'text/plain',
    'application/x-www-form-urlencodedx',
    'x',
  ])('for %s', async (type) => {
    const body = type.includes('json') ? JSON.stringify(GRANT) : new URLSearchParams(GRANT).toString();
    expectRefusal(
      await post(stage.service, TOKEN, body, { ...basic(app), 'content-type': type }),
      415,
      'invalid_request',
    );
  });

  it('or 400 for a body of no type, and for no body', async () => {
    expect(await sent(TOKEN, basic(app), 'grant_type=client_credentials')).toMatchObject({ status: 415 });
    expect(await sent(TOKEN, basic(app), '')).toMatchObject({ status: 400 });
  });
});

describe('429', () => {
  it('for a burst of wrong secrets, while the right one works', async () => {
    const target = await anApp(stage.service, ada);
    const wrong = { ...target, clientSecret: `lk_sec_${'x'.repeat(49)}` };
    const guess = () => post(configured, TOKEN, GRANT, basic(wrong));
    const guesses = Array.from({ length: 15 }, guess);
    const right = requestToken(configured, target);
    const answers = await Promise.all([...guesses, ...Array.from({ length: 15 }, guess)]);
    expect((await right).status).toBe(200);
    expect((await requestToken(configured, target)).status).toBe(200);

    const limited = answers.filter(({ status }) => status === 429);
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(20);
    expect(limited).toHaveLength(10);
    for (const answer of limited) {
      expectRefusal(answer, 429, 'temporarily_unavailable');
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(50);
      expect(answer.headers.get('www-authenticate')).toBeNull();
    }
    const metrics = await (await fetch(`${configured.url}/metrics`)).text();
    expect(metrics).toContain('latchkey_client_authentications_total{outcome="refused"} 20');
    expect(metrics).toContain('latchkey_client_authentications_total{outcome="limited"} 10');

    // What of the burst was not in the first half second is written after a minute, or when the process stops.
    await configured.stop();
    const entries = await denialsOf(target.clientId, 30);
    expect(entries.length).toBeLessThanOrEqual(2);
    expect(entries.reduce((sum, { details }) => sum + details.count, 0)).toBe(30);
    expect(entries[0]).toMatchObject({
      actor: { kind: 'APP', id: target.clientId },
      targetType: 'APP',
      targetId: target.id,
      details: { operation: 'requestAccessToken', code: 'UNAUTHENTICATED' },
    });
  });
});

describe('503', () => {
  it('while the apps are being read anew, and then no more', async () => {
    const mark = (isWhole: boolean) =>
      stage.database.query(`update read.checkpoints set is_whole = $1 where name = 'apps'`, [isWhole]);
    await mark(false);
    const answer = await requestToken(stage.service, app).finally(() => mark(true));
    expectRefusal(answer, 503, 'temporarily_unavailable');
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await requestToken(stage.service, app)).status).toBe(200);
  });
});

type Denial = { actor: object; targetId: string; details: { operation: string; code: string; count: number } };

/** The refusals of one app, once they add up. */
async function denialsOf(actorId: string, total: number): Promise<Denial[]> {
  const nodes = async (): Promise<Denial[]> =>
    (await ask(stage.service, ada, 'auditTrail', { filter: { actorId, actions: ['AccessDenied'] } })).nodes;
  return eventually(nodes, (entries) => entries.reduce((sum, { details }) => sum + details.count, 0) >= total);
}

/** As `fetch` would not send it: without a content type, with a header twice. */
function sent(path: string, headers: OutgoingHttpHeaders, text: string): Promise<{ status?: number; body: any }> {
  return new Promise((resolve, reject) => {
    const outgoing = request(stage.service.url + path, { method: 'POST', headers });
    outgoing.on('error', reject);
    outgoing.on('response', (response) => {
      json(response).then((body) => resolve({ status: response.statusCode, body }), reject);
    });
    outgoing.end(text);
  });
}
