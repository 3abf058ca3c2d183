import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chown, mkdir, mkdtemp, open, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresBinaries } from './postgres-binaries.js';
import type { PostgresUser } from './postgres-user.js';
import { readFileIfExists, writePrivateFile } from './private-file.js';

export type PostgresCluster = { directory: string; password: string };

export const superuser = 'latchkey';

// The environment holds secrets of ours. A database superuser can read that of the server.
export const postgresEnvironment = { PATH: process.env['PATH'], LC_ALL: 'C', TZ: 'UTC' };

/**
 * How PostgreSQL names its own data directory, with that as its working directory. Root may keep it where nobody else can
 * go: a process that starts inside gets back in through /proc/self/cwd, whatever lies above.
 */
export function dataDirectoryArgument(directory: string, user: PostgresUser | undefined): string {
  return user ? '/proc/self/cwd' : directory;
}

export async function findCluster(dataDir: string): Promise<PostgresCluster | undefined> {
  const directory = join(dataDir, 'postgres');
  if (!(await exists(directory))) return undefined;
  const password = await readPassword(dataDir);
  if (password) return { directory, password };
  throw new Error(
    `${passwordFile(dataDir)} is missing, so nobody can log in to the database in ${directory}. ` +
      'Put the file back, or delete the directory to start with an empty database.',
  );
}

/** Runs initdb. What a kill -9 leaves behind is swept away by the next call: the cluster appears whole or not at all. */
export async function createCluster(
  dataDir: string,
  binaries: PostgresBinaries,
  user: PostgresUser | undefined,
): Promise<PostgresCluster> {
  const directory = join(dataDir, 'postgres');
  const password = (await readPassword(dataDir)) ?? (await createPassword(dataDir));
  await sweep(dataDir);
  const draft = await mkdtemp(join(dataDir, 'postgres.new-'));
  const draftCluster = join(draft, 'cluster');
  const draftPassword = join(draft, 'password');
  await mkdir(draftCluster, { mode: 0o700 });
  await writeFile(draftPassword, password, { mode: 0o600 });
  if (user) await handOver([draftCluster, draftPassword, draft], user);
  await runInitdb(draftCluster, binaries, user);
  await rename(draftCluster, directory);
  await syncDirectory(dataDir);
  await rm(draft, { recursive: true, force: true });
  return { directory, password };
}

async function handOver(paths: string[], { uid, gid }: PostgresUser): Promise<void> {
  try {
    for (const path of paths) await chown(path, uid, gid);
  } catch (error) {
    throw new Error(
      'PostgreSQL refuses to run as root, and root may not give files to another user here. ' +
        'Start Latchkey as an ordinary user, or set DATABASE_URL.',
      { cause: error },
    );
  }
}

async function runInitdb(directory: string, binaries: PostgresBinaries, user: PostgresUser | undefined): Promise<void> {
  const flags = [
    `--pgdata=${dataDirectoryArgument(directory, user)}`,
    '--pwfile=../password',
    `--username=${superuser}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  ];
  try {
    await promisify(execFile)(binaries.initdb, flags, { ...user, cwd: directory, env: postgresEnvironment });
  } catch (error) {
    throw new Error(`PostgreSQL could not create its database cluster: ${(error as Error).message}`, { cause: error });
  }
}

function passwordFile(dataDir: string): string {
  return join(dataDir, 'postgres-password');
}

async function readPassword(dataDir: string): Promise<string | undefined> {
  return (await readFileIfExists(passwordFile(dataDir)))?.trim();
}

async function createPassword(dataDir: string): Promise<string> {
  const password = randomBytes(32).toString('base64url');
  await writePrivateFile(passwordFile(dataDir), password);
  return password;
}

// An initdb that outlived its parent may still be writing, hence the retries.
async function sweep(dataDir: string): Promise<void> {
  const drafts = (await readdir(dataDir)).filter((name) => name.startsWith('postgres.new-'));
  await Promise.all(
    drafts.map((name) => rm(join(dataDir, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 50 })),
  );
}

async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, 'r');
  await handle.sync().finally(() => handle.close());
}

async function exists(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}
