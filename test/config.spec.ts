import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { publicUrlOf, readEnvironment } from '../src/config.js';
import { generateKeyRing } from '../src/secrets/key-ring.js';

const RING = await generateKeyRing();
const production = {
  NODE_ENV: 'production',
  OIDC_ISSUER: 'https://id.example.com',
  OIDC_AUDIENCE: 'latchkey',
  KEY_RING: RING,
};

function refusalOf(environment: Record<string, string>): string {
  try {
    readEnvironment(environment);
    return '';
  } catch (error) {
    return (error as Error).message;
  }
}

describe('no settings at all', () => {
  it('are those of a development machine, open to nobody else', () => {
    expect(readEnvironment({})).toEqual({
      isProduction: false,
      port: 3_000,
      host: '127.0.0.1',
      publicUrl: undefined,
      databaseUrl: undefined,
      eventStoreUrl: undefined,
      streamPrefix: 'latchkey',
      oidcIssuer: undefined,
      oidcAudience: 'latchkey',
      oidcClientId: null,
      oidcScope: 'openid profile',
      oidcRolesClaim: 'roles',
      oidcTenantClaim: 'tenant_id',
      tenantId: undefined,
      expireTokensEvery: 3_600_000,
      readModelTimeout: 3_000,
      readModelMaxLag: 5_000,
      accessTokenAlgorithm: 'ES256',
      accessTokenLifetime: 600_000,
      accessTokenAudience: undefined,
      publishAuditHeadsEvery: 3_600_000,
      publishAuditHeadsTo: null,
      keyRing: undefined,
      keyRingFile: null,
      dataDir: '.data',
      logLevel: 'warn',
      roles: ['api', 'projector', 'scheduler'],
      trustProxy: false,
    });
  });

  it('are what empty values mean too: compose files write them for what is not set', () => {
    const names = ['PORT', 'HOST', 'PUBLIC_URL', 'DATABASE_URL', 'EVENT_STORE_URL', 'STREAM_PREFIX', 'OIDC_ISSUER'];
    const more = ['OIDC_AUDIENCE', 'OIDC_ROLES_CLAIM', 'OIDC_TENANT_CLAIM', 'TENANT_ID', 'EXPIRE_TOKENS_EVERY'];
    const rest = ['READ_MODEL_TIMEOUT', 'KEY_RING', 'DATA_DIR', 'LOG_LEVEL', 'ROLES', 'TRUST_PROXY', 'NODE_ENV'];
    const signing = ['ACCESS_TOKEN_ALGORITHM', 'ACCESS_TOKEN_LIFETIME', 'ACCESS_TOKEN_AUDIENCE', 'READ_MODEL_MAX_LAG'];
    const heads = ['PUBLISH_AUDIT_HEADS_EVERY', 'PUBLISH_AUDIT_HEADS_TO'];
    const empty = Object.fromEntries([...names, ...more, ...rest, ...signing, ...heads].map((name) => [name, '']));
    expect(readEnvironment(empty)).toEqual(readEnvironment({}));
  });
});

