import {
  allowInsecureRequests,
  discoveryRequest,
  processDiscoveryResponse,
  type AuthorizationServer,
} from 'oauth4webapi';
import { newSigningKey } from '../../src/secrets/signing-key.js';
import { generateKeyRing, parseKeyRing, writeKeyRing, type WrittenKeyRing } from '../../src/secrets/key-ring.js';
import { ask } from './operations.js';
import { anApp, type AppScenario } from './scenarios.js';
import type { Service } from './service.js';

/** How specs speak to the OAuth endpoints where a client library would not let them. */

export type Endpoint = '/oauth/token' | '/oauth/introspect' | '/oauth/revoke';
export type Form = Record<string, string> | string;
export type OAuthAnswer = { status: number; headers: Headers; text: string; body: any };
export type Credentials = Pick<AppScenario, 'clientId' | 'clientSecret'>;

/** Plain http is for specs. */
export const insecurely = { [allowInsecureRequests]: true } as const;

/** Makes `request.ip` what `x-forwarded-for` says; without the job, which is asked for by hand. */
export const behindProxy = { TRUST_PROXY: 'true', ROLES: 'api,projector' };

let requests = 0;
/** Failures are counted by address, so each request that does not say otherwise comes from one of its own. */
const anotherAddress = () => `10.${(requests >> 16) & 255}.${(requests >> 8) & 255}.${requests++ & 255}`;

/** What every answer of these endpoints has in common is expected of each. */
export async function post(
  service: Service,
  path: string,
  form: Form,
  headers: Record<string, string> = {},
): Promise<OAuthAnswer> {
  const response = await fetch(service.url + path, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-www-form-urlencoded',
      'x-forwarded-for': anotherAddress(),
      ...headers,
    },
    body: typeof form === 'string' ? form : new URLSearchParams(form).toString(),
  });
  const answer = await answerOf(response);
  expectOAuthHeaders(answer);
  return answer;
}

export async function answerOf(response: Response): Promise<OAuthAnswer> {
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: text === '' ? null : JSON.parse(text) };
}

export function expectOAuthHeaders({ headers, text }: OAuthAnswer): void {
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('pragma')).toBe('no-cache');
  if (text !== '') expect(headers.get('content-type')).toMatch(/^application\/json(;|$)/);
}

export function expectRefusal(answer: OAuthAnswer, status: number, error: string): void {
  expect(answer).toMatchObject({
    status,
    body: { error, error_description: expect.stringMatching(/^[\x20\x21\x23-\x5B\x5D-\x7E]+$/) },
  });
  expect(Object.keys(answer.body).sort()).toEqual(['error', 'error_description']);
}

const encoded = (text: string) => new URLSearchParams([['', text]]).toString().slice(1);
export const basicOf = (pair: string) => ({ authorization: `Basic ${Buffer.from(pair).toString('base64')}` });
export const basic = ({ clientId, clientSecret }: Credentials) =>
  basicOf(`${encoded(clientId)}:${encoded(clientSecret)}`);
export const inBody = ({ clientId, clientSecret }: Credentials) => ({
  client_id: clientId,
  client_secret: clientSecret,
});

/** As a client library finds out about the service. */
export async function discover(service: Service): Promise<AuthorizationServer> {
  const issuer = new URL(service.url);
  const response = await discoveryRequest(issuer, { algorithm: 'oauth2', ...insecurely });
  return processDiscoveryResponse(issuer, response);
}

const GRANT = { grant_type: 'client_credentials' };

export const requestToken = (service: Service, app: Credentials, more: Record<string, string> = {}) =>
  post(service, '/oauth/token', { ...GRANT, ...more }, basic(app));

export async function anAccessToken(service: Service, app: Credentials): Promise<string> {
  const { status, text, body } = await requestToken(service, app);
  if (status !== 200) throw new Error(`No access token: ${text}`);
  return body.access_token;
}

export const introspect = async (service: Service, caller: Credentials, token: string, more = {}) =>
  post(service, '/oauth/introspect', { token, ...more }, basic(caller));

/** An app of the administrator's tenant with permissions. */
export async function anAppWith(
  service: Service,
  administrator: string,
  ...grant: ('INTROSPECT_TOKENS' | 'EXPIRE_TOKENS')[]
): Promise<AppScenario> {
  const app = await anApp(service, administrator);
  await ask(service, administrator, 'changeAppPermissions', { id: app.id, grant });
  return app;
}

/** A ring with an ES256 key that has retired, one in use, and one that is used from tomorrow on. */
export async function aRingWithRetiredKey() {
  const written = JSON.parse(await generateKeyRing()) as WrittenKeyRing;
  const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
  const [retired, current, next] = [
    await newSigningKey('ES256'),
    { ...(await newSigningKey('ES256')), usedFrom: at(-2) },
    { ...(await newSigningKey('ES256')), usedFrom: at(24) },
  ];
  const rsa = (written.sign ?? []).filter(({ alg }) => alg === 'RS256');
  const text = writeKeyRing({ ...written, sign: [next, current, retired, ...rsa] });
  const { sign } = parseKeyRing(text);
  const find = (id: string) => sign.find((key) => key.id === id)!;
  return { text, retired: find(retired.id), current: find(current.id), next: find(next.id) };
}
