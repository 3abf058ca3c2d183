import { execFile, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { jest } from '@jest/globals';
import { readPostmaster, type Postmaster } from '../../src/embedded/postmaster-file.js';
import { isRunning } from '../../src/embedded/running-process.js';
import { generateKeyRing, type KeyRing } from '../../src/secrets/key-ring.js';
import { freePortPair, graphql, occupy, spawnService, startService } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { change } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

let parent: string;
let dataDir: string;
const children: ChildProcess[] = [];

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'latchkey-start-'));
  dataDir = join(parent, 'data');
});

afterAll(async () => {
  for (const child of children) child.kill('SIGKILL');
  await Promise.all((await readdir(parent)).map((name) => killPostgres(join(parent, name))));
  await rm(parent, { recursive: true });
});

const postmaster = (directory = dataDir) => readPostmaster(join(directory, 'postgres'));

async function killPostgres(directory: string): Promise<void> {
  const running = await postmaster(directory);
  if (running && (await isRunning(running.pid))) process.kill(running.pid, 'SIGQUIT');
}

type Ending = { code: number | null; stdout: string; stderr: string };

/** Starts the service and waits until it ends. */
async function run(env: Record<string, string>): Promise<Ending> {
  const child = spawnService({ DATA_DIR: join(parent, 'unused'), ...env });
  children.push(child);
  return endingOf(child);
}

async function endingOf(child: ChildProcess): Promise<Ending> {
  const ending = { stdout: '', stderr: '' };
  child.stdout?.on('data', (bytes: Buffer) => (ending.stdout += bytes.toString()));
  child.stderr?.on('data', (bytes: Buffer) => (ending.stderr += bytes.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...ending };
}

const stackTrace = /^\s+at /m;

describe('a start with settings that are not good', () => {
  const key = randomBytes(32).toString('base64');
  const weak = Buffer.alloc(32, 'ab').toString('base64');
  const elsewhere = { DATABASE_URL: 'postgres://u:hidden-password@127.0.0.1:1/x' };
  const provider = { OIDC_ISSUER: 'https://id.example.com', OIDC_AUDIENCE: 'latchkey' };

  it('names every malformed one, and shows no value of theirs', async () => {
    const { code, stdout, stderr } = await run({
      PORT: '70000',
      PUBLIC_URL: 'tokens.example.com',
      DATABASE_URL: 'mysql://u:hidden-password@host/x',
      EVENT_STORE_URL: 'ftp://u:hidden-password@host',
      STREAM_PREFIX: 'Not-Good',
      OIDC_ISSUER: 'id.example.com',
      TENANT_ID: 'a tenant',
      EXPIRE_TOKENS_EVERY: 'hourly',
      READ_MODEL_TIMEOUT: 'P1M',
      LOG_LEVEL: 'loud',
      ROLES: 'api,cook',
      TRUST_PROXY: 'yes',
      ACCESS_TOKEN_ALGORITHM: 'none',
      ACCESS_TOKEN_LIFETIME: 'P1D',
      ACCESS_TOKEN_AUDIENCE: 'an audience',
      READ_MODEL_MAX_LAG: '5',
    });
    expect(code).toBe(1);
    expect(stdout).toBe('');
    const named = stderr
      .trim()
      .split('\n')
      .map((line) => /^([A-Z_]+) must .+\.$/.exec(line)?.[1] ?? line);
    expect(named.sort()).toEqual([
      'ACCESS_TOKEN_ALGORITHM',
      'ACCESS_TOKEN_AUDIENCE',
      'ACCESS_TOKEN_LIFETIME',
      'DATABASE_URL',
      'EVENT_STORE_URL',
      'EXPIRE_TOKENS_EVERY',
      'LOG_LEVEL',
      'OIDC_ISSUER',
      'PORT',
      'PUBLIC_URL',
      'READ_MODEL_MAX_LAG',
      'READ_MODEL_TIMEOUT',
      'ROLES',
      'STREAM_PREFIX',
      'TENANT_ID',
      'TRUST_PROXY',
    ]);
    expect(stderr).not.toContain('hidden-password');
  });

  it('refuses production without OIDC_ISSUER and KEY_RING', async () => {
    const { code, stderr } = await run({ NODE_ENV: 'production', ...elsewhere });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^OIDC_ISSUER is missing: .+\nKEY_RING is missing: .+\n$/);
  });

  it('refuses an OpenID provider over plain http, and one without an audience', async () => {
    const { code, stderr } = await run({ OIDC_ISSUER: 'http://id.example.com', ...elsewhere });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^OIDC_AUDIENCE is missing: .+\nOIDC_ISSUER must use https: .+\n$/);
  });

  const rings = {
    'that is a bare key': key,
    'that is a list': JSON.stringify([{ id: 'one', key }]),
    'that is broken JSON': `{"pepper": "${key}"`,
    'with keys of the wrong length': JSON.stringify({ pepper: [{ id: 'p', key: key.slice(8) }], vault: [] }),
    'with a weak key': JSON.stringify({ pepper: [{ id: 'p', key: weak }], vault: [{ id: 'v', key }] }),
    'without a key for the vault': JSON.stringify({ pepper: [{ id: 'p', key }], vault: [] }),
  };
  const endings = new Map<string, Promise<Ending>>();

  beforeAll(() => {
    // Together: each of them takes its time to load the program.
    for (const [what, ring] of Object.entries(rings))
      endings.set(what, run({ ...elsewhere, ...provider, KEY_RING: ring }));
  });

  it.each(Object.keys(rings))('refuses a key ring %s, and shows nothing of it', async (what) => {
    const { code, stdout, stderr } = (await endings.get(what))!;
    expect(code).toBe(1);
    expect(stderr).toMatch(/^KEY_RING .+\.\n$/);
    for (const secret of [key, key.slice(8), weak]) expect(stdout + stderr).not.toContain(secret);
  });
});