describe('good settings', () => {
  it.each<{ setting: string; value: string; field: keyof ReturnType<typeof readEnvironment>; read: unknown }>([
    { setting: 'PORT', value: '0', field: 'port', read: 0 },
    { setting: 'PORT', value: '65535', field: 'port', read: 65_535 },
    { setting: 'HOST', value: '0.0.0.0', field: 'host', read: '0.0.0.0' },
    { setting: 'PUBLIC_URL', value: 'https://t.example.com', field: 'publicUrl', read: 'https://t.example.com' },
    { setting: 'DATABASE_URL', value: 'postgres://u:p@h/d', field: 'databaseUrl', read: 'postgres://u:p@h/d' },
    { setting: 'DATABASE_URL', value: 'postgresql://h/d', field: 'databaseUrl', read: 'postgresql://h/d' },
    { setting: 'STREAM_PREFIX', value: 'acme_2', field: 'streamPrefix', read: 'acme_2' },
    { setting: 'PUBLISH_AUDIT_HEADS_EVERY', value: 'P1D', field: 'publishAuditHeadsEvery', read: 86_400_000 },
    ...['file:///mnt/heads', 'https://witness.example.com/heads', 'http://127.0.0.1:8080'].map((value) => {
      return { setting: 'PUBLISH_AUDIT_HEADS_TO', value, field: 'publishAuditHeadsTo', read: value } as const;
    }),
    { setting: 'OIDC_CLIENT_ID', value: 'page/1', field: 'oidcClientId', read: 'page/1' },
    { setting: 'OIDC_SCOPE', value: 'openid api://x/.default', field: 'oidcScope', read: 'openid api://x/.default' },
    { setting: 'OIDC_ROLES_CLAIM', value: 'realm_access.roles', field: 'oidcRolesClaim', read: 'realm_access.roles' },
    {
      setting: 'OIDC_ROLES_CLAIM',
      value: 'https://example.com/roles',
      field: 'oidcRolesClaim',
      read: 'https://example.com/roles',
    },
    { setting: 'TENANT_ID', value: 'acme', field: 'tenantId', read: 'acme' },
    { setting: 'EXPIRE_TOKENS_EVERY', value: 'PT5M', field: 'expireTokensEvery', read: 300_000 },
    { setting: 'READ_MODEL_TIMEOUT', value: 'PT0.2S', field: 'readModelTimeout', read: 200 },
    { setting: 'READ_MODEL_MAX_LAG', value: 'PT1M', field: 'readModelMaxLag', read: 60_000 },
    { setting: 'ACCESS_TOKEN_ALGORITHM', value: 'RS256', field: 'accessTokenAlgorithm', read: 'RS256' },
    { setting: 'ACCESS_TOKEN_LIFETIME', value: 'PT1S', field: 'accessTokenLifetime', read: 1_000 },
    { setting: 'ACCESS_TOKEN_LIFETIME', value: 'PT1H', field: 'accessTokenLifetime', read: 3_600_000 },
    { setting: 'ACCESS_TOKEN_AUDIENCE', value: 'urn:a?b=ü', field: 'accessTokenAudience', read: 'urn:a?b=ü' },
    { setting: 'ROLES', value: 'api', field: 'roles', read: ['api'] },
    { setting: 'ROLES', value: ' projector , scheduler,', field: 'roles', read: ['projector', 'scheduler'] },
    { setting: 'LOG_LEVEL', value: 'debug', field: 'logLevel', read: 'debug' },
    { setting: 'TRUST_PROXY', value: 'true', field: 'trustProxy', read: true },
  ])('$setting=$value', ({ setting, value, field, read }) => {
    expect(readEnvironment({ [setting]: value })[field]).toEqual(read);
  });
});

