import type { QueryRunner } from 'typeorm';
import { LOCKS, tryLock, unlock } from './advisory-locks.js';

/** A holder that has not been heard of for so long is dead or frozen, and what it holds is taken from it. */
const SILENCE_SECONDS = 3;
export const HEARTBEAT_MILLISECONDS = 1_000;

type Database = Pick<QueryRunner['manager'], 'query'>;

export async function takeLock(database: Database): Promise<boolean> {
  const isTaken = await tryLock(database, LOCKS.project);
  await (isTaken ? beat(database) : dropSilentHolder(database));
  return isTaken;
}

export const releaseLock = (database: Database): Promise<void> => unlock(database, LOCKS.project);

/** The holder is alive. */
export async function beat(database: Database): Promise<void> {
  await database.query(
    `insert into read.runner (alive_at) values (clock_timestamp())
     on conflict (is_only) do update set alive_at = excluded.alive_at`,
  );
}

/** With its connection goes its lock, and whatever it had begun. When it wakes up, it finds out. */
async function dropSilentHolder(database: Database): Promise<void> {
  const [row] = await database.query<{ isSilent: boolean }[]>(
    `select alive_at < clock_timestamp() - make_interval(secs => $1) as "isSilent" from read.runner`,
    [SILENCE_SECONDS],
  );
  if (row?.isSilent) await dropHolder(database);
}

/** Whoever takes the lock next looks at everything again. */
export async function dropHolder(database: Database): Promise<void> {
  await database.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
       and (classid::bigint << 32 | objid::bigint) = $1 and granted`,
    [LOCKS.project],
  );
}
