import type { AppCredentials, TokenCredentials } from '../../projections/credentials.js';
import { DomainError } from '../../src/domain-error.js';
import type { AccessTokenClaims, AccessTokens } from '../../src/oauth/access-tokens.js';
import type { CredentialLookups } from '../../src/oauth/credential-lookups.js';
import { Verification } from '../../src/oauth/verification.js';
import { newSecret } from '../../src/secrets/format.js';

/** Promise (oauth.md): whether a credential holds starts from "no", and everything has to speak for "yes". */

const START = Date.parse('2026-03-01T12:00:00.000Z');

let now: number;
let token: TokenCredentials | null;
let app: AppCredentials | null;
let isRevoked: boolean;
let lookedUp: number;

const value = newSecret('lk_pat_');
const claims = { client_id: 'client', tenant_id: 'demo', generation: 1, jti: 'id' } as AccessTokenClaims;

beforeEach(() => {
  now = START;
  lookedUp = 0;
  isRevoked = false;
  token = { tenantId: 'demo', recordedStatus: 'ACTIVE', expiresAt: new Date(START + 60_000) } as TokenCredentials;
  app = { clientId: 'client', tenantId: 'demo', status: 'ACTIVE', generation: 1 } as AppCredentials;
});

const lookups = {
  token: () => ((lookedUp += 1), Promise.resolve(token)),
  app: () => Promise.resolve(app),
  isRevoked: () => Promise.resolve(isRevoked),
};
const accessTokens = { read: (text: string) => Promise.resolve(text === 'good' ? claims : null) };
const verify = (text: string, by: object = lookups) =>
  new Verification(by as CredentialLookups, accessTokens as unknown as AccessTokens, {
    now: () => new Date(now),
  }).verify(text);

describe('a personal access token', () => {
  it('holds until exactly its expiry', async () => {
    now = START + 59_999;
    expect(await verify(value)).toEqual({ kind: 'personal_access_token', tenantId: 'demo', token });
    now = START + 60_000;
    expect(await verify(value)).toBeNull();
  });

  it.each(['REVOKED', 'EXPIRED'] as const)(
    'that is recorded as %s does not, whatever the clock says',
    async (status) => {
      token!.recordedStatus = status;
      now = START - 86_400_000;
      expect(await verify(value)).toBeNull();
    },
  );

  it('that is unknown does not', async () => {
    token = null;
    expect(await verify(value)).toBeNull();
    expect(lookedUp).toBe(1);
  });

  it('that was mistyped is not even looked up', async () => {
    for (const text of [`${value}\n`, value.slice(0, -1), value.replace('lk_pat_', 'lk_pat_0'), 'lk_pat_'])
      expect(await verify(text)).toBeNull();
    expect(lookedUp).toBe(0);
  });
});

describe('an access token', () => {
  it('holds when everything speaks for it', async () => {
    expect(await verify('good')).toEqual({ kind: 'access_token', tenantId: 'demo', claims, app });
  });

  it.each<[string, () => unknown]>([
    ['the app is gone', () => (app = null)],
    ['the app is disabled', () => (app!.status = 'DISABLED')],
    ['the app has been disabled since', () => (app!.generation = 2)],
    ['the app is of an earlier generation, as after a restored log', () => (app!.generation = 0)],
    ['the app is another tenant’s', () => (app!.tenantId = 'other')],
    ['it is revoked', () => (isRevoked = true)],
  ])('does not when %s', async (_what, change) => {
    change();
    expect(await verify('good')).toBeNull();
  });

  it('that is not ours does not', async () => {
    expect(await verify('other')).toBeNull();
  });

  it.each(['app', 'isRevoked'])('is not answered about when %s cannot be looked up', async (part) => {
    const unavailable = () => Promise.reject(new DomainError('UNAVAILABLE', 'Not now.'));
    await expect(verify('good', { ...lookups, [part]: unavailable })).rejects.toThrow('Not now.');
  });
});
