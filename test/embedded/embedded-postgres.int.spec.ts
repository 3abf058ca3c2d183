import { execFile } from 'node:child_process';
import { cp, mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/embedded/embedded-postgres.js';
import { readPostmaster } from '../../src/embedded/postmaster-file.js';
import { endChildren, runInChild } from './run-in-child.js';
import { isRunning } from '../../src/embedded/running-process.js';

let parent: string;
let dataDir: string;

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'latchkey-postgres-'));
  dataDir = join(parent, 'data');
});

afterAll(async () => {
  await rm(parent, { recursive: true });
  await endChildren();
});

const startInChild = (directory = dataDir) =>
  runInChild(`
    import { startEmbeddedPostgres } from './embedded-postgres.js';
    const { url } = await startEmbeddedPostgres({ dataDir: ${JSON.stringify(directory)} });
    console.log(url);
  `);

const postmaster = (directory = dataDir) => readPostmaster(join(directory, 'postgres'));

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

async function writeRow(url: string): Promise<void> {
  await query(url, 'create table if not exists kept (at timestamptz); insert into kept values (now())');
}

async function countRows(url: string): Promise<number> {
  const [row] = (await query(url, 'select count(*)::int as count from kept')) as { count: number }[];
  return row?.count ?? 0;
}

describe('the first start', () => {
  it('creates a UTF-8 database that does not depend on the locales of the machine, on loopback, behind a secret password', async () => {
    const { url, stop } = await startEmbeddedPostgres({ dataDir });
    const settings = await query(
      url,
      `select current_setting('server_encoding') as encoding, datlocprovider::text as provider, datlocale as locale,
        current_setting('listen_addresses') as host, current_setting('unix_socket_directories') as sockets,
        current_setting('fsync') as fsync, current_setting('synchronous_commit') as commit
      from pg_database where datname = current_database()`,
    );
    await writeRow(url);
    await stop();
    expect(settings).toEqual([
      { encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8', host: '127.0.0.1', sockets: '', fsync: 'on', commit: 'on' },
    ]);
    expect(url).toMatch(/^postgres:\/\/latchkey:[\w-]{43}@127\.0\.0\.1:\d+\/latchkey$/);
    expect((await stat(join(dataDir, 'postgres-password'))).mode & 0o777).toBe(0o600);
  });

  it('works after one that was killed in the middle of initdb', async () => {
    const directory = join(parent, 'killed');
    const child = startInChild(directory);
    while (!(await readdir(directory).catch(() => [])).some((name) => name.startsWith('postgres.new-'))) await pause(5);
    await pause(200);
    await child.kill('SIGKILL');
    const { url, stop } = await startEmbeddedPostgres({ dataDir: directory });
    await writeRow(url);
    await stop();
    expect((await readdir(directory)).sort()).toEqual(['postgres', 'postgres-password']);
  });
});

describe('a later start', () => {
  it('finds what was written', async () => {
    const { url, stop } = await startEmbeddedPostgres({ dataDir });
    expect(await countRows(url)).toBe(1);
    await stop();
  });

  it('leaves nothing behind when stopped, however often', async () => {
    const { stop } = await startEmbeddedPostgres({ dataDir });
    const running = await postmaster();
    await Promise.all([stop(), stop()]);
    await stop();
    expect(await isRunning(running?.pid ?? 0)).toBe(false);
  });

  it('refuses in a sentence when the password is lost', async () => {
    await cp(dataDir, join(parent, 'lost'), { recursive: true, filter: (path) => !path.endsWith('postgres-password') });
    await expect(startEmbeddedPostgres({ dataDir: join(parent, 'lost') })).rejects.toThrow(
      /postgres-password is missing/,
    );
  });
});

describe('a start after a kill -9', () => {
  it.each(['SIGKILL', 'SIGINT'] as const)(
    'takes over the server, which lives on through %s to its process group',
    async (signal) => {
      const child = startInChild();
      await writeRow(await child.nextLine());
      const before = await postmaster();
      await child.kill(signal);
      const { url, stop } = await startEmbeddedPostgres({ dataDir });
      expect((await postmaster())?.pid).toBe(before?.pid);
      expect(await countRows(url)).toBeGreaterThan(1);
      await stop();
      expect(await isRunning(before?.pid ?? 0)).toBe(false);
    },
  );

  it('recovers when the server was killed too, while it was busy', async () => {
    const child = startInChild();
    const url = await child.nextLine();
    const rows = await countRows(url);
    const busy = query(url, 'select pg_sleep(60)').catch(() => {});
    await writeRow(url);
    const { pid } = (await postmaster()) ?? { pid: 0 };
    await child.kill('SIGKILL');
    process.kill(pid, 'SIGKILL');
    const next = await startEmbeddedPostgres({ dataDir });
    expect((await postmaster())?.pid).not.toBe(pid);
    expect(await countRows(next.url)).toBe(rows + 1);
    await next.stop();
    await busy;
  });

  it('is not deceived by a pid file that names another program', async () => {
    await writeFile(
      join(dataDir, 'postgres', 'postmaster.pid'),
      [process.pid, dataDir, 1, 1, '', '127.0.0.1', '1 1', 'ready', ''].join('\n'),
    );
    const { url, stop } = await startEmbeddedPostgres({ dataDir });
    expect(await countRows(url)).toBeGreaterThan(1);
    await stop();
  });

  it('does not take over the server of the directory that this one was copied from', async () => {
    const original = await startEmbeddedPostgres({ dataDir });
    const copyDir = join(parent, 'copy');
    await promisify(execFile)('cp', ['-a', dataDir, copyDir]);
    const copy = await startEmbeddedPostgres({ dataDir: copyDir });
    await writeRow(copy.url);
    expect(await countRows(copy.url)).toBe((await countRows(original.url)) + 1);
    await Promise.all([copy.stop(), original.stop()]);
  });
});
