import { createHmac, createPublicKey, generateKeyPairSync, sign as signBytes, type KeyObject } from 'node:crypto';
import type { AppCredentials } from '../../projections/credentials.js';
import { LONGEST_TOKEN_LIFETIME, Settings } from '../../src/config.js';
import { AccessTokens } from '../../src/oauth/access-tokens.js';
import type { Issuer } from '../../src/oauth/issuer.js';
import { Keys } from '../../src/secrets/keys.js';
import { newSigningKey, openSigningKey, type SigningKey } from '../../src/secrets/signing-key.js';
import { ringOf } from '../support/keys.js';

/** Promises (oauth.md): RFC 9068, 7517; a token says only what one of our keys has signed, for as long as it is to hold. */

const MINUTE = 60_000;
const START = Date.parse('2026-03-01T12:00:00.000Z');
const ISSUER = 'https://tokens.example.com';
const app = { clientId: 'lk_app_0000000000000000000000', tenantId: 'demo', generation: 3 } as AppCredentials;

let now: number;
let key: SigningKey;
let rsaKey: SigningKey;

const aKey = async (alg: 'ES256' | 'RS256', usedFrom: Date | null = null): Promise<SigningKey> => ({
  ...openSigningKey(await newSigningKey(alg)),
  usedFrom,
});

beforeAll(async () => {
  [key, rsaKey] = await Promise.all([aKey('ES256'), aKey('RS256')]);
});

beforeEach(() => {
  now = START;
});

type Made = { sign?: SigningKey[]; settings?: object; issuer?: string };

function accessTokensOf({ sign = [key, rsaKey], settings = {}, issuer = ISSUER }: Made = {}): AccessTokens {
  const clock = { now: () => new Date(now) };
  const values = new Settings({
    keyRing: { ...ringOf(), sign },
    keyRingFile: null,
    accessTokenAlgorithm: 'ES256',
    accessTokenLifetime: 10 * MINUTE,
    ...settings,
  } as unknown as ConstructorParameters<typeof Settings>[0]);
  return new AccessTokens(new Keys(values, clock), { url: issuer } as Issuer, values, clock);
}

const segment = (value: unknown) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
const read = (text: string) => JSON.parse(Buffer.from(text, 'base64url').toString()) as Record<string, unknown>;
const partsOf = (token: string) => {
  const [header = '', claims = '', signature = ''] = token.split('.');
  return { header: read(header), claims: read(claims), signature };
};