describe('a bad setting (promise: it stops the start with a sentence that names it)', () => {
  it.each([
    { setting: 'PORT', value: 'abc' },
    { setting: 'PORT', value: '-1' },
    { setting: 'PORT', value: '65536' },
    { setting: 'PORT', value: '80.5' },
    { setting: 'PORT', value: '0x50' },
    { setting: 'PORT', value: ' ' },
    { setting: 'PUBLIC_URL', value: 'tokens.example.com' },
    { setting: 'PUBLIC_URL', value: 'ftp://tokens.example.com' },
    { setting: 'PUBLIC_URL', value: 'javascript:alert(1)' },
    // https://www.rfc-editor.org/rfc/rfc8414#section-2
    { setting: 'PUBLIC_URL', value: 'https://tokens.example.com/?tenant=a' },
    { setting: 'PUBLIC_URL', value: 'https://tokens.example.com?' },
    { setting: 'PUBLIC_URL', value: 'https://tokens.example.com/#a' },
    { setting: 'PUBLIC_URL', value: 'https://ada@tokens.example.com' },
    { setting: 'PUBLIC_URL', value: 'https://ada:hunter2@tokens.example.com/latchkey' },
    { setting: 'DATABASE_URL', value: 'localhost' },
    { setting: 'DATABASE_URL', value: 'mysql://user:hunter2@host/database' },
    { setting: 'EVENT_STORE_URL', value: 'nonsense' },
    { setting: 'EVENT_STORE_URL', value: 'http://localhost:2113' },
    { setting: 'STREAM_PREFIX', value: 'Latchkey' },
    { setting: 'STREAM_PREFIX', value: '1latchkey' },
    { setting: 'STREAM_PREFIX', value: 'latch.key' },
    { setting: 'STREAM_PREFIX', value: 'latch-key' },
    { setting: 'STREAM_PREFIX', value: '$latchkey' },
    { setting: 'STREAM_PREFIX', value: 'x'.repeat(51) },
    { setting: 'OIDC_ISSUER', value: 'id.example.com' },
    { setting: 'OIDC_ISSUER', value: 'file:///etc/passwd' },
    { setting: 'OIDC_AUDIENCE', value: 'two words' },
    { setting: 'OIDC_CLIENT_ID', value: 'two words' },
    { setting: 'OIDC_SCOPE', value: ' openid' },
    { setting: 'OIDC_ROLES_CLAIM', value: 'a role' },
    { setting: 'OIDC_TENANT_CLAIM', value: 'x'.repeat(201) },
    { setting: 'TENANT_ID', value: 'a/b' },
    { setting: 'TENANT_ID', value: 'a b' },
    { setting: 'TENANT_ID', value: 'acme\n' },
    { setting: 'TENANT_ID', value: 'x'.repeat(101) },
    { setting: 'EXPIRE_TOKENS_EVERY', value: '1h' },
    { setting: 'EXPIRE_TOKENS_EVERY', value: 'P1M' },
    { setting: 'EXPIRE_TOKENS_EVERY', value: 'PT0S' },
    { setting: 'EXPIRE_TOKENS_EVERY', value: 'PT0.999S' },
    { setting: 'EXPIRE_TOKENS_EVERY', value: '-PT1H' },
    { setting: 'EXPIRE_TOKENS_EVERY', value: 'P25D' },
    { setting: 'READ_MODEL_TIMEOUT', value: 'PT0S' },
    { setting: 'READ_MODEL_TIMEOUT', value: '3000' },
    { setting: 'READ_MODEL_MAX_LAG', value: 'soon' },
    { setting: 'ACCESS_TOKEN_ALGORITHM', value: 'HS256' },
    { setting: 'ACCESS_TOKEN_ALGORITHM', value: 'none' },
    { setting: 'ACCESS_TOKEN_LIFETIME', value: 'PT0.9S' },
    { setting: 'ACCESS_TOKEN_LIFETIME', value: 'PT1H0.001S' },
    { setting: 'ACCESS_TOKEN_LIFETIME', value: '600' },
    { setting: 'ACCESS_TOKEN_AUDIENCE', value: 'two words' },
    { setting: 'ACCESS_TOKEN_AUDIENCE', value: 'a\u0007' },
    { setting: 'ACCESS_TOKEN_AUDIENCE', value: 'x'.repeat(201) },
    { setting: 'KEY_RING', value: '{}' },
    { setting: 'KEY_RING', value: '{ "pepper": [], "vault": [] }' },
    { setting: 'KEY_RING', value: '{ not json' },
    { setting: 'KEY_RING', value: '/no/such/file' },
    { setting: 'KEY_RING', value: '/' },
    { setting: 'PUBLISH_AUDIT_HEADS_EVERY', value: 'PT0S' },
    { setting: 'PUBLISH_AUDIT_HEADS_TO', value: '/mnt/heads' },
    { setting: 'PUBLISH_AUDIT_HEADS_TO', value: 'http://witness.example.com' },
    { setting: 'PUBLISH_AUDIT_HEADS_TO', value: 'https://u:p@witness.example.com' },
    { setting: 'PUBLISH_AUDIT_HEADS_TO', value: 'file://other/heads' },
    { setting: 'PUBLISH_AUDIT_HEADS_TO', value: 'ftp://witness.example.com' },
    { setting: 'LOG_LEVEL', value: 'loud' },
    { setting: 'ROLES', value: 'api,web' },
    { setting: 'ROLES', value: ',' },
    { setting: 'TRUST_PROXY', value: 'yes' },
    { setting: 'TRUST_PROXY', value: '1' },
  ])('$setting=$value', ({ setting, value }) => {
    const environment: Record<string, string> = { [setting]: value };
    if (setting === 'OIDC_ISSUER') environment['OIDC_AUDIENCE'] = 'latchkey';
    const sentences = refusalOf(environment).split('\n');
    expect(sentences).toHaveLength(1);
    expect(sentences[0]).toMatch(new RegExp(`^${setting} .*\\.$`));
  });

  it('is told together with every other', () => {
    const sentences = refusalOf({ PORT: 'x', ROLES: 'x', TENANT_ID: 'a b' }).split('\n');
    expect(sentences.map((sentence) => sentence.split(' ')[0]).toSorted()).toEqual(['PORT', 'ROLES', 'TENANT_ID']);
  });

  it('does not show a password (promise: no secret in an error)', () => {
    for (const setting of ['DATABASE_URL', 'EVENT_STORE_URL'])
      expect(refusalOf({ [setting]: 'mysql://user:hunter2@host/database' })).not.toContain('hunter2');
  });

  it.each([
    { title: 'a bare key', value: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=' },
    { title: 'a list of keys', value: '[{ "id": "a", "key": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=" }]' },
    { title: 'a text with a NUL', value: 'q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ\0' },
    {
      title: 'a ring with a broken key',
      value: '{ "pepper": [{ "id": "a", "key": "q83vEjRWeJCrze8SNFZ4kKv" }], "vault": [] }',
    },
    { title: 'a ring that is cut off', value: '{ "pepper": [{ "id": "a", "key": "q83vEjRWeJCrze8SNFZ4kKv' },
  ])('shows nothing of a key that was set in a wrong way: $title (promise: no secret in an error)', ({ value }) => {
    expect(refusalOf({ KEY_RING: value })).toMatch(/^KEY_RING /);
    expect(refusalOf({ KEY_RING: value })).not.toContain('q83v');
  });
});

describe('the key ring', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'latchkey-config-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  it('is JSON, or the path of a file with it', () => {
    const path = join(folder, 'ring.json');
    writeFileSync(path, RING);
    const { keyRing, keyRingFile } = readEnvironment({ KEY_RING: path });
    expect(keyRing?.pepper[0]?.key).toHaveLength(32);
    expect(keyRingFile).toBe(path);
    expect(readEnvironment({ KEY_RING: `\n ${RING}` })).toMatchObject({ keyRing, keyRingFile: null });
  });

  it.each(['ES256', 'RS256'])('is refused without a key that signs with %s, and the cure is told', (algorithm) => {
    const { sign, ...older } = JSON.parse(RING) as { sign: { alg: string }[] };
    const others = sign.filter(({ alg }) => alg !== algorithm);
    const refusal = `KEY_RING has no key that signs with ${algorithm} by now. Add one with: npm run keys -- rotate sign`;
    for (const ring of [older, { ...older, sign: others }])
      expect(refusalOf({ KEY_RING: JSON.stringify(ring), ACCESS_TOKEN_ALGORITHM: algorithm })).toBe(refusal);
    const [other = ''] = others.map(({ alg }) => alg);
    const ring = JSON.stringify({ ...older, sign: others });
    expect(refusalOf({ KEY_RING: ring, ACCESS_TOKEN_ALGORITHM: other })).toBe('');
  });

  it('is refused from a file that holds none, and nothing of the file is shown', () => {
    const path = join(folder, 'other.json');
    writeFileSync(path, 'password=hunter2');
    expect(refusalOf({ KEY_RING: path })).toBe('KEY_RING is not JSON.');
  });
});

