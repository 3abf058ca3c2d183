import { createHash } from 'node:crypto';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { createRemoteJWKSet, decodeJwt, type JWTPayload, jwtVerify } from 'jose';
import { type DevelopmentProvider, startDevelopmentProvider } from '../../src/embedded/development-provider.js';
import { fetchToken } from '../../src/embedded/fetch-token.js';

const verifier = 'a'.repeat(43);
const redirectUri = 'http://localhost:3000/';

let dataDir: string;
let provider: DevelopmentProvider;
let printed: jest.SpiedFunction<typeof console.info>[];

const start = () => startDevelopmentProvider({ port: 0, dataDir, audience: 'latchkey', redirectUris: [redirectUri] });

beforeAll(async () => {
  printed = [jest.spyOn(console, 'info'), jest.spyOn(console, 'warn'), jest.spyOn(console, 'error')];
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-provider-'));
  provider = await start();
});

afterAll(async () => {
  await provider.stop();
  await rm(dataDir, { recursive: true });
});

async function claimsOfToken(token: string): Promise<JWTPayload> {
  const keys = createRemoteJWKSet(new URL(`${provider.issuer}/jwks`));
  const options = { issuer: provider.issuer, audience: 'latchkey', typ: 'at+jwt', algorithms: ['ES256'] };
  return (await jwtVerify(token, keys, options)).payload;
}

function authorizationUrl(): string {
  const query = new URLSearchParams({
    client_id: 'latchkey-web',
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: redirectUri,
    state: 'here-again',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
  });
  return `${provider.issuer}/auth?${query.toString()}`;
}

async function openSignIn(): Promise<{ page: Response; cookie: string; url: string }> {
  const redirect = await fetch(authorizationUrl(), { redirect: 'manual' });
  const cookie = cookiesOf(redirect);
  const url = new URL(redirect.headers.get('location') ?? '', provider.issuer).href;
  return { page: await fetch(url, { headers: { cookie } }), cookie, url };
}

async function signIn(user: string): Promise<{ code: string; session: string }> {
  const { url, cookie } = await openSignIn();
  const pressed = await fetch(url, {
    method: 'POST',
    headers: { cookie },
    body: new URLSearchParams({ user }),
    redirect: 'manual',
  });
  const resumed = await fetch(pressed.headers.get('location') ?? '', { headers: { cookie }, redirect: 'manual' });
  const back = new URL(resumed.headers.get('location') ?? '');
  expect(back.href).toMatch(/^http:\/\/localhost:3000\/\?code=.+&state=here-again/);
  return { code: back.searchParams.get('code') ?? '', session: cookiesOf(resumed) };
}

function cookiesOf(response: Response): string {
  return response.headers
    .getSetCookie()
    .map((line) => line.split(';')[0])
    .join('; ');
}

