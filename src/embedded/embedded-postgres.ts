import { mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import pg from 'pg';
import { adoptPostmaster } from './adopt-postmaster.js';
import { findPostgresBinaries } from './postgres-binaries.js';
import { createCluster, findCluster, type PostgresCluster, superuser } from './postgres-cluster.js';
import { findPostgresUser, type PostgresUser } from './postgres-user.js';
import type { Postmaster } from './postmaster-file.js';
import { startPostmaster } from './start-postmaster.js';
import { stopPostmaster } from './stop-postmaster.js';

/** `isAdopted`: it was running before. */
export type EmbeddedPostgres = { url: string; isAdopted: boolean; stop(): Promise<void> };

const database = 'latchkey';

/**
 * Brings up PostgreSQL on 127.0.0.1 with its data in `<dataDir>/postgres`, or takes over the server that a killed process
 * left behind. One process per `dataDir`: see claimDataDirectory. Throws a sentence when this system cannot run it.
 * `onOutput` gets the lines that the server logs, unless it was taken over.
 */
export async function startEmbeddedPostgres(options: {
  dataDir: string;
  onOutput?: (line: string) => void;
}): Promise<EmbeddedPostgres> {
  const dataDir = resolve(options.dataDir);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const user = await findPostgresUser(join(dataDir, 'postgres'));
  const onOutput = options.onOutput ?? (() => {});
  const adopted = await adopt(dataDir);
  const { cluster, pid, port } = adopted ?? (await start(dataDir, user, onOutput));
  const stop = () => stopPostmaster(cluster.directory, pid);
  try {
    const server = `postgres://${superuser}:${cluster.password}@127.0.0.1:${port}`;
    await ensureDatabase(server);
    return { url: `${server}/${database}`, isAdopted: adopted !== undefined, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

type RunningCluster = { cluster: PostgresCluster } & Postmaster;

async function adopt(dataDir: string): Promise<RunningCluster | undefined> {
  const cluster = await findCluster(dataDir);
  const postmaster = cluster && (await adoptPostmaster(cluster));
  return postmaster && { cluster, ...postmaster };
}

async function start(
  dataDir: string,
  user: PostgresUser | undefined,
  onOutput: (line: string) => void,
): Promise<RunningCluster> {
  const binaries = await findPostgresBinaries(user);
  const cluster = (await findCluster(dataDir)) ?? (await createCluster(dataDir, binaries, user));
  return { cluster, ...(await startPostmaster({ cluster, binaries, user, onOutput })) };
}

// A start that was killed after initdb has left the cluster without it.
async function ensureDatabase(server: string): Promise<void> {
  const client = new pg.Client({ connectionString: `${server}/postgres`, connectionTimeoutMillis: 10_000 });
  try {
    await client.connect();
    const { rowCount } = await client.query('select from pg_database where datname = $1', [database]);
    if (rowCount === 0) await client.query(`create database ${database}`);
  } finally {
    await client.end();
  }
}