/** Signed as ours are, whatever it says. */
function signed(header: unknown, claims: unknown, privateKey: KeyObject = key.privateKey): string {
  const text = `${segment(header)}.${segment(claims)}`;
  return `${text}.${signBytes('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
}

const ownHeader = () => ({ alg: 'ES256', typ: 'at+jwt', kid: key.id });
const ownClaims = () => ({
  iss: ISSUER,
  aud: ISSUER,
  sub: app.clientId,
  client_id: app.clientId,
  jti: '7f7f8a5e-6d0c-4a3e-9d1c-2f9c6a1b0e11',
  iat: START / 1_000,
  exp: START / 1_000 + 600,
  tenant_id: 'demo',
  generation: 3,
});

describe('an access token', () => {
  it('says what RFC 9068 asks for, and whose it is', async () => {
    const { accessToken, expiresIn } = await accessTokensOf().issue(app);
    const { header, claims } = partsOf(accessToken);
    expect(header).toEqual(ownHeader());
    expect(claims).toEqual({ ...ownClaims(), jti: expect.stringMatching(/^[0-9a-f-]{36}$/) });
    expect(expiresIn).toBe(600);
  });

  it('has an id of its own', async () => {
    const tokens = accessTokensOf();
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => partsOf((await tokens.issue(app)).accessToken).claims['jti']),
    );
    expect(new Set(ids).size).toBe(50);
  });

  it('lives and is for whom the settings say', async () => {
    const tokens = accessTokensOf({
      settings: { accessTokenLifetime: 90_999, accessTokenAudience: 'https://api.example.com' },
    });
    const { accessToken, expiresIn } = await tokens.issue(app);
    expect(expiresIn).toBe(90);
    expect(partsOf(accessToken).claims).toMatchObject({ aud: 'https://api.example.com', exp: START / 1_000 + 90 });
  });

  it('is signed with RS256 where the settings say so', async () => {
    const tokens = accessTokensOf({ settings: { accessTokenAlgorithm: 'RS256' } });
    const { accessToken } = await tokens.issue(app);
    expect(partsOf(accessToken).header).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: rsaKey.id });
    // An instance that signs otherwise reads it all the same.
    expect(await accessTokensOf().read(accessToken)).toMatchObject({ client_id: app.clientId });
  });

  it('of our own making is read, so that those below are refused for what is wrong with them', async () => {
    expect(await accessTokensOf().read(signed(ownHeader(), ownClaims()))).toEqual(ownClaims());
  });

  it('may have the type in full, in any letter case', async () => {
    expect(
      await accessTokensOf().read(signed({ ...ownHeader(), typ: 'application/AT+JWT' }, ownClaims())),
    ).not.toBeNull();
  });
});

describe('the time of an access token', () => {
  it('ends at exactly its expiry', async () => {
    const tokens = accessTokensOf();
    const { accessToken } = await tokens.issue(app);
    now = START + 10 * MINUTE - 1;
    expect(await tokens.read(accessToken)).not.toBeNull();
    now = START + 10 * MINUTE;
    expect(await tokens.read(accessToken)).toBeNull();
  });

  it('is counted from the full second, so that it never ends later than was said', async () => {
    now = START + 999;
    const tokens = accessTokensOf();
    const { accessToken } = await tokens.issue(app);
    now = START + 10 * MINUTE;
    expect(await tokens.read(accessToken)).toBeNull();
  });

  it('goes on when the clock steps back to before it was issued', async () => {
    const tokens = accessTokensOf();
    const { accessToken } = await tokens.issue(app);
    now = START - 60 * MINUTE;
    expect(await tokens.read(accessToken)).not.toBeNull();
  });

  it('has not begun before its not-before, and has at it', async () => {
    const token = signed(ownHeader(), { ...ownClaims(), nbf: START / 1_000 + 60 });
    const tokens = accessTokensOf();
    expect(await tokens.read(token)).toBeNull();
    now = START + MINUTE;
    expect(await tokens.read(token)).not.toBeNull();
  });
});

describe('what is signed with a key of ours', () => {
  it.each<[string, () => string]>([
    ['of the type JWT', () => signed({ ...ownHeader(), typ: 'JWT' }, ownClaims())],
    ['of no type', () => signed({ ...ownHeader(), typ: undefined }, ownClaims())],
    ['for another issuer', () => signed(ownHeader(), { ...ownClaims(), iss: 'https://other.example.com' })],
    ['for an issuer that begins alike', () => signed(ownHeader(), { ...ownClaims(), iss: `${ISSUER}/` })],
    ['under the kid of another key', () => signed({ ...ownHeader(), kid: rsaKey.id }, ownClaims())],
    ['under no kid', () => signed({ ...ownHeader(), kid: undefined }, ownClaims())],
    ['with a header to be understood', () => signed({ ...ownHeader(), crit: ['x'], x: 1 }, ownClaims())],
    ['unencoded', () => signed({ ...ownHeader(), crit: ['b64'], b64: false }, ownClaims())],
    ['and whose claims are a list', () => signed(ownHeader(), [ownClaims()])],
    ['and whose claims are no JSON', () => signed(ownHeader(), 'claims')],
    ['with an id that is no UUID', () => signed(ownHeader(), { ...ownClaims(), jti: `x' or true --` })],
    ...['iss', 'aud', 'sub', 'client_id', 'jti', 'iat', 'exp', 'tenant_id', 'generation'].map(
      (name): [string, () => string] => [
        `without ${name}`,
        () => signed(ownHeader(), { ...ownClaims(), [name]: undefined }),
      ],
    ),
    ['with an expiry in words', () => signed(ownHeader(), { ...ownClaims(), exp: 'tomorrow' })],
  ])('%s is refused', async (_what, make) => {
    expect(await accessTokensOf().read(make())).toBeNull();
  });

  // RFC 7519, section 4: refuse, or take the last.
  it('with a claim given twice counts by the last', async () => {
    const text = JSON.stringify(ownClaims());
    const past = text.replace('"exp":', '"exp":1,"exp":');
    const thenPast = text.replace(/\}$/, ',"exp":1}');
    const tokens = accessTokensOf();
    expect(await tokens.read(signed(ownHeader(), past))).toEqual(ownClaims());
    expect(await tokens.read(signed(ownHeader(), thenPast))).toBeNull();
  });
});

