import { calculateJwkThumbprint, decodeJwt, exportJWK, generateKeyPair, SignJWT } from 'jose';
import { ClientSecretBasic, ClientSecretPost, processRevocationResponse, revocationRequest } from 'oauth4webapi';
import { newSecret } from '../../src/secrets/format.js';
import {
  anAccessToken,
  anAppWith,
  answerOf,
  basic,
  basicOf,
  behindProxy,
  discover,
  expectOAuthHeaders,
  expectRefusal,
  inBody,
  insecurely,
  introspect,
  post,
} from '../support/oauth.js';
import { ask, send } from '../support/operations.js';
import { anApp, aRevokedToken, aToken, type AppScenario } from '../support/scenarios.js';
import type { Service } from '../support/service.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (oauth.md): RFC 7009; what a client has given up is refused from the answer on, by every instance. */

const REVOKE = '/oauth/revoke';

let stage: Stage;
let service: Service;
let other: Service;
let ada: string;
let dev: string;
let app: AppScenario;
let caller: AppScenario;

beforeAll(async () => {
  stage = await startStage(behindProxy);
  ({ service } = stage);
  other = await stage.another({ ...behindProxy, ROLES: 'api', PUBLIC_URL: service.url });
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  dev = await stage.issuer.token({ id: 'dev' });
  app = await anAppWith(service, ada, 'EXPIRE_TOKENS');
  caller = await anAppWith(service, ada, 'INTROSPECT_TOKENS');
});

afterAll(() => stage.close());

const revoke = (token: string, client = app, more: Record<string, string> = {}, at = service) =>
  post(at, REVOKE, { token, ...more }, basic(client));
const isActive = async (token: string, at = service) => (await introspect(at, caller, token)).body.active as boolean;

describe('200', () => {
  it.each([
    ['the header', ClientSecretBasic],
    ['the body', ClientSecretPost],
  ] as const)('a client library revokes with its credentials in %s', async (_where, method) => {
    const token = await anAccessToken(service, app);
    const server = await discover(service);
    const client = { client_id: app.clientId };
    const response = await revocationRequest(server, client, method(app.clientSecret), token, insecurely);
    const answer = await answerOf(response.clone());
    expectOAuthHeaders(answer);
    expect(answer).toMatchObject({ status: 200, text: '' });
    await processRevocationResponse(response);
    expect(await isActive(token)).toBe(false);
  });

  it('is in force at once, everywhere, for introspection and for GraphQL, and touches no other token', async () => {
    const [token, another] = [await anAccessToken(service, app), await anAccessToken(service, app)];
    const expire = (bearer: string, at: Service) => send(at, bearer, 'expireTokens', { input: {} });
    expect([await isActive(token, other), (await expire(token, other)).status]).toEqual([true, 200]);

    expect((await revoke(token)).status).toBe(200);
    expect([await isActive(token, other), await isActive(token)]).toEqual([false, false]);
    for (const at of [service, other]) {
      const answer = await expire(token, at);
      expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
      expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
    }
    expect([await isActive(another), (await expire(another, other)).errors]).toEqual([true, undefined]);
  });

  it('of what the other instance issued', async () => {
    const token = await anAccessToken(other, app);
    expect((await revoke(token)).status).toBe(200);
    expect(await isActive(token, other)).toBe(false);
  });

  it('twice, and fifty times at once', async () => {
    const token = await anAccessToken(service, app);
    const answers = await Promise.all(
      Array.from({ length: 50 }, (_, index) => revoke(token, app, {}, index % 2 ? service : other)),
    );
    expect(new Set(answers.map(({ status, text }) => `${status}${text}`))).toEqual(new Set(['200']));
    expect((await revoke(token)).status).toBe(200);
    expect(await isActive(token)).toBe(false);
  });

  it.each(['access_token', 'refresh_token', 'nonsense', ''])(
    'whatever the hint says: "%s"',
    async (token_type_hint) => {
      const token = await anAccessToken(service, app);
      expect((await revoke(token, app, { token_type_hint })).status).toBe(200);
      expect(await isActive(token)).toBe(false);
    },
  );

  it.each<[string, () => Promise<string> | string]>([
    ['never was', () => newSecret('lk_pat_')],
    ['is garbage', () => 'garbage'],
    ['holds NUL', () => 'a\0b'],
    ['is revoked already', async () => (await aRevokedToken(service, dev)).value],
    ['belongs to a user', () => dev],
  ])('for a token that %s', async (_what, make) => {
    expect(await revoke(await make())).toMatchObject({ status: 200, text: '' });
  });

  it("for another tenant's token, which stays as it is", async () => {
    const otherAda = await stage.issuer.token({ id: 'ada', tenant: 'other', roles: ['administrator'] });
    const stranger = await anApp(service, otherAda);
    const [token, { value }] = [await anAccessToken(service, app), await aToken(service, dev)];
    for (const text of [token, value]) {
      expect(await revoke(text, stranger)).toMatchObject({ status: 200, text: '' });
      expect(await isActive(text)).toBe(true);
    }
  });
});

