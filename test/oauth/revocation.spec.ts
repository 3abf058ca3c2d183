import type { AppCredentials } from '../../projections/credentials.js';
import { AccessTokens } from '../../src/oauth/access-tokens.js';
import type { ClientAuthentication, OAuthRequest } from '../../src/oauth/client-authentication.js';
import type { CredentialLookups } from '../../src/oauth/credential-lookups.js';
import type { Issuer } from '../../src/oauth/issuer.js';
import { RevocationEndpoint } from '../../src/oauth/revocation.endpoint.js';
import type { RevokedAccessTokens } from '../../src/oauth/revoked-access-tokens.js';
import { Verification } from '../../src/oauth/verification.js';
import { aSigningKey, keysOf, ringOf } from '../support/keys.js';
import { someSettings } from '../support/parts.js';

/** Promise: what a client has given up does not hold at an instance either whose clock is behind. */

const MINUTE = 60_000;
const app = { clientId: 'lk_app_0', tenantId: 'demo', status: 'ACTIVE', generation: 1 } as AppCredentials;
const other = { ...app, clientId: 'lk_app_1' };

it.each([
  ['its client gives up', app, 1],
  ['another client names', other, 0],
])('a token that has expired by this clock, and that %s', async (_who, caller, count) => {
  let now = Date.now();
  const clock = { now: () => new Date(now) };
  const keys = keysOf({ ...ringOf(), sign: [await aSigningKey()] }, clock.now);
  const issuer = { url: 'https://tokens.example.com' } as Issuer;
  const settings = someSettings({ accessTokenLifetime: 10 * MINUTE, accessTokenAlgorithm: 'ES256' });
  const accessTokens = new AccessTokens(keys, issuer, settings, clock);
  const { accessToken } = await accessTokens.issue(app);

  const revoked: string[] = [];
  const endpoint = new RevocationEndpoint(
    { authenticate: () => Promise.resolve(caller) } as unknown as ClientAuthentication,
    new Verification({} as CredentialLookups, accessTokens, clock),
    accessTokens,
    { add: (id: string) => Promise.resolve(revoked.push(id)) } as unknown as RevokedAccessTokens,
  );
  now += 11 * MINUTE;
  await endpoint.answer({ body: new Map([['token', accessToken]]) } as unknown as OAuthRequest);
  expect(revoked).toHaveLength(count);
});
