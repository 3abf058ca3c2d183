import { randomUUID } from 'node:crypto';
import { readlink, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { type PostgresCluster, superuser } from './postgres-cluster.js';
import { type Postmaster, readPostmaster, removePostmasterFile } from './postmaster-file.js';
import { isRunning, programName } from './running-process.js';

const patience = 60_000;

/**
 * Finds the server that an earlier process left running on this cluster, and waits until it takes connections. Undefined
 * when there is none; a pid file that names a dead or another process is removed then, as PostgreSQL would take a zombie or
 * a reused id for a server. That is safe: it finds backends that live on by their shared memory, and does not start beside them.
 */
export async function adoptPostmaster(cluster: PostgresCluster): Promise<Postmaster | undefined> {
  const deadline = Date.now() + patience;
  for (;;) {
    const found = await readPostmaster(cluster.directory);
    if (!found) return undefined;
    if (!(await isRunning(found.pid)) || (await isSomethingElse(found.pid, cluster.directory))) return forget(cluster);
    const answer = await ask(found, cluster);
    if (answer === 'ours') return found;
    if (answer === 'another') return forget(cluster);
    if (Date.now() > deadline) {
      throw new Error(
        `PostgreSQL (process ${found.pid}) seems to run on ${cluster.directory} but takes no connections. ` +
          `Stop it with "kill -INT ${found.pid}", then start Latchkey again.`,
      );
    }
    await pause(25);
  }
}

async function forget(cluster: PostgresCluster): Promise<undefined> {
  await removePostmasterFile(cluster.directory);
}

async function isSomethingElse(pid: number, clusterDir: string): Promise<boolean> {
  const name = await programName(pid);
  if (name && name !== 'postgres') return true;
  // A server works inside its data directory. Only some systems and users may look.
  const directory = `/proc/${pid}/cwd`;
  const isVisible = await readlink(directory).catch(() => undefined);
  if (!isVisible) return false;
  const [theirs, ours] = await Promise.all([stat(directory).catch(() => undefined), stat(clusterDir)]);
  return theirs !== undefined && (theirs.ino !== ours.ino || theirs.dev !== ours.dev);
}

async function ask(postmaster: Postmaster, cluster: PostgresCluster): Promise<'ours' | 'another' | 'not yet'> {
  const client = new pg.Client({
    host: '127.0.0.1',
    port: postmaster.port,
    user: superuser,
    password: cluster.password,
    database: 'postgres',
    connectionTimeoutMillis: 5_000,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return (await seesOurFiles(client, cluster.directory)) ? 'ours' : 'another';
  } catch (error) {
    if ((error as { code?: string }).code !== '28P01') return 'not yet';
    throw new Error(
      `PostgreSQL (process ${postmaster.pid}) runs on ${cluster.directory} but does not take our password. ` +
        `Stop it with "kill -INT ${postmaster.pid}", then start Latchkey again.`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => {});
  }
}

// A copied data directory has the same password, and a pid file that names the server of the original.
async function seesOurFiles(client: pg.Client, clusterDir: string): Promise<boolean> {
  const name = `latchkey-${randomUUID()}`;
  await writeFile(join(clusterDir, name), '');
  try {
    const { rows } = await client.query<{ seen: boolean }>('select (pg_stat_file($1, true)).size is not null as seen', [
      name,
    ]);
    return rows[0]?.seen === true;
  } finally {
    await rm(join(clusterDir, name), { force: true });
  }
}
