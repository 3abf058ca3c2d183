import { createHmac } from 'node:crypto';
import { decodeJwt, generateKeyPair, SignJWT, type JWTPayload } from 'jose';
import {
  ClientSecretBasic,
  ClientSecretPost,
  introspectionRequest,
  processIntrospectionResponse,
  type AuthorizationServer,
} from 'oauth4webapi';
import { newSecret } from '../../src/secrets/format.js';
import { eventually } from '../support/eventually.js';
import {
  anAccessToken,
  anAppWith,
  answerOf,
  aRingWithRetiredKey,
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
import { ask } from '../support/operations.js';
import {
  aDeletedToken,
  aDisabledApp,
  anApp,
  anExpiredToken,
  aRevokedToken,
  aToken,
  type AppScenario,
  type TokenScenario,
} from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promises (oauth.md, design section 5): RFC 7662; what is said to be active is so at this moment, and this caller's to know. */

const INTROSPECT = '/oauth/introspect';

let stage: Stage;
let ring: Awaited<ReturnType<typeof aRingWithRetiredKey>>;
let server: AuthorizationServer;
let ada: string;
let dev: string;
let caller: AppScenario;
let app: AppScenario;
let token: TokenScenario;

beforeAll(async () => {
  ring = await aRingWithRetiredKey();
  stage = await startStage({ ...behindProxy, KEY_RING: ring.text });
  server = await discover(stage.service);
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  dev = await stage.issuer.token({ id: 'dev' });
  caller = await anAppWith(stage.service, ada, 'INTROSPECT_TOKENS');
  app = await anApp(stage.service, ada);
  token = await aToken(stage.service, dev);
});

afterAll(() => stage.close());

const told = async (text: string, more?: Record<string, string>) => {
  const { status, body } = await introspect(stage.service, caller, text, more);
  expect(status).toBe(200);
  return body;
};

async function expectInactive(text: string, by: AppScenario = caller): Promise<void> {
  const { status, text: body } = await introspect(stage.service, by, text);
  expect({ status, body }).toEqual({ status: 200, body: '{"active":false}' });
}

const tokenTold = () => ({
  active: true,
  iss: stage.service.url,
  token_type: 'Bearer',
  kind: 'personal_access_token',
  sub: 'dev',
  username: 'Name of dev',
  jti: token.identifier,
  iat: expect.any(Number),
  exp: expect.any(Number),
  tenant_id: 'demo',
});

describe('200: a token that holds', () => {
  it('of somebody who was erased is told of without a name', async () => {
    const dora = await stage.issuer.token({ id: 'dora' });
    const { value, id } = await aToken(stage.service, dora);
    await stage.database.query('update read.tokens set owner_name = null where id = $1', [id]);
    const { body } = await introspect(stage.service, caller, value);
    expect(body).toMatchObject({ active: true, sub: 'dora' });
    expect(body).not.toHaveProperty('username');
  });

  it.each([
    ['the header', ClientSecretBasic],
    ['the body', ClientSecretPost],
  ] as const)('is told of to a client library with its credentials in %s', async (_where, method) => {
    const client = { client_id: caller.clientId };
    const ask = (text: string) => introspectionRequest(server, client, method(caller.clientSecret), text, insecurely);
    const response = await ask(token.value);
    expectOAuthHeaders(await answerOf(response.clone()));
    expect(await processIntrospectionResponse(server, client, response)).toEqual(tokenTold());

    const accessToken = await anAccessToken(stage.service, app);
    const claims = decodeJwt(accessToken);
    delete claims['generation'];
    expect(await processIntrospectionResponse(server, client, await ask(accessToken))).toEqual({
      active: true,
      token_type: 'Bearer',
      kind: 'access_token',
      ...claims,
    });
  });

  it('is dated in seconds, as the token says', async () => {
    const { createdAt, expiresAt } = await ask(stage.service, dev, 'token', { id: token.id });
    const seconds = (moment: string) => Math.floor(Date.parse(moment) / 1_000);
    expect(await told(token.value)).toMatchObject({ iat: seconds(createdAt), exp: seconds(expiresAt) });
  });

  it.each(['access_token', 'refresh_token', 'personal_access_token', 'nonsense', ''])(
    'is found whatever the hint says: "%s"',
    async (token_type_hint) => {
      expect(await told(token.value, { token_type_hint })).toEqual(tokenTold());
      const accessToken = await anAccessToken(stage.service, app);
      expect(await told(accessToken, { token_type_hint })).toMatchObject({ active: true, kind: 'access_token' });
    },
  );

  it('may be the one of the very app that asks', async () => {
    expect(await told(await anAccessToken(stage.service, caller))).toMatchObject({ sub: caller.clientId });
  });
});

describe('200: a personal access token', () => {
  const changed = (at: number) =>
    `${token.value.slice(0, at)}${token.value[at] === 'a' ? 'b' : 'a'}${token.value.slice(at + 1)}`;
  const toggled = (text: string) => {
    const last = text.search(/[a-z][^a-z]*$/i);
    const letter = text.charAt(last);
    return (
      text.slice(0, last) +
      (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) +
      text.slice(last + 1)
    );
  };

  it('that is revoked is inactive once the revocation is answered, and one that is deleted', async () => {
    const fresh = await aToken(stage.service, dev);
    expect((await told(fresh.value)).active).toBe(true);
    await ask(stage.service, dev, 'revokeToken', { id: fresh.id });
    await expectInactive(fresh.value);
    await expectInactive((await aRevokedToken(stage.service, dev)).value);
    await expectInactive((await aDeletedToken(stage.service, dev)).value);
  });

  it('that has expired is inactive, though no event says so', async () => {
    await expectInactive((await anExpiredToken(stage.service, dev)).value);
  });

  it.each<[string, () => string]>([
    ['that was never created', () => newSecret('lk_pat_')],
    ['that begins as one of ours', () => changed(20)],
    ['with a wrong checksum', () => changed(token.value.length - 1)],
    ['with its identifier', () => token.identifier],
    ['with its id', () => token.id],
    ['that is cut', () => token.value.slice(0, -1)],
    ['that is cut to its prefix', () => 'lk_pat_'],
    ['with more behind it', () => `${token.value}0`],
    ['under the prefix of secrets', () => token.value.replace('lk_pat_', 'lk_sec_')],
    ['under a prefix in capitals', () => token.value.replace('lk_pat_', 'LK_PAT_')],
    ['in other letter case', () => toggled(token.value)],
    ['all in lower case', () => token.value.toLowerCase()],
    ['with a line end behind it', () => `${token.value}\n`],
    ['with a blank before it', () => ` ${token.value}`],
    ['with NUL behind it', () => `${token.value}\0`],
    ['with NUL within', () => token.value.replace('lk_pat_', 'lk_pat_\0')],
    ['with what is no text', () => `${token.value}\uD800`],
    ['with a quote', () => `${token.value}' or '1'='1`],
    ['that is a client secret', () => app.clientSecret],
    ['that is a client id', () => app.clientId],
    ['that is a token of the OpenID provider', () => dev],
  ])('%s is inactive', async (_what, make) => {
    await expectInactive(make());
  });
});

describe('200: an access token', () => {
  const attacker = generateKeyPair('ES256', { extractable: true });
  let claims: JWTPayload;
  let original: string;

  beforeAll(async () => {
    original = await anAccessToken(stage.service, app);
    claims = decodeJwt(original);
  });

  const segment = (value: object | string) =>
    Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
  const header = (change: object = {}) => ({ alg: 'ES256', typ: 'at+jwt', kid: ring.current.id, ...change });
  const byUs = (headers: object = {}, changes: object = {}, key = ring.current) =>
    new SignJWT({ ...claims, ...changes }).setProtectedHeader(header(headers)).sign(key.privateKey);
  const byAttacker = async (headers: object = {}) =>
    new SignJWT(claims).setProtectedHeader(header(headers)).sign((await attacker).privateKey);
  const byHmac = () => {
    const text = `${segment(header({ alg: 'HS256' }))}.${segment(claims)}`;
    return `${text}.${createHmac('sha256', JSON.stringify(ring.current.publicJwk)).update(text).digest('base64url')}`;
  };

  it('that we would have signed so is active, so that those below are inactive for what is wrong with them', async () => {
    expect((await told(await byUs())).active).toBe(true);
  });

  it.each<[string, () => string | Promise<string>]>([
    ['that is not signed', () => `${segment(header({ alg: 'none' }))}.${segment(claims)}.`],
    ['signed by HMAC with our public key', byHmac],
    ['signed with another key under our kid', () => byAttacker()],
    ['signed with another key under an unknown kid', () => byAttacker({ kid: 'unknown' })],
    ['signed with another key under the kid ../x', () => byAttacker({ kid: '../x' })],
    ['that brings its own key', async () => byAttacker({ jwk: (await attacker).publicKey, kid: undefined })],
    ['that says where its key is', () => byAttacker({ jku: `${stage.issuer.url}/jwks`, kid: 'key-1' })],
    ['signed with a key that has retired', () => byUs({ kid: ring.retired.id }, {}, ring.retired)],
    ['of the type JWT', () => byUs({ typ: 'JWT' })],
    ['of another issuer', () => byUs({}, { iss: stage.issuer.url })],
    ['that has expired', () => byUs({}, { exp: Math.floor(Date.now() / 1_000) - 1 })],
    ['that is not valid yet', () => byUs({}, { nbf: Math.floor(Date.now() / 1_000) + 60 })],
    ['of an app that does not exist', () => byUs({}, { client_id: `lk_app_${'2'.repeat(22)}` })],
    ['of another tenant than the app is', () => byUs({}, { tenant_id: 'other' })],
    ['of another generation than the app is in', () => byUs({}, { generation: 1 })],
    ['with a line end behind it', () => `${original}\n`],
    ['that is cut', () => original.slice(0, -1)],
    [
      'whose claims were changed',
      () => original.replace(/\..*\./, `.${segment({ ...claims, sub: caller.clientId })}.`),
    ],
    [
      'with an expiry added in front',
      () => original.replace(/\..*\./, `.${segment(JSON.stringify(claims).replace('{', '{"exp":9999999999,'))}.`),
    ],
  ])('%s is inactive', async (_what, make) => {
    await expectInactive(await make());
  });

  it('of a disabled app is inactive for good, and one issued after the activation is not', async () => {
    const toggling = await anApp(stage.service, ada);
    const before = await anAccessToken(stage.service, toggling);
    expect((await told(before)).active).toBe(true);
    await ask(stage.service, ada, 'disableApp', { id: toggling.id });
    await expectInactive(before);
    await ask(stage.service, ada, 'activateApp', { id: toggling.id });
    await expectInactive(before);
    expect((await told(await anAccessToken(stage.service, toggling))).active).toBe(true);
  });

  it('of a deleted app is inactive once the deletion is answered', async () => {
    const going = await anApp(stage.service, ada);
    const accessToken = await anAccessToken(stage.service, going);
    expect((await told(accessToken)).active).toBe(true);
    await ask(stage.service, ada, 'deleteApp', { id: going.id });
    await expectInactive(accessToken);
  });

  it('outlives a rotation of the secret that it was got with', async () => {
    const rotating = await anApp(stage.service, ada);
    const accessToken = await anAccessToken(stage.service, rotating);
    await ask(stage.service, ada, 'rotateAppSecret', { id: rotating.id, overlap: 'PT0S' });
    expect((await told(accessToken)).active).toBe(true);
  });
});

describe("200: another tenant's token", () => {
  it('of either kind is inactive, and nothing more is said', async () => {
    const otherAda = await stage.issuer.token({ id: 'ada', tenant: 'other', roles: ['administrator'] });
    const otherCaller = await anAppWith(stage.service, otherAda, 'INTROSPECT_TOKENS');
    const accessToken = await anAccessToken(stage.service, app);
    await expectInactive(token.value, otherCaller);
    await expectInactive(accessToken, otherCaller);
    expect([await told(token.value), await told(accessToken)]).toMatchObject([{ active: true }, { active: true }]);
  });
});

describe('400', () => {
  it.each<[string, () => Record<string, string> | string]>([
    ['without a token', () => ({ token_type_hint: 'access_token' })],
    ['with an empty token', () => ({ token: '' })],
    ['with a token given twice', () => `token=${token.value}&token=${token.value}`],
    ['with two ways to authenticate', () => ({ token: token.value, ...inBody(caller) })],
  ])('%s', async (_what, form) => {
    const answer = await post(stage.service, INTROSPECT, form(), basic(caller));
    expectRefusal(answer, 400, 'invalid_request');
    expect(answer.headers.get('www-authenticate')).toBeNull();
  });

  it('with the token in the address, which is not shown', async () => {
    const answer = await post(
      stage.service,
      `${INTROSPECT}?token=${token.value}`,
      { token: token.value },
      basic(caller),
    );
    expectRefusal(answer, 400, 'invalid_request');
    expect(answer.text + stage.service.output()).not.toContain(token.value);
  });
});

describe('401', () => {
  it.each<[string, () => Record<string, string>]>([
    ['without credentials', () => ({})],
    ['with a wrong secret', () => basicOf(`${caller.clientId}:wrong`)],
    ['with the token itself as bearer', () => ({ authorization: `Bearer ${token.value}` })],
  ])('%s, whether the token holds or not', async (_what, headers) => {
    const answers = await Promise.all(
      [token.value, newSecret('lk_pat_')].map((text) => post(stage.service, INTROSPECT, { token: text }, headers())),
    );
    for (const answer of answers) {
      expectRefusal(answer, 401, 'invalid_client');
      expect(answer.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
    }
    expect(answers[0]!.text).toBe(answers[1]!.text);
  });

  it('of a disabled app that might before', async () => {
    const disabled = await anAppWith(stage.service, ada, 'INTROSPECT_TOKENS');
    await ask(stage.service, ada, 'disableApp', { id: disabled.id });
    expectRefusal(await introspect(stage.service, disabled, token.value), 401, 'invalid_client');
    expectRefusal(await introspect(stage.service, await aDisabledApp(stage.service, ada), 'x'), 401, 'invalid_client');
  });
});

describe('403', () => {
  it('for an app without the permission, whether the token holds or not, and on the audit trail', async () => {
    const answers = await Promise.all([token.value, 'x'].map((text) => introspect(stage.service, app, text)));
    for (const answer of answers) expectRefusal(answer, 403, 'unauthorized_client');
    expect(answers[0]!.text).toBe(answers[1]!.text);

    const entries = await eventually(
      async () =>
        (await ask(stage.service, ada, 'auditTrail', { filter: { actorId: app.clientId, actions: ['AccessDenied'] } }))
          .nodes,
      ({ length }) => length > 0,
    );
    expect(entries[0]).toMatchObject({
      actor: { kind: 'APP', id: app.clientId },
      targetType: 'APP',
      targetId: app.id,
      details: { operation: 'introspectToken', code: 'FORBIDDEN' },
    });
  });

  it('once the permission is withdrawn', async () => {
    const losing = await anAppWith(stage.service, ada, 'INTROSPECT_TOKENS');
    expect((await introspect(stage.service, losing, token.value)).body.active).toBe(true);
    await ask(stage.service, ada, 'changeAppPermissions', { id: losing.id, withdraw: ['INTROSPECT_TOKENS'] });
    expectRefusal(await introspect(stage.service, losing, token.value), 403, 'unauthorized_client');
  });
});

describe('405, 413, 415', () => {
  it('for GET, so that no token is in an address', async () => {
    const answer = await answerOf(await fetch(`${stage.service.url}${INTROSPECT}?token=${token.value}`));
    expectRefusal(answer, 405, 'invalid_request');
    expect(answer.headers.get('allow')).toBe('POST');
    expect(answer.text + stage.service.output()).not.toContain(token.value);
  });

  it('for a token of a megabyte', async () => {
    for (const start of ['lk_pat_', 'eyJ'])
      expectRefusal(await introspect(stage.service, caller, start + 'a'.repeat(1_000_000)), 413, 'invalid_request');
    expect((await told(token.value)).active).toBe(true);
  });

  it('for JSON', async () => {
    const body = JSON.stringify({ token: token.value });
    const headers = { ...basic(caller), 'content-type': 'application/json' };
    expectRefusal(await post(stage.service, INTROSPECT, body, headers), 415, 'invalid_request');
  });
});

describe('503', () => {
  it.each(['apps', 'tokens'])('never "active", while %s are being read anew', async (name) => {
    const mark = (isWhole: boolean) =>
      stage.database.query(`update read.checkpoints set is_whole = $1 where name = $2`, [isWhole, name]);
    await mark(false);
    const answer = await introspect(stage.service, caller, token.value).finally(() => mark(true));
    expectRefusal(answer, 503, 'temporarily_unavailable');
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await told(token.value)).active).toBe(true);
  });
});

describe('500', () => {
  it('never "active", when revocations cannot be looked up', async () => {
    const accessToken = await anAccessToken(stage.service, app);
    const rename = (from: string, to: string) => stage.database.query(`alter table oauth.${from} rename to ${to}`);
    await rename('revoked_access_tokens', 'away');
    const answer = await introspect(stage.service, caller, accessToken).finally(() =>
      rename('away', 'revoked_access_tokens'),
    );
    expectRefusal(answer, 500, 'server_error');
    expect((await told(accessToken)).active).toBe(true);
  });
});
