import { randomUUID } from 'node:crypto';
import { createServer, request, type OutgoingHttpHeaders } from 'node:http';
import {
  base64url,
  exportJWK,
  exportSPKI,
  generateKeyPair,
  importJWK,
  SignJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose';
import { documents, send } from '../support/operations.js';
import { freePort, type Service } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (design, section 3): a caller is who the organisation's provider says, verified, or nobody. */

let stage: Stage;
let service: Service;
let otherKey: CryptoKey;
let published: JWK;
let publicPem: string;

beforeAll(async () => {
  stage = await startStage();
  ({ service } = stage);
  const { keys } = (await (await fetch(`${stage.issuer.url}/jwks`)).json()) as { keys: JWK[] };
  published = keys[0]!;
  publicPem = await exportSPKI((await importJWK(published, 'ES256', { extractable: true })) as CryptoKey);
  otherKey = (await generateKeyPair('ES256')).privateKey;
  const answer = await me(await stage.issuer.token({ id: 'dev' }));
  expect(answer.errors).toBeUndefined();
});

afterAll(() => stage.close());

const me = (token: string | null, headers?: Record<string, string>) => send(service, token, 'me', {}, headers);
const now = () => Math.floor(Date.now() / 1_000);
const usual = (): JWTPayload => ({
  iss: stage.issuer.url,
  aud: 'latchkey',
  sub: 'mallory',
  exp: now() + 3_600,
  tenant_id: 'demo',
  roles: ['administrator'],
});
const signed = (key: CryptoKey | Uint8Array, header: { alg: string; kid?: string }, claims: JWTPayload = usual()) =>
  new SignJWT(claims).setProtectedHeader(header).sign(key);
const segment = (value: unknown) => base64url.encode(JSON.stringify(value));
const bare = (header: object, claims: object = usual(), signature = '') =>
  `${segment(header)}.${segment(claims)}.${signature}`;

const claimsRefused: [string, () => JWTPayload][] = [
  ['that has expired', () => ({ exp: now() - 60 })],
  ['that expired in 1970', () => ({ exp: 0 })],
  ['that is not valid yet', () => ({ nbf: now() + 3_600 })],
  ['of another issuer', () => ({ iss: 'http://127.0.0.1:1' })],
  ['of an issuer that begins like ours', () => ({ iss: `${stage.issuer.url}/x` })],
  ['of no issuer', () => ({ iss: undefined })],
  ['for another audience', () => ({ aud: 'somebody-else' })],
  ['for an audience that begins like ours', () => ({ aud: 'latchkey2' })],
  ['for no audience', () => ({ aud: undefined })],
  ['without an expiry', () => ({ exp: undefined })],
  ['whose expiry is text', () => ({ exp: 'tomorrow' as unknown as number })],
  ['without a subject', () => ({ sub: undefined })],
  ['with an empty subject', () => ({ sub: '' })],
  ['whose subject is a number', () => ({ sub: 1 as unknown as string })],
  ['whose subject is an object', () => ({ sub: {} as unknown as string })],
  ['with a subject of 256 characters', () => ({ sub: 's'.repeat(256) })],
  ['with NUL in its subject', () => ({ sub: 'a\0b' })],
  ['with a lone surrogate in its subject', () => ({ sub: 'a\uD800' })],
  ['with a zero-width space in its subject', () => ({ sub: 'a\u200B' })],
  ['whose subject is blank', () => ({ sub: ' ' })],
  ['whose subject shows nothing', () => ({ sub: '\u115f' })],
  ['with a line separator in its subject', () => ({ sub: '\u2028x' })],
  ['whose subject is the client id of an app', () => ({ sub: `lk_app_${'3'.repeat(22)}` })],
  ['without a tenant', () => ({ tenant_id: undefined })],
  ['with an empty tenant', () => ({ tenant_id: '' })],
  ['whose tenant is a list', () => ({ tenant_id: ['demo'] })],
  ['whose tenant is a number', () => ({ tenant_id: 7 })],
  ['whose tenant is a path', () => ({ tenant_id: 'demo/../other' })],
  ['with NUL in its tenant', () => ({ tenant_id: 'demo\0' })],
];

const forged: [string, () => string | Promise<string>][] = [
  ['that is not signed (alg none)', () => bare({ alg: 'none' })],
  ['that is not signed (alg NONE, with our kid)', () => bare({ alg: 'NONE', kid: published.kid })],
  [
    'signed by HMAC with the public key as text',
    () => signed(new TextEncoder().encode(publicPem), { alg: 'HS256', kid: published.kid! }),
  ],
  [
    'signed by HMAC with the public key as JSON',
    () => signed(new TextEncoder().encode(JSON.stringify(published)), { alg: 'HS256', kid: published.kid! }),
  ],
  ['signed with another key under our kid', () => signed(otherKey, { alg: 'ES256', kid: published.kid! })],
  ['signed with another key under no kid', () => signed(otherKey, { alg: 'ES256' })],
  ['with an unknown kid', () => signed(otherKey, { alg: 'ES256', kid: 'unknown' })],
  ['with the kid "../x"', () => signed(otherKey, { alg: 'ES256', kid: '../x' })],
  ['that says RS256 of our key', () => bare({ alg: 'RS256', kid: published.kid }, usual(), 'AAAA')],
  [
    'that brings its own key',
    () => bare({ alg: 'ES256', jwk: published, jku: `${stage.issuer.url}/jwks` }, usual(), 'AAAA'),
  ],
  [
    'whose claims were changed',
    async () => {
      const [header, , signature] = (await stage.issuer.token({ id: 'dev' })).split('.');
      return `${header}.${segment(usual())}.${signature}`;
    },
  ],
  ['whose signature was cut', async () => (await stage.issuer.token({ id: 'dev' })).slice(0, -4)],
  ['without a signature', async () => (await stage.issuer.token({ id: 'dev' })).replace(/[^.]*$/, '')],
  [
    'with a header that is not understood',
    () => bare({ alg: 'ES256', kid: published.kid, crit: ['x'], x: 1 }, usual(), 'AAAA'),
  ],
  ['whose kid is a number', () => bare({ alg: 'ES256', kid: 1 }, usual(), 'AAAA')],
  ['whose alg is an object', () => bare({ alg: { a: 1 } }, usual(), 'AAAA')],
  ['whose header is null', () => `${segment(null)}.${segment(usual())}.AAAA`],
  ['whose claims are a list', () => `${segment({ alg: 'ES256', kid: published.kid })}.${segment([1])}.AAAA`],
  ['that is garbage', () => 'garbage'],
  ['of two dots', () => '..'],
  ['of five parts', () => 'a.b.c.d.e'],
  ['that is a personal access token', () => `lk_pat_${'a'.repeat(49)}`],
];

describe('a token', () => {
  it.each(claimsRefused)('%s is refused', async (_what, claims) => {
    await expectInvalid(await stage.issuer.sign(claims()));
  });

  it.each(forged)('%s is refused', async (_what, make) => {
    await expectInvalid(await make());
  });

  it('whose subject only begins like a client id is accepted', async () => {
    const answer = await me(await stage.issuer.sign({ sub: 'lk_app_3' }));
    expect(answer.data.me.id).toBe('lk_app_3');
  });

  it('that says why it is refused says so only when it has expired', async () => {
    const expired = await me(await stage.issuer.sign({ exp: now() - 60 }));
    const forgedOne = await me(await signed(otherKey, { alg: 'ES256', kid: published.kid! }));
    const foreign = await me(await stage.issuer.sign({ aud: 'other' }));
    expect(expired.errors![0].message).toMatch(/expired/);
    expect(forgedOne.errors).toEqual(foreign.errors);
  });

  it('of 1 MB is refused, and the service goes on', async () => {
    const { status } = await raw({ authorization: `Bearer ${'a'.repeat(1_000_000)}` });
    expect(status === null || (status >= 400 && status < 500)).toBe(true);
    expect((await me(await stage.issuer.token({ id: 'dev' }))).status).toBe(200);
  });

  it('of 10 kB of claims is read like any other', async () => {
    const answer = await me(await stage.issuer.sign({ sub: 'dev', padding: 'p'.repeat(7_000) }));
    expect(answer.data.me.id).toBe('dev');
  });

  it('for several audiences, one of them ours, is accepted', async () => {
    const answer = await me(await stage.issuer.sign({ aud: ['account', 'latchkey'] }));
    expect(answer.status).toBe(200);
  });
});

describe('how a token is sent', () => {
  it('in the address it is ignored', async () => {
    const token = await stage.issuer.token({ id: 'dev' });
    for (const query of [`access_token=${token}`, `authorization=Bearer%20${token}`]) {
      const response = await fetch(`${service.url}/graphql?${query}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: documents.me }),
      });
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).not.toContain('error');
    }
    expect(service.output()).not.toContain(token);
  });

  it('in the body it is ignored', async () => {
    const token = await stage.issuer.token({ id: 'dev' });
    const response = await fetch(`${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: documents.me, access_token: token }),
    });
    expect(response.status).toBe(401);
  });

  it.each(['bearer', 'BEARER', 'Bearer'])('after "%s" it is accepted', async (scheme) => {
    const token = await stage.issuer.token({ id: 'dev' });
    expect((await me(null, { authorization: `${scheme} ${token}` })).data.me.id).toBe('dev');
  });

  // https://www.rfc-editor.org/rfc/rfc6750#section-2.1
  it('after several spaces it is accepted', async () => {
    const token = await stage.issuer.token({ id: 'dev' });
    expect((await me(null, { authorization: `Bearer   ${token}` })).data.me.id).toBe('dev');
  });

  it.each([
    ['with more behind it', (token: string) => `Bearer ${token} more`],
    ['twice', (token: string) => `Bearer ${token}, Bearer ${token}`],
    ['not at all', () => 'Bearer'],
  ])('%s it is refused', async (_how, make) => {
    const answer = await me(null, { authorization: make(await stage.issuer.token({ id: 'dev' })) });
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.headers.get('www-authenticate')).toContain('error="invalid_token"');
  });

  // https://www.rfc-editor.org/rfc/rfc6750#section-3.1
  it.each([
    ['after "Basic"', (token: string) => `Basic ${token}`],
    ['after "Negotiate"', () => 'Negotiate abc'],
    ['with no scheme', (token: string) => token],
    ['after "BearerX"', (token: string) => `BearerX ${token}`],
  ])('%s it is asked for, as if there were none', async (_how, make) => {
    const answer = await me(null, { authorization: make(await stage.issuer.token({ id: 'dev' })) });
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="latchkey"');
  });

  it('in two headers it is refused: whoever passed them on may have looked at the other', async () => {
    const token = await stage.issuer.token({ id: 'dev' });
    const right = `Bearer ${token}`;
    for (const authorization of [
      [right, right],
      [right, 'Bearer x'],
      [right, 'Basic x'],
    ])
      expect(await raw({ Authorization: authorization })).toEqual({ status: 401 });
  });

  it('is asked before the body is looked at', async () => {
    const response = await fetch(`${service.url}/graphql`, { method: 'POST', body: 'x'.repeat(300_000) });
    expect(response.status).toBe(401);
  });

  it('of a refused request never shows in the log of the service', async () => {
    const token = await stage.issuer.sign({ aud: 'other' });
    await me(token);
    expect(service.output()).not.toContain(token.split('.')[2]);
  });
});

