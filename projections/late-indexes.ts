import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { Client } from 'pg';

type Database = Pick<EntityManager, 'query'>;

/** A table that is filled, and the one whose place it is to take. */
export type Copy = { readonly table: string; readonly of: string };

/** How long one index may take. It is made of a table that nobody reads, and holds up nobody. */
const LONGEST_MILLISECONDS = 6 * 3_600_000;

/** Answers whether it was not there yet. */
export async function makeCopy(database: Database, { table, of }: Copy): Promise<boolean> {
  const [found] = await database.query<{ isThere: boolean }[]>('select to_regclass($1) is not null as "isThere"', [
    table,
  ]);
  if (found?.isThere) return false;
  await database.query(`create table ${table} (like ${of} including all)`);
  return true;
}

/**
 * Takes the indexes off a copy that is still empty: an index made of all rows at once costs less than one that grows with them. Those
 * that rows are checked by stay, and those that begin with a column by which rows are looked up while the table is filled.
 */
export async function dropLateIndexes(database: Database, { table }: Copy, lookedUpBy: readonly string[]) {
  const late = await database.query<{ name: string }[]>(
    `select indexrelid::regclass as name from pg_index
     left join pg_attribute on attrelid = indrelid and attnum = indkey[0]
     where indrelid = $1::regclass and not indisunique and (attname = any ($2)) is not true`,
    [table, lookedUpBy],
  );
  for (const { name } of late) await database.query(`drop index ${name}`);
}

/** Makes what a copy lacks, an index after the other, until nothing is missing or it is stopped. */
export async function makeLateIndexes(database: DataSource, copy: Copy, signal: AbortSignal): Promise<void> {
  const runner = database.createQueryRunner();
  try {
    const [backend] = await runner.manager.query<{ pid: number }[]>('select pg_backend_pid() as pid');
    let cancelled: Promise<unknown> | undefined;
    const cancel = () => {
      cancelled = database.query('select pg_cancel_backend($1)', [backend?.pid]).catch(() => undefined);
    };
    signal.addEventListener('abort', cancel, { once: true });
    try {
      while (!signal.aborted && (await makeOne(runner, copy)));
    } finally {
      signal.removeEventListener('abort', cancel);
      // Whoever gets the connection next is not to be cancelled.
      await cancelled;
    }
  } catch (error) {
    // What was cancelled is made when the building goes on.
    if (!signal.aborted) throw error;
  } finally {
    await runner.release();
  }
}

async function makeOne(runner: QueryRunner, copy: Copy): Promise<boolean> {
  await runner.startTransaction();
  try {
    // Two that are at it make each index once.
    await runner.query(`lock table ${copy.table} in share row exclusive mode`);
    const sql = await findMissing(runner.manager, copy);
    if (sql !== undefined) await runLong(runner, sql);
    await runner.commitTransaction();
    return sql !== undefined;
  } catch (error) {
    await runner.rollbackTransaction().catch(() => undefined);
    throw error;
  }
}

/** An index that the original has and its copy has not, as SQL. Names count for nothing: PostgreSQL finds one. */
async function findMissing(database: Database, { table, of }: Copy): Promise<string | undefined> {
  const [missing] = await database.query<{ sql: string }[]>(
    `with indexes as (
       select indrelid, regexp_replace(pg_get_indexdef(indexrelid), ' \\S+ ON \\S+ ', ' on ' || $1::text || ' ') as sql
       from pg_index where indrelid in ($1::text::regclass, $2::text::regclass))
     select sql from indexes where indrelid = $2::text::regclass
     except all select sql from indexes where indrelid = $1::text::regclass
     limit 1`,
    [table, of],
  );
  return missing?.sql;
}

/** Past the bounds of all other statements, on either side. */
async function runLong(runner: QueryRunner, text: string): Promise<void> {
  await runner.query('set local statement_timeout = 0');
  const client = (await runner.connect()) as Client;
  await client.query({ text, query_timeout: LONGEST_MILLISECONDS } as { text: string });
}
