import type { DataSource, EntityManager } from 'typeorm';

type Database = Pick<EntityManager, 'query'>;

/** Everything of which one process at a time does it, by numbers that are ours alone. The log in PostgreSQL has the two before these. */
export const LOCKS = {
  project: 7165112022,
  migrate: 7165112023,
  publishHeads: 7165112024,
  rebuild: 7165112025,
} as const;

/** Whether it is this connection's now. It stays so until `unlock`, or until the connection ends. */
export async function tryLock(database: Database, lock: number): Promise<boolean> {
  const [row] = await database.query<{ taken: boolean }[]>('select pg_try_advisory_lock($1) as taken', [lock]);
  return row?.taken === true;
}

/** Does what one process at a time does. Answers whether it did: not while another is at it. */
export async function alone(database: DataSource, lock: number, work: () => Promise<void>): Promise<boolean> {
  const runner = database.createQueryRunner();
  try {
    const isTaken = await tryLock(runner.manager, lock);
    if (isTaken) await work().finally(() => unlock(runner.manager, lock));
    return isTaken;
  } finally {
    await runner.release();
  }
}

export async function unlock(database: Database, lock: number): Promise<void> {
  // A connection that is gone has let go of its lock already.
  await database.query('select pg_advisory_unlock($1)', [lock]).catch(() => undefined);
}