describe('the roles of a caller', () => {
  const rolesOf = async (roles: unknown) => {
    const answer = await me(await stage.issuer.sign({ roles }));
    return { status: answer.status, roles: answer.data?.me.roles };
  };

  it.each<[string, unknown, string[]]>([
    ['a list', ['administrator', 'auditor'], ['ADMINISTRATOR', 'AUDITOR']],
    ['any letter case', ['AdMiNiStRaToR', 'DEVELOPER'], ['ADMINISTRATOR', 'DEVELOPER']],
    ['one word', 'auditor', ['AUDITOR']],
    ['words', 'openid developer auditor', ['DEVELOPER', 'AUDITOR']],
    ['unknown ones', ['root', 'administrators', 'admin', 'offline_access'], []],
    ['unknown ones beside a known one', ['root', 'developer'], ['DEVELOPER']],
    ['twice the same', ['developer', 'Developer'], ['DEVELOPER']],
    ['none', [], []],
    ['no claim', undefined, []],
    ['null', null, []],
    ['the keys of an object', { administrator: { 4711: 'example.com' }, root: {} }, ['ADMINISTRATOR']],
    ['a number', 1, []],
    ['lists in the list', [['administrator']], []],
    ['what cannot be text', [{ toString: 1, valueOf: 1 }, null, 7], []],
  ])('given as %s', async (_how, claim, expected) => {
    expect(await rolesOf(claim)).toEqual({ status: 200, roles: expected });
  });
});

