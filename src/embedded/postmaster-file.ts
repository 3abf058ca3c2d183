import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** What a running PostgreSQL server writes into its data directory. */
export type Postmaster = { pid: number; port: number; status: string };

/**
 * Reads postmaster.pid; undefined when there is none or it is not complete yet.
 * Source of its lines: src/include/utils/pidfile.h of PostgreSQL.
 */
export async function readPostmaster(clusterDir: string): Promise<Postmaster | undefined> {
  const text = await readFile(postmasterFile(clusterDir), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim());
  const [pid, port, status] = [Number(lines[0]), Number(lines[3]), lines[7] ?? ''];
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined;
  return { pid, port, status };
}

export async function removePostmasterFile(clusterDir: string): Promise<void> {
  await rm(postmasterFile(clusterDir), { force: true });
}

function postmasterFile(clusterDir: string): string {
  return join(clusterDir, 'postmaster.pid');
}
