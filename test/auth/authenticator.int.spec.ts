import { jest } from '@jest/globals';
import { Authenticator } from '../../src/auth/authenticator.js';
import { OpenIdProvider } from '../../src/auth/openid-provider.js';
import { startIssuer, type Issuer } from '../support/issuer.js';
import { someSettings } from '../support/parts.js';

/** How long a key set is not asked for again after it was fetched. */
const KEY_SET_COOL_DOWN = 30_000;

let issuer: Issuer;
let authenticator: Authenticator;

beforeEach(async () => {
  issuer = await startIssuer();
  const settings = someSettings({
    oidcIssuer: issuer.url,
    oidcAudience: 'latchkey',
    oidcTenantClaim: 'tenant_id',
    oidcRolesClaim: 'roles',
  });
  authenticator = new Authenticator(settings, new OpenIdProvider(settings));
});

afterEach(async () => {
  jest.restoreAllMocks();
  await issuer.stop();
});

describe('the keys of the provider', () => {
  it('may change without a restart', async () => {
    const old = await issuer.token({ id: 'dev' });
    await authenticator.authenticate(old);
    await issuer.rotate();
    const fresh = await issuer.token({ id: 'dev' });
    await expect(authenticator.authenticate(fresh)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });

    const now = Date.now();
    jest.spyOn(Date, 'now').mockImplementation(() => now + KEY_SET_COOL_DOWN + 1_000);

    expect(await authenticator.authenticate(fresh)).toMatchObject({ id: 'dev' });
    await expect(authenticator.authenticate(old)).rejects.toMatchObject({ code: 'UNAUTHENTICATED' });
  });
});