describe('the name of a caller', () => {
  it.each<[string, JWTPayload, string]>([
    ['is the claim name', { name: 'Ada L.', preferred_username: 'ada' }, 'Ada L.'],
    ['else the user name', { preferred_username: 'ada' }, 'ada'],
    ['else the address', { email: 'ada@example.com' }, 'ada@example.com'],
    ['else the id', {}, 'somebody'],
    ['is not blank', { name: '  ', email: 'ada@example.com' }, 'ada@example.com'],
    ['is text', { name: { first: 'Ada' } }, 'somebody'],
    ['loses control and direction characters', { name: 'A\u0000d\u001ba\u202Evil\n' }, 'Adavil'],
    ['loses broken characters', { name: 'Ada\uD800' }, 'Ada'],
    ['ends after 200 characters', { name: '😀'.repeat(300) }, '😀'.repeat(200)],
    ['is not empty once it is cleaned', { name: '\u0000\u202E', email: 'ada@example.com' }, 'ada@example.com'],
  ])('%s', async (_what, claims, expected) => {
    const answer = await me(await stage.issuer.sign(claims));
    expect(answer.data?.me.name).toBe(expected);
  });
});

describe('claims under other names', () => {
  let configured: Service;

  beforeAll(async () => {
    configured = await stage.another({
      OIDC_ROLES_CLAIM: 'realm_access.roles',
      OIDC_TENANT_CLAIM: 'https://example.com/tenant.id',
      ROLES: 'api',
    });
  });

  it('are read by a path, and by a name that looks like an address', async () => {
    const token = await stage.issuer.sign({
      roles: ['developer'],
      realm_access: { roles: ['Auditor'] },
      tenant_id: 'wrong',
      'https://example.com/tenant.id': 'right',
    });
    const { data } = await send(configured, token, 'me');
    expect(data.me).toMatchObject({ tenantId: 'right', roles: ['AUDITOR'] });
  });

  it('that are missing give no roles', async () => {
    for (const realm_access of [
      undefined,
      null,
      'administrator',
      ['administrator'],
      { roles: { roles: 'administrator' } },
    ]) {
      const token = await stage.issuer.sign({ realm_access, 'https://example.com/tenant.id': 'right' });
      expect((await send(configured, token, 'me')).data.me.roles).toEqual([]);
    }
  });

  it('give no tenant under the usual name', async () => {
    const answer = await send(configured, await stage.issuer.token({ id: 'dev' }), 'me');
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
  });
});