describe('production', () => {
  it('starts with an OpenID provider and keys of its own, for everybody to reach', () => {
    expect(readEnvironment(production)).toMatchObject({ isProduction: true, host: '0.0.0.0', logLevel: 'info' });
    expect(readEnvironment({ ...production, HOST: '10.0.0.1' }).host).toBe('10.0.0.1');
  });

  it.each(['OIDC_ISSUER', 'OIDC_AUDIENCE', 'KEY_RING'] as const)(
    'is refused without %s (promise: no development sign-in and no generated keys in production)',
    (setting) => {
      const rest = Object.fromEntries(Object.entries(production).filter(([name]) => name !== setting));
      expect(refusalOf(rest)).toMatch(new RegExp(`^${setting} is missing`));
      expect(refusalOf({ ...production, [setting]: '' })).toMatch(new RegExp(`^${setting} is missing`));
    },
  );

  it('is told all that is missing at once', () => {
    const sentences = refusalOf({ NODE_ENV: 'production' }).split('\n');
    expect(sentences.map((sentence) => sentence.split(' ')[0])).toEqual(['OIDC_ISSUER', 'KEY_RING']);
  });
});

describe('the address under which clients reach the service', () => {
  it.each([
    ['https://a.example', 'https://a.example'],
    ['https://a.example//', 'https://a.example'],
    ['https://a.example/latchkey///', 'https://a.example/latchkey'],
    ['http://[::1]:3000/', 'http://[::1]:3000'],
  ])('set as %s ends without a slash', (setting, address) => {
    expect(publicUrlOf(readEnvironment({ PUBLIC_URL: setting }))).toBe(address);
  });
});

describe('an OpenID provider', () => {
  const withIssuer = (issuer: string) => refusalOf({ OIDC_ISSUER: issuer, OIDC_AUDIENCE: 'latchkey' });

  it('is named together with the audience of its tokens', () => {
    expect(refusalOf({ OIDC_ISSUER: 'https://id.example.com' })).toMatch(/^OIDC_AUDIENCE is missing/);
  });

  it.each([
    'https://id.example.com',
    'https://id.example.com:8443/realms/acme',
    'http://localhost:4000',
    'http://127.0.0.1:4000/',
    'http://[::1]:4000',
  ])('may be %s', (issuer) => {
    expect(withIssuer(issuer)).toBe('');
  });

  it.each([
    'http://id.example.com',
    'HTTP://id.example.com',
    'Http://id.example.com',
    ' http://id.example.com',
    'http://localhost.example.com',
    'http://127.0.0.1.example.com',
    'http://localhost@id.example.com',
    'http://id.example.com/?localhost',
    'http://10.0.0.1',
    'http://0.0.0.0:4000',
    'http://[::2]',
  ])('is not %j (promise: plain http only on loopback)', (issuer) => {
    expect(withIssuer(issuer)).toBe('OIDC_ISSUER must use https: plain http is accepted only on loopback.');
    expect(refusalOf({ ...production, OIDC_ISSUER: issuer })).toMatch(/^OIDC_ISSUER must use https/);
  });
});
