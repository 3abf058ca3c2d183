import { OpenIdProvider, type ProviderMetadata } from '../../src/auth/openid-provider.js';
import { startIssuer, type Issuer } from '../support/issuer.js';
import { someSettings } from '../support/parts.js';

/** Promise: nobody on the way between Latchkey and the provider can change whose keys sign for users. */

let issuer: Issuer;

afterEach(() => issuer.stop());

async function metadataWith(said: object): Promise<ProviderMetadata> {
  issuer = await startIssuer(said);
  return new OpenIdProvider(someSettings({ oidcIssuer: issuer.url })).metadata();
}

describe('the keys of the provider', () => {
  it.each(['https://keys.example.com/jwks', 'http://localhost:4000/jwks', 'http://[::1]:4000/jwks'])(
    'may be at %s',
    async (jwks_uri) => {
      expect(await metadataWith({ jwks_uri })).toMatchObject({ jwks_uri });
    },
  );

  it.each([
    'http://keys.example.com/jwks',
    'HTTP://keys.example.com/jwks',
    'http://localhost@keys.example.com/jwks',
    'http://10.0.0.1/jwks',
    'ftp://keys.example.com/jwks',
    'file:///jwks',
    'data:application/json,{}',
    '/jwks',
  ])('are not taken from %s', async (jwks_uri) => {
    await expect(metadataWith({ jwks_uri })).rejects.toMatchObject({ code: 'UNAVAILABLE' });
  });
});

describe('the token endpoint of the provider', () => {
  it('may be elsewhere, by https', async () => {
    const token_endpoint = 'https://tokens.example.com/token';
    expect(await metadataWith({ token_endpoint })).toMatchObject({ token_endpoint });
  });

  it.each(['http://tokens.example.com/token', 'ftp://tokens.example.com', 'nonsense', 7])(
    'is not known when it is said to be %s, and the rest is',
    async (token_endpoint) => {
      const metadata = await metadataWith({ token_endpoint });
      expect(metadata).toEqual({ issuer: issuer.url, jwks_uri: `${issuer.url}/jwks` });
    },
  );
});