describe('a provider that is down when the service starts', () => {
  it('makes it say so, and works by itself once the provider is there', async () => {
    const port = await freePort();
    const late = await stage.another({ OIDC_ISSUER: `http://127.0.0.1:${port}`, ROLES: 'api' });
    const token = await stage.issuer.token({ id: 'dev' });
    const answer = await send(late, token, 'me');
    expect(answer).toMatchObject({ status: 503, code: 'UNAVAILABLE', data: undefined });
    expect(answer.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await send(late, null, 'me')).status).toBe(401);

    const provider = await aProviderAt(port);
    const claims = { ...usual(), iss: provider.url };
    const good = await signed(provider.key, { alg: 'ES256', kid: 'late' }, claims);
    const later = await eventually(
      () => send(late, good, 'me'),
      ({ status }) => status === 200,
      10_000,
    );
    expect(later.data.me.id).toBe('mallory');
    await provider.stop();
  });
});

describe('the keys of the provider', () => {
  it('are asked for a few times at most, whatever kids are sent', async () => {
    const before = stage.issuer.keyRequests();
    // In waves: those that come at once would share one look-up anyway.
    for (let wave = 0; wave < 10; wave += 1) {
      const tokens = await Promise.all(
        Array.from({ length: 20 }, () => signed(otherKey, { alg: 'ES256', kid: randomUUID() })),
      );
      const answers = await Promise.all(tokens.map((token) => me(token)));
      expect(answers.filter(({ status }) => status !== 401)).toEqual([]);
    }
    expect(stage.issuer.keyRequests() - before).toBeLessThanOrEqual(3);
  });
});

async function expectInvalid(token: string): Promise<void> {
  const answer = await me(token);
  expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', data: undefined });
  expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer .*error="invalid_token"/);
  expect(JSON.stringify(answer.errors)).not.toMatch(/jose|JW[ST]|node_modules/);
}

/** The status, or null where the connection was cut. */
function raw(headers: OutgoingHttpHeaders): Promise<{ status: number | null }> {
  return new Promise((resolve) => {
    const outgoing = request(`${service.url}/graphql`, { method: 'POST', headers });
    outgoing.on('error', () => resolve({ status: null }));
    outgoing.on('response', (response) => {
      response.resume();
      resolve({ status: response.statusCode ?? null });
    });
    outgoing.end('{}');
  });
}

/** The one in `issuer.ts` chooses its own port. */
async function aProviderAt(port: number) {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const jwk = { ...(await exportJWK(publicKey)), kid: 'late', alg: 'ES256', use: 'sig' };
  const url = `http://127.0.0.1:${port}`;
  const server = createServer((asked, response) => {
    const isDiscovery = asked.url === '/.well-known/openid-configuration';
    response.end(JSON.stringify(isDiscovery ? { issuer: url, jwks_uri: `${url}/jwks` } : { keys: [jwk] }));
  });
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const stop = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, key: privateKey, stop };
}
