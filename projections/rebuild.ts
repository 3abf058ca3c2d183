import type { DataSource } from 'typeorm';
import { projections } from './projections.js';
import { RUNNER_LOCK } from './projector.js';
import { Tables } from './tables.js';

/**
 * Empties the tables of projections and sets them back to the beginning of the log; whoever projects then builds them anew.
 * Throws a sentence when there is no projection of such a name.
 */
export async function rebuild(database: DataSource, names: readonly string[]): Promise<void> {
  const chosen = names.map((name) => {
    const found = projections.find((projection) => projection.name === name);
    if (found) return found;
    throw new Error(
      `There is no projection "${name}". There are: ${projections.map((projection) => projection.name).join(', ')}.`,
    );
  });
  await database.transaction(async (transaction) => {
    const tables = new Tables(transaction);
    const emptied = chosen.flatMap((projection) => projection.tables.map((table) => tables.nameOf(table)));
    await transaction.query(`truncate ${emptied.join(', ')}`);
    await transaction.query('update read.checkpoints set position = null, is_whole = false where name = any ($1)', [
      names,
    ]);
  });
  // The present runner believes in its old checkpoints until it loses its connection; the fence would stop it only at the next event.
  await database.query(
    `select pg_terminate_backend(pid) from pg_locks
     where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())
       and (classid::bigint << 32 | objid::bigint) = $1 and granted`,
    [RUNNER_LOCK],
  );
}