describe('what is not signed with a key of ours', () => {
  const attacker = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const attackerJwk = { ...attacker.publicKey.export({ format: 'jwk' }), alg: 'ES256', use: 'sig' };
  const byAttacker = (header: object = {}, claims: object = {}) =>
    signed({ ...ownHeader(), ...header }, { ...ownClaims(), ...claims }, attacker.privateKey);
  const hmac = (secret: string | Buffer, alg = 'HS256') => {
    const text = `${segment({ ...ownHeader(), alg })}.${segment(ownClaims())}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  };
  const unsigned = (alg: unknown, signature = '') =>
    `${segment({ ...ownHeader(), alg })}.${segment(ownClaims())}.${signature}`;
  const bareJwk = () => createPublicKey(key.privateKey).export({ format: 'jwk' });

  it.each<[string, () => string]>([
    ['alg none', () => unsigned('none')],
    ['alg None', () => unsigned('None')],
    ['alg none with the signature of another', () => unsigned('none', signed(ownHeader(), ownClaims()).split('.')[2])],
    ['no signature', () => unsigned('ES256')],
    ['a signature of zeros', () => unsigned('ES256', Buffer.alloc(64).toString('base64url'))],
    ['a signature in DER', () => unsigned('ES256', Buffer.from('30060201000201', 'hex').toString('base64url'))],
    ['an alg that is an object', () => unsigned({ a: 1 })],
    ['HS256 over the public key as JSON', () => hmac(JSON.stringify(key.publicJwk))],
    ['HS256 over the bare public key', () => hmac(JSON.stringify(bareJwk()))],
    [
      'HS256 over the public key as PEM',
      () => hmac(createPublicKey(key.privateKey).export({ format: 'pem', type: 'spki' })),
    ],
    ['HS256 over nothing', () => hmac('')],
    ['HMAC said to be ES256', () => hmac(JSON.stringify(key.publicJwk), 'ES256')],
    ['another key under our kid', () => byAttacker()],
    ['another key under an unknown kid', () => byAttacker({ kid: 'unknown' })],
    ['another key under the kid ../x', () => byAttacker({ kid: '../x' })],
    ['another key under the kid of a member of objects', () => byAttacker({ kid: '__proto__' })],
    ['another key under a kid that is a number', () => byAttacker({ kid: 1 })],
    ['another key that it brings along', () => byAttacker({ kid: undefined, jwk: attackerJwk })],
    ['another key that it brings along under our kid', () => byAttacker({ jwk: { ...attackerJwk, kid: key.id } })],
    ['another key that it says where to find', () => byAttacker({ kid: 'x', jku: 'http://127.0.0.1:1/jwks' })],
    ['another certificate that it says where to find', () => byAttacker({ kid: 'x', x5u: 'http://127.0.0.1:1/x5u' })],
    [
      'our RSA key said to be ES256',
      () => signed({ ...ownHeader(), kid: rsaKey.id }, ownClaims(), attacker.privateKey),
    ],
  ])('%s is refused', async (_what, make) => {
    expect(await accessTokensOf().read(make())).toBeNull();
  });

  it.each([
    ['claims that were changed', { sub: 'lk_app_1111111111111111111111' }],
    ['an expiry that was put off', { exp: START / 1_000 + 86_400 }],
    ['a tenant that was changed', { tenant_id: 'other' }],
  ])('%s are refused', async (_what, change) => {
    const tokens = accessTokensOf();
    const [header, , signature] = (await tokens.issue(app)).accessToken.split('.');
    expect(await tokens.read(`${header}.${segment({ ...ownClaims(), ...change })}.${signature}`)).toBeNull();
  });

  it('a claim that was added once more is refused', async () => {
    const tokens = accessTokensOf();
    const [header, claims = '', signature] = (await tokens.issue(app)).accessToken.split('.');
    const twice = Buffer.from(claims, 'base64url').toString().replace('{', '{"exp":9999999999,');
    expect(await tokens.read(`${header}.${segment(twice)}.${signature}`)).toBeNull();
  });

  it.each(['', '.', '..', 'a.b.c', 'a.b.c.d.e', '\0', 'x'.repeat(1_000_000), '.'.repeat(100_000), 'ü.ü.ü'])(
    'text that is no token is refused (case %#)',
    async (text) => {
      expect(await accessTokensOf().read(text)).toBeNull();
    },
  );

  it.each(['\n', ' ', '\0', '=', '.'])('ours with more behind it is refused (case %#)', async (more) => {
    const tokens = accessTokensOf();
    const { accessToken } = await tokens.issue(app);
    expect(await tokens.read(accessToken + more)).toBeNull();
    expect(await tokens.read(more + accessToken)).toBeNull();
  });
});

describe('a signing key', () => {
  it('verifies before it signs, so that an instance whose clock is ahead is understood', async () => {
    const next = await aKey('ES256', new Date(START + 5 * MINUTE));
    const tokens = accessTokensOf({ sign: [next, key] });
    expect(partsOf((await tokens.issue(app)).accessToken).header['kid']).toBe(key.id);

    now = START + 5 * MINUTE;
    const { accessToken } = await tokens.issue(app);
    expect(partsOf(accessToken).header['kid']).toBe(next.id);
    now = START + 4 * MINUTE;
    expect(await tokens.read(accessToken)).not.toBeNull();
  });

  it('of which another has taken over verifies until the last token that it signed is dead, then no more', async () => {
    const takeover = START + 5 * MINUTE;
    const sign = [await aKey('ES256', new Date(takeover)), key];
    const tokens = accessTokensOf({ sign, settings: { accessTokenLifetime: LONGEST_TOKEN_LIFETIME } });
    now = takeover - 1;
    const { accessToken } = await tokens.issue(app);
    now = takeover + LONGEST_TOKEN_LIFETIME - 1_001;
    expect(await tokens.read(accessToken)).not.toBeNull();

    // Even a token that would live for a year.
    const eternal = signed(ownHeader(), { ...ownClaims(), exp: START / 1_000 + 365 * 86_400 });
    expect(await tokens.read(eternal)).not.toBeNull();
    now = takeover + LONGEST_TOKEN_LIFETIME + 11 * MINUTE;
    expect(await tokens.read(eternal)).toBeNull();
  });

  it('that is not in the ring verifies nothing', async () => {
    const { accessToken } = await accessTokensOf().issue(app);
    const other = accessTokensOf({ sign: [await aKey('ES256')] });
    expect(await other.read(accessToken)).toBeNull();
  });
});

describe('whether a token claims to be ours', () => {
  it('is seen by its issuer, whoever signed it', async () => {
    const tokens = accessTokensOf();
    expect(tokens.isOurs((await tokens.issue(app)).accessToken)).toBe(true);
    expect(tokens.isOurs(signed(ownHeader(), { ...ownClaims(), iss: 'https://id.example.com' }))).toBe(false);
  });

  it.each(['', 'garbage', '..', 'a.b.c', `${segment({})}.${segment('null')}.`, `lk_pat_${'a'.repeat(49)}`])(
    'is not of what is no token: "%s"',
    (text) => {
      expect(accessTokensOf().isOurs(text)).toBe(false);
    },
  );
});
