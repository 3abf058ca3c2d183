import { calculateJwkThumbprint, type JWK } from 'jose';
import {
  answerOf,
  aRingWithRetiredKey,
  behindProxy,
  discover,
  expectOAuthHeaders,
  expectRefusal,
} from '../support/oauth.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promises (oauth.md): RFC 8414, 7517 and 7638. */

let stage: Stage;
let ring: Awaited<ReturnType<typeof aRingWithRetiredKey>>;

beforeAll(async () => {
  ring = await aRingWithRetiredKey();
  stage = await startStage({ ...behindProxy, KEY_RING: ring.text });
});

afterAll(() => stage.close());

const METADATA = '/.well-known/oauth-authorization-server';
const KEYS = '/.well-known/jwks.json';
const get = async (path: string) => answerOf(await fetch(stage.service.url + path));

describe('the metadata', () => {
  it('is what a client library expects, and its issuer is where it was asked for', async () => {
    const { url } = stage.service;
    const methods = ['client_secret_basic', 'client_secret_post'];
    expect(await discover(stage.service)).toEqual({
      issuer: url,
      token_endpoint: `${url}/oauth/token`,
      token_endpoint_auth_methods_supported: methods,
      introspection_endpoint: `${url}/oauth/introspect`,
      introspection_endpoint_auth_methods_supported: methods,
      revocation_endpoint: `${url}/oauth/revoke`,
      revocation_endpoint_auth_methods_supported: methods,
      jwks_uri: `${url}/.well-known/jwks.json`,
      grant_types_supported: ['client_credentials'],
      response_types_supported: [],
    });
  });

  it('is public and may be kept for a while', async () => {
    const { status, headers } = await get(METADATA);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toMatch(/^application\/json/);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
  });

  it('is where RFC 8414 puts it when the issuer has a path', async () => {
    const other = await stage.another({ PUBLIC_URL: 'https://example.com/tokens/', ROLES: 'api' });
    const answers = await Promise.all(
      [METADATA, `${METADATA}/tokens`, `${METADATA}/other`].map((path) => fetch(other.url + path)),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 404]);
    expect(await answers[1]!.json()).toMatchObject({ issuer: 'https://example.com/tokens' });
    await other.stop();
  });

  it('names the address that the settings say, not the one that was called', async () => {
    const other = await stage.another({ PUBLIC_URL: 'https://tokens.example.com/', ROLES: 'api' });
    const response = await fetch(other.url + METADATA, { headers: { 'x-forwarded-host': 'evil.example.com' } });
    expect(await response.json()).toMatchObject({
      issuer: 'https://tokens.example.com',
      token_endpoint: 'https://tokens.example.com/oauth/token',
    });
    await other.stop();
  });
});

describe('the keys', () => {
  it('are those that sign, will sign, or have signed what may be alive: public members, named by their thumbprints', async () => {
    const { status, headers, body } = await get(KEYS);
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('public, max-age=300');
    const keys = body.keys as (JWK & { kid: string })[];
    expect(keys.map(({ alg }) => alg).sort()).toEqual(['ES256', 'ES256', 'RS256']);
    expect(keys.map(({ kid }) => kid)).toEqual(expect.arrayContaining([ring.current.id, ring.next.id]));
    expect(keys.map(({ kid }) => kid)).not.toContain(ring.retired.id);
    for (const key of keys) {
      expect(key.kid).toBe(await calculateJwkThumbprint(key));
      expect(Object.keys(key).sort()).toEqual(
        (key.kty === 'EC' ? ['crv', 'x', 'y'] : ['e', 'n']).concat('alg', 'kid', 'kty', 'use').sort(),
      );
      expect(key.use).toBe('sig');
    }
  });
});

describe.each([METADATA, KEYS])('%s', (path) => {
  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])('answers to %s that it is for GET', async (method) => {
    const answer = await answerOf(await fetch(stage.service.url + path, { method }));
    expectRefusal(answer, 405, 'invalid_request');
    expect(answer.headers.get('allow')).toBe('GET, HEAD');
    expectOAuthHeaders(answer);
  });

  it('answers to HEAD', async () => {
    const response = await fetch(stage.service.url + path, { method: 'HEAD' });
    expect(response.status).toBe(200);
    expect(await response.text()).toBe('');
  });
});
