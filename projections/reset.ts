import type { DataSource } from 'typeorm';
import { lockCheckpoints } from './checkpoints.js';
import type { Projection } from './projection.js';
import { discardRebuild } from './rebuilds.js';
import { dropHolder } from './runner-lock.js';
import { Tables } from './tables.js';

/**
 * Empties the tables of projections and sets them back to the beginning of the log; whoever projects then fills them. Until that is
 * done they show too little: for rows of another log than the present one, which nothing can be built beside.
 */
export async function reset(database: DataSource, chosen: readonly Projection[]): Promise<void> {
  for (const { name } of chosen) await discardRebuild(database, name);
  const names = chosen.map(({ name }) => name);
  await database.transaction(async (transaction) => {
    await lockCheckpoints(transaction);
    const tables = new Tables(transaction);
    const emptied = chosen.flatMap((projection) => projection.tables.map((table) => tables.nameOf(table)));
    await transaction.query(`truncate ${emptied.join(', ')}`);
    await transaction.query('delete from read.parked_streams where projection = any ($1)', [names]);
    await transaction.query(
      `update read.checkpoints set position = null, is_whole = false, version = reset.version, edition = edition + 1
       from unnest($1::text[], $2::int[]) as reset (name, version) where checkpoints.name = reset.name`,
      [names, chosen.map(({ version }) => version)],
    );
  });
  // The present runner would notice with the next event only.
  await dropHolder(database.manager);
}
