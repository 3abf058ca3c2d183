import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { eventually } from '../support/eventually.js';
import { freePort } from '../support/service.js';

export type Framework = 'express' | 'fastify';
export type Find = 'introspect' | 'verify' | 'both';
export type Api = Awaited<ReturnType<typeof startApi>>;

const children: ChildProcess[] = [];
const folders: string[] = [];

/** Within the project, so that its libraries are found. */
export async function writeFilesOf(page: string): Promise<string> {
  await mkdir('test-results', { recursive: true });
  const folder = await mkdtemp(resolve('test-results', 'resource-servers-'));
  folders.push(folder);
  const codeOf = (text: string) => [...text.matchAll(/^```js\n(.*?)^```$/gms)].map(([, code = '']) => code);
  const files = codeOf(page).map((code) => [/^\/\/ (\S+)$/m.exec(code)?.[1] ?? '', code] as const);
  for (const [name, code] of files) {
    await writeFile(join(folder, name), code);
    for (const find of ['verify', 'both'])
      await writeFile(join(folder, `${find}-${name}`), code.replace('./introspect.js', `./${find}.js`));
  }
  const [checksum = ''] = codeOf(await readFile('docs/secret-scanning.md', 'utf8'));
  await writeFile(join(folder, 'is-latchkey-secret.js'), checksum);
  return folder;
}

/** An API of the page in a process of its own; answers how it answers. */
export async function startApi(folder: string, framework: Framework, find: Find, settings: Record<string, string>) {
  const port = String(await freePort());
  const file = `${find === 'introspect' ? '' : `${find}-`}${framework}-api.js`;
  const child = spawn(process.execPath, [join(folder, file)], {
    env: { PATH: process.env['PATH'], ...settings, PORT: port },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  children.push(child);
  let printed = '';
  child.stderr.on('data', (chunk: Buffer) => (printed += chunk.toString()));

  const get = (headers: Record<string, string>) => fetch(`http://127.0.0.1:${port}/me`, { headers });
  await eventually(
    () => get({}).catch(() => null),
    (response) => {
      if (child.exitCode !== null) throw new Error(`The API ended:\n${printed}`);
      return response !== null;
    },
  );
  const withHeaders = async (headers: Record<string, string>) => {
    const response = await get(headers);
    const challenge = response.headers.get('www-authenticate');
    const body: any = await response.json();
    return {
      response,
      body,
      told: { status: response.status, challenge, retryAfter: response.headers.get('retry-after') },
    };
  };
  return {
    withHeaders: async (headers: Record<string, string>) => (await withHeaders(headers)).told,
    told: async (token: string) => (await withHeaders({ authorization: `Bearer ${token}` })).told,
    /** What the API knows of the caller. */
    credential: async (token: string) => {
      const { told, body } = await withHeaders({ authorization: `Bearer ${token}` });
      expect(told).toEqual({ status: 200, challenge: null, retryAfter: null });
      return body;
    },
    printed: () => printed,
  };
}

export async function endApis(): Promise<void> {
  await Promise.all(children.map(end));
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true })));
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}

/** Members that the table of the page has for a kind of credential. */
export function membersTold(page: string, column: 1 | 2): string[] {
  const rows = [...page.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\| (.*?) +\| (.*?) +\|$/gm)];
  return rows
    .filter((row) => row[column + 1]!.trim() !== '')
    .flatMap(([, names = '']) => [...names.matchAll(/\w+/g)].map(([name]) => name))
    .sort();
}