describe('a start whose database cannot be reached', () => {
  it.each(['DATABASE_URL', 'EVENT_STORE_URL'])('says so in a sentence that names %s', async (setting) => {
    const nowhere = 'postgres://u:hidden-password@localhost:1/x';
    const { code, stdout, stderr } = await run({
      DATABASE_URL: process.env['TEST_POSTGRES_URL'] ?? '',
      OIDC_ISSUER: 'https://id.example.com',
      OIDC_AUDIENCE: 'latchkey',
      KEY_RING: await generateKeyRing(),
      [setting]: nowhere,
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(new RegExp(`^What ${setting} names cannot be used: .*ECONNREFUSED.*\\.\n$`));
    expect(stdout + stderr).not.toContain('hidden-password');
    expect(stderr).not.toMatch(stackTrace);
  });
});

describe('a start with nothing configured', () => {
  let port: number;
  const names: string[] = [];

  beforeAll(async () => {
    port = await freePortPair();
  });

  /** Only the port and the folder, so that specs do not meet each other. */
  const settings = () => ({ DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: '' });

  async function start() {
    const service = await startService(settings());
    children.push(service.process);
    return service;
  }

  async function tokenOf(user: string): Promise<string> {
    const command = ['dist/src/embedded/print-token.js', user];
    const { stdout } = await promisify(execFile)(process.execPath, command, { env: { PORT: String(port) } });
    return stdout.trim();
  }

  async function namesIn(service: Awaited<ReturnType<typeof start>>): Promise<string[]> {
    const query = '{ tokens(first: 200, orderBy: { field: NAME }) { nodes { name } } }';
    const { data, errors } = await service.graphql(await tokenOf('dev'), query);
    expect(errors).toBeUndefined();
    return data.tokens.nodes.map(({ name }: { name: string }) => name);
  }

  async function expectNothingRuns(running: Postmaster | undefined, directory = dataDir): Promise<void> {
    if (running) expect(await isRunning(running.pid)).toBe(false);
    expect(await readPostmaster(join(directory, 'postgres'))).toBeUndefined();
    // A released claim is an empty file.
    const claims = (await readdir(directory)).filter((name) => name.endsWith('.pid'));
    expect(await readFile(join(directory, claims[0] ?? ''), 'utf8')).toBe('');
  }

  it('prints three lines, works, and is gone as a whole on SIGTERM', async () => {
    const service = await start();
    await change(service, await tokenOf('dev'), 'createToken', { name: 'first' });
    names.push('first');
    expect(await namesIn(service)).toEqual(names);
    expect(service.output().split('\n')).toEqual([
      `Latchkey listens on http://127.0.0.1:${port}: GraphQL at http://127.0.0.1:${port}/graphql, health at http://127.0.0.1:${port}/health/ready`,
      `Development sign-in at http://127.0.0.1:${port + 1} with the users ada (administrator), dev (developer), aud (auditor)`,
      'Get a token for curl with: npm run --silent token -- dev',
      '',
    ]);

    const running = await postmaster();
    expect(await isRunning(running?.pid ?? 0)).toBe(true);
    expect(await service.stop('SIGTERM')).toBe(0);
    await expectNothingRuns(running);
  });

  it('finds its data again, tells a second process on the same folder, and is gone as a whole on SIGINT', async () => {
    const service = await start();
    expect(await namesIn(service)).toEqual(names);

    const second = await run({ ...settings(), PORT: String(await freePortPair()) });
    expect(second).toEqual({
      code: 1,
      stdout: '',
      stderr: `Another Latchkey (process ${service.process.pid}) runs on ${dataDir}. Stop it, or give this one its own folder with DATA_DIR.\n`,
    });
    expect(await namesIn(service)).toEqual(names);

    const running = await postmaster();
    expect(await service.stop('SIGINT')).toBe(0);
    await expectNothingRuns(running);
  });

  it('starts with what a version wrote that signed nothing, and keeps its keys', async () => {
    const path = join(dataDir, 'key-ring.json');
    const { pepper, vault } = JSON.parse(await readFile(path, 'utf8')) as KeyRing;
    await writeFile(path, JSON.stringify({ pepper, vault }));

    const service = await start();
    expect(await namesIn(service)).toEqual(names);
    expect(await service.stop()).toBe(0);

    const ring = JSON.parse(await readFile(path, 'utf8')) as KeyRing;
    expect(ring).toMatchObject({ pepper, vault });
    expect(ring.sign.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('recovers from kill -9 by itself with everything that was answered', async () => {
    const service = await start();
    const token = await tokenOf('dev');
    const before = await postmaster();
    const answered: string[] = [];
    const writers = Array.from({ length: 4 }, async (_, writer) => {
      for (let n = 0; ; n += 1) {
        const name = `write ${writer}/${n}`;
        await change(service, token, 'createToken', { name });
        answered.push(name);
      }
    });
    const outcomes = Promise.allSettled(writers);
    await eventually(
      () => Promise.resolve(answered.length),
      (count) => count >= 40,
    );
    service.process.kill('SIGKILL');
    await outcomes;
    expect(await isRunning(before?.pid ?? 0)).toBe(true);

    const next = await start();
    expect((await postmaster())?.pid).toBe(before?.pid);
    expect(await namesIn(next)).toEqual(expect.arrayContaining([...names, ...answered]));
    expect(await next.stop()).toBe(0);
    await expectNothingRuns(before);
  });

  it.each([
    ['its port', 0, (taken: number) => `Port ${taken} is taken. Stop what uses it, or choose another PORT.\n`],
    ['the port of its sign-in', 1, (taken: number) => `Port ${taken} is taken, so the development sign-in cannot`],
  ])('says that %s is taken, and leaves nothing running', async (_what, offset, sentence) => {
    const taken = await occupy(port + offset);
    const ending = await run(settings());
    taken.close();
    expect(ending.code).toBe(1);
    expect(ending.stderr).toContain(sentence(port + offset));
    expect(ending.stderr.trim().split('\n')).toHaveLength(1);
    await expectNothingRuns(undefined);
  });

  it('is gone as a whole when it is stopped while PostgreSQL comes up', async () => {
    const child = spawnService(settings());
    children.push(child);
    const ending = endingOf(child);
    const running = await eventually(
      () => postmaster(),
      (found) => found !== undefined,
    );
    child.kill('SIGTERM');
    expect((await ending).code).toBe(0);
    await expectNothingRuns(running);
    await expect(graphql(`http://127.0.0.1:${port}`, null, '{ me { id } }')).rejects.toThrow();
  });
});
