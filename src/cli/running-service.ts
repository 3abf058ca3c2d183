import { readFile } from 'node:fs/promises';
import { UsageError } from './command.js';

export const SERVICE_OPTIONS = { url: { type: 'string' }, 'token-file': { type: 'string' } } as const;
export const SERVICE_HELP = `  --url          of Latchkey: https://tokens.example.com
  --token-file   a file with an access token`;

export type RunningService = { url: string; tokenFile: string };

/** The Latchkey that the options name. */
export function serviceIn(given: Readonly<Record<string, unknown>>): RunningService {
  for (const name of Object.keys(SERVICE_OPTIONS))
    if (given[name] === undefined) throw new UsageError(`--${name} is missing.`);
  const url = String(given['url']);
  if (!/^https?:\/\//.test(url) || !URL.canParse(url))
    throw new UsageError('--url must be an address such as https://tokens.example.com.');
  return { url: url.replace(/\/$/, ''), tokenFile: String(given['token-file']) };
}

/** The answer of the service to somebody with the token. Throws a sentence when it cannot be reached or refuses. */
export async function answerOf(
  { tokenFile }: RunningService,
  address: URL | string,
  request: { method?: string; body?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  const token = (await readFile(tokenFile, 'utf8')).trim();
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const response = await fetch(address, { ...request, headers, redirect: 'error' }).catch((error: unknown) => {
    throw new Error('It cannot be reached.', { cause: error });
  });
  if (response.ok) return response;
  const told = (await response.json().catch(() => ({}))) as { errors?: { message?: string }[] };
  throw new Error(told.errors?.[0]?.message ?? `It answered ${response.status}.`);
}
