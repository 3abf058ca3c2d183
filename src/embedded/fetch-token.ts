import { createHash, randomBytes } from 'node:crypto';
import { commandLineRedirectUri, developmentClientId } from './development-client.js';
import { developmentUserIds, findDevelopmentUser } from './development-users.js';

const maximumSteps = 10;

/** Signs in as a user of the development provider, as a browser would, and answers the access token. */
export async function fetchToken(issuer: string, user: string): Promise<string> {
  if (!findDevelopmentUser(user))
    throw new Error(`There is no user "${user}". The users are ${developmentUserIds.join(', ')}.`);
  const verifier = randomBytes(32).toString('base64url');
  const code = await authorize(issuer, user, createHash('sha256').update(verifier).digest('base64url'));
  const response = await request(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      client_id: developmentClientId,
      redirect_uri: commandLineRedirectUri,
      code,
      code_verifier: verifier,
    }),
  });
  const answer = (await response.json()) as { access_token?: string; error?: string };
  if (!answer.access_token) throw new Error(`${issuer} gave no token: ${answer.error ?? response.status}.`);
  return answer.access_token;
}

async function authorize(issuer: string, user: string, challenge: string): Promise<string> {
  const query = new URLSearchParams({
    client_id: developmentClientId,
    response_type: 'code',
    scope: 'openid profile',
    redirect_uri: commandLineRedirectUri,
    code_challenge: challenge,
    code_challenge_method: 'S256',
  });
  const cookies = new Map<string, string>();
  let url = `${issuer}/auth?${query.toString()}`;
  let init: RequestInit = {};
  for (let step = 0; step < maximumSteps; step += 1) {
    const response = await request(url, { ...init, redirect: 'manual', headers: { cookie: cookieHeader(cookies) } });
    keepCookies(response, cookies);
    const location = response.headers.get('location');
    if (location?.startsWith(`${commandLineRedirectUri}?`)) return readCode(new URL(location), issuer);
    if (!location && !response.ok)
      throw new Error(`${issuer} refused to sign in (${response.status}). Is it Latchkey's development sign-in?`);
    // A page instead of a redirect is the sign-in page: press the user's button.
    init = location ? {} : { method: 'POST', body: new URLSearchParams({ user }) };
    url = location ? new URL(location, url).href : url;
  }
  throw new Error(`${issuer} did not come to an end with the sign-in. Is it Latchkey's development sign-in?`);
}

function readCode({ searchParams }: URL, issuer: string): string {
  const code = searchParams.get('code');
  if (code) return code;
  throw new Error(
    `${issuer} refused to sign in: ${searchParams.get('error_description') ?? searchParams.get('error') ?? 'no reason given'}.`,
  );
}

function keepCookies(response: Response, cookies: Map<string, string>): void {
  for (const line of response.headers.getSetCookie()) {
    const [name, value] = line.split(';')[0]?.split('=', 2) ?? [];
    if (name && value) cookies.set(name, value);
    if (name && !value) cookies.delete(name);
  }
}

function cookieHeader(cookies: Map<string, string>): string {
  return [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
}

async function request(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init);
  } catch (error) {
    throw new Error(`${new URL(url).origin} does not answer. Start Latchkey first (npm start), or set OIDC_ISSUER.`, {
      cause: error,
    });
  }
}