describe('the development provider', () => {
  it.each([
    ['ada', 'administrator'],
    ['dev', 'developer'],
    ['aud', 'auditor'],
  ])('gives %s an access token for the API, with the role %s', async (user, role) => {
    const claims = await claimsOfToken(await fetchToken(provider.issuer, user));
    expect(claims).toMatchObject({ sub: user, roles: [role], tenant_id: 'demo', name: expect.any(String) });
    expect(Number(claims.exp) - Number(claims.iat)).toBe(3600);
  });

  it('knows nobody else', async () => {
    await expect(fetchToken(provider.issuer, 'eve')).rejects.toThrow(
      'There is no user "eve". The users are ada, dev, aud.',
    );
  });

  it('offers a button per user, on a page that may run nothing and send its form only to us and the web page', async () => {
    const { page } = await openSignIn();
    const html = await page.text();
    const policy = page.headers.get('content-security-policy');
    expect(html).toContain('Continue as ada (administrator)');
    expect(html).not.toMatch(/<script|https?:\/\//);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("form-action 'self' http://localhost:3000;");
  });

  it('asks again when the form names nobody it knows', async () => {
    const { url, cookie } = await openSignIn();
    const answer = await fetch(url, {
      method: 'POST',
      headers: { cookie },
      body: new URLSearchParams({ user: 'eve' }),
    });
    expect(await answer.text()).toContain('Continue as dev (developer)');
  });

  it('does not sign in a browser that did not begin the sign-in', async () => {
    const { url } = await openSignIn();
    const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ user: 'ada' }), redirect: 'manual' });
    expect(answer.status).toBe(400);
  });

  it('tells the web page who has signed in', async () => {
    const { code } = await signIn('ada');
    const body = new URLSearchParams({
      client_id: 'latchkey-web',
      grant_type: 'authorization_code',
      code,
      redirect_uri: redirectUri,
      code_verifier: verifier,
    });
    const answer = await fetch(`${provider.issuer}/token`, { method: 'POST', body });
    const { id_token: idToken } = (await answer.json()) as { id_token: string };
    expect(decodeJwt(idToken)).toMatchObject({
      sub: 'ada',
      name: 'Ada Lovelace',
      roles: ['administrator'],
      tenant_id: 'demo',
    });
  });

  it('signs out without a question, and goes back to the web page', async () => {
    const { session: cookie } = await signIn('ada');
    const query = new URLSearchParams({
      client_id: 'latchkey-web',
      post_logout_redirect_uri: redirectUri,
      state: 'bye',
    });
    const out = await fetch(`${provider.issuer}/session/end?${query.toString()}`, {
      headers: { cookie },
      redirect: 'manual',
    });
    expect(out.status).toBe(303);
    expect(out.headers.get('location')).toBe('http://localhost:3000/?state=bye');

    const again = await fetch(authorizationUrl(), { headers: { cookie }, redirect: 'manual' });
    expect(again.headers.get('location')).toContain('/interaction/');
  });

  it.each(['/.well-known/openid-configuration', '/jwks'])('lets the web page read %s', async (path) => {
    const answer = await fetch(`${provider.issuer}${path}`, { headers: { origin: 'http://localhost:3000' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe('http://localhost:3000');
  });

  it.each([
    ['http://localhost:3000', 'http://localhost:3000'],
    ['http://evil.example', null],
  ])('answers a token request from a page on %s with the allowed origin %s', async (origin, allowed) => {
    const body = new URLSearchParams({
      client_id: 'latchkey-web',
      grant_type: 'authorization_code',
      code: 'none',
      redirect_uri: redirectUri,
    });
    const answer = await fetch(`${provider.issuer}/token`, { method: 'POST', headers: { origin }, body });
    expect(answer.headers.get('access-control-allow-origin')).toBe(allowed);
  });

  it('refuses a redirect to a place that is not registered', async () => {
    const answer = await fetch(
      `${provider.issuer}/auth?client_id=latchkey-web&response_type=code&redirect_uri=http://evil.example/`,
    );
    expect(answer.status).toBe(400);
    expect(answer.headers.get('content-security-policy')).toContain("form-action 'none'");
  });

  it('keeps its signing key over a restart, in a file that nobody else can read', async () => {
    const token = await fetchToken(provider.issuer, 'dev');
    await provider.stop();
    const { issuer } = provider;
    provider = await startDevelopmentProvider({
      port: Number(new URL(issuer).port),
      dataDir,
      audience: 'latchkey',
      redirectUris: [redirectUri],
    });
    expect((await claimsOfToken(token)).sub).toBe('dev');
    expect((await stat(join(dataDir, 'development-provider.json'))).mode & 0o777).toBe(0o600);
  });

  it('says what to do when its port is taken', async () => {
    const port = Number(new URL(provider.issuer).port);
    await expect(
      startDevelopmentProvider({ port, dataDir, audience: 'latchkey', redirectUris: [redirectUri] }),
    ).rejects.toThrow(`Port ${port} is taken`);
  });

  it('does not start in production', async () => {
    const before = process.env['NODE_ENV'];
    process.env['NODE_ENV'] = 'production';
    await expect(start())
      .rejects.toThrow('NODE_ENV=production')
      .finally(() => (process.env['NODE_ENV'] = before));
  });

  it('prints nothing', () => {
    for (const spy of printed) expect(spy).not.toHaveBeenCalled();
  });
});