describe('400', () => {
  it('for a token of another client, which still holds', async () => {
    const token = await anAccessToken(service, app);
    expectRefusal(await revoke(token, caller), 400, 'unauthorized_client');
    expect(await isActive(token)).toBe(true);
  });

  it.each(['', 'access_token'])(
    'for a personal access token, which still holds (hint "%s")',
    async (token_type_hint) => {
      const { value } = await aToken(service, dev);
      expectRefusal(await revoke(value, app, { token_type_hint }), 400, 'unauthorized_client');
      expect(await isActive(value)).toBe(true);
    },
  );

  it.each<[string, () => Record<string, string> | string]>([
    ['without a token', () => ({ token_type_hint: 'access_token' })],
    ['with an empty token', () => ({ token: '' })],
    ['with a token given twice', () => 'token=a&token=b'],
    ['with two ways to authenticate', () => ({ token: 'a', ...inBody(app) })],
  ])('%s', async (_what, form) => {
    expectRefusal(await post(service, REVOKE, form(), basic(app)), 400, 'invalid_request');
  });

  it('with the token in the address, which still holds', async () => {
    const token = await anAccessToken(service, app);
    expectRefusal(await post(service, `${REVOKE}?token=${token}`, { token }, basic(app)), 400, 'invalid_request');
    expect(await isActive(token)).toBe(true);
    expect(service.output()).not.toContain(token);
  });
});

describe('401', () => {
  it.each<[string, () => Record<string, string>]>([
    ['without credentials', () => ({})],
    ['with a wrong secret', () => basicOf(`${app.clientId}:wrong`)],
    ['with the token as bearer', () => ({ authorization: 'Bearer x' })],
  ])('%s, and the token still holds', async (_what, headers) => {
    const token = await anAccessToken(service, app);
    expectRefusal(await post(service, REVOKE, { token }, headers()), 401, 'invalid_client');
    expect(await isActive(token)).toBe(true);
  });
});

describe('405, 413, 415', () => {
  it('for GET, and the token still holds', async () => {
    const token = await anAccessToken(service, app);
    const response = await fetch(`${service.url}${REVOKE}?token=${token}`, { headers: basic(app) });
    expect(response.headers.get('allow')).toBe('POST');
    expectRefusal(await answerOf(response), 405, 'invalid_request');
    expect(await isActive(token)).toBe(true);
  });

  it('for a megabyte, and for JSON', async () => {
    expectRefusal(await revoke('a'.repeat(1_000_000)), 413, 'invalid_request');
    const headers = { ...basic(app), 'content-type': 'application/json' };
    expectRefusal(await post(service, REVOKE, '{"token":"a"}', headers), 415, 'invalid_request');
  });
});

describe('503', () => {
  it('for a token of a key that was published elsewhere a moment ago: 200 would promise too much', async () => {
    const { publicKey, privateKey } = await generateKeyPair('ES256');
    const kid = await calculateJwkThumbprint(await exportJWK(publicKey));
    const claims = decodeJwt(await anAccessToken(service, app));
    const signed = (change: object = {}) =>
      new SignJWT({ ...claims, ...change }).setProtectedHeader({ alg: 'ES256', typ: 'at+jwt', kid }).sign(privateKey);

    const answer = await revoke(await signed());
    expectRefusal(answer, 503, 'temporarily_unavailable');
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    for (const change of [{ exp: Math.floor(Date.now() / 1_000) - 1 }, { iss: 'https://elsewhere.example' }])
      expect((await revoke(await signed(change))).status).toBe(200);
  });

  it('while it cannot be known whose the token is, and the token still holds', async () => {
    const token = await anAccessToken(service, app);
    const mark = (isWhole: boolean) =>
      stage.database.query(`update read.checkpoints set is_whole = $1 where name = 'apps'`, [isWhole]);
    await mark(false);
    const answer = await revoke(token).finally(() => mark(true));
    expectRefusal(answer, 503, 'temporarily_unavailable');
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect(await isActive(token)).toBe(true);
  });
});

// The last one: it stops an instance, which then writes what it has seen.
describe('the last use', () => {
  it('is known of an app that authenticated or bore its token, and of a token that was asked about', async () => {
    const [asking, asked, bearing] = [
      await anAppWith(service, ada, 'INTROSPECT_TOKENS'),
      await anApp(service, ada),
      await anAppWith(service, ada, 'EXPIRE_TOKENS'),
    ];
    const { id, value } = await aToken(service, dev);
    const [aboutApp, bearer] = [await anAccessToken(service, asked), await anAccessToken(service, bearing)];
    await introspect(other, asking, value);
    await introspect(other, asking, aboutApp);
    await send(other, bearer, 'expireTokens', { input: {} });
    await other.stop();

    const seen = await Promise.all([
      ask(service, dev, 'token', { id }),
      ...[asking, asked, bearing].map((each) => ask(service, ada, 'app', { id: each.id })),
    ]);
    for (const { lastUsedAt } of seen) expect(Date.now() - Date.parse(lastUsedAt)).toBeLessThan(120_000);
  });
});
