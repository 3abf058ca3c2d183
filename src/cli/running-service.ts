import { readFile } from 'node:fs/promises';
import { UsageError } from './command.js';

export const SERVICE_OPTIONS = { url: { type: 'string' }, 'token-file': { type: 'string' } } as const;
export const SERVICE_HELP = `  --url          of Latchkey: https://tokens.example.com
  --token-file   a file with an access token`;

export type RunningService = { url: string; token: string };

/** What an `Authorization` header takes: https://www.rfc-editor.org/rfc/rfc6750#section-2.1 */
const TOKEN = /^[\w.~+/-]+=*$/;

/** The Latchkey that the options name, and the token that stands in the file. */
export async function serviceIn(given: Readonly<Record<string, unknown>>): Promise<RunningService> {
  for (const name of Object.keys(SERVICE_OPTIONS))
    if (given[name] === undefined) throw new UsageError(`--${name} is missing.`);
  const url = String(given['url']);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('--url must be an address such as https://tokens.example.com.');
  return { url: url.replace(/\/$/, ''), token: await tokenIn(String(given['token-file'])) };
}

async function tokenIn(path: string): Promise<string> {
  const text = await readFile(path, 'utf8').catch((error: unknown) => {
    throw new UsageError(`${path} cannot be read: ${(error as NodeJS.ErrnoException).code}.`, { cause: error });
  });
  const token = text.trim();
  if (!TOKEN.test(token)) throw new UsageError(`${path} must hold one access token and nothing else.`);
  return token;
}

/** The answer of the service to somebody with the token. Throws a sentence when it cannot be reached or refuses. */
export async function answerOf(
  { token }: RunningService,
  address: URL | string,
  request: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const response = await fetch(address, { ...request, headers, redirect: 'error' }).catch((error: unknown) => {
    throw new Error('It cannot be reached.', { cause: error });
  });
  if (response.ok) return response;
  const told = (await response.json().catch(() => ({}))) as { errors?: { message?: string }[] };
  throw new Error(told.errors?.[0]?.message ?? `It answered ${response.status}.`);
}
