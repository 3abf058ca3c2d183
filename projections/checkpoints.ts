import type { EntityManager } from 'typeorm';
import type { Position } from '../src/event-store/position.js';

/** How far a projection has come: written in the transaction that writes its rows. */
export type Checkpoint = {
  name: string;
  position: Position | null;
  advancedAt: Date;
  /** Not while it is being built: until it has come to the end of the log once, it shows a past that has long been overtaken. */
  isWhole: boolean;
};
export type Advance = { name: string; from: Position | null; to: Position };

/** Somebody else has moved a checkpoint: what this runner believes is out of date, and its transaction must not commit. */
export class FencedOffError extends Error {
  override readonly name = 'FencedOffError';
}

export async function findCheckpoints(database: Pick<EntityManager, 'query'>): Promise<Checkpoint[]> {
  return database.query<Checkpoint[]>(
    `select name, position, advanced_at as "advancedAt", is_whole as "isWhole" from read.checkpoints order by name`,
  );
}

export async function ensureCheckpoints(
  database: Pick<EntityManager, 'query'>,
  names: readonly string[],
): Promise<void> {
  await database.query(`insert into read.checkpoints (name) select unnest($1::text[]) on conflict do nothing`, [names]);
}

/** They have come to the end of the log, at positions that must still be theirs. */
export async function markWhole(
  transaction: Pick<EntityManager, 'query'>,
  checkpoints: ReadonlyMap<string, Position | null>,
): Promise<void> {
  await transaction.query(
    `update read.checkpoints checkpoint set is_whole = true
     from unnest($1::text[], $2::text[]) as reached (name, position)
     where checkpoint.name = reached.name and checkpoint.position is not distinct from reached.position`,
    [[...checkpoints.keys()], [...checkpoints.values()]],
  );
}

export const PROJECTED_CHANNEL = 'latchkey_projected';

/** Moves checkpoints on, and tells whoever waits for that once the transaction commits. */
export async function advance(transaction: EntityManager, advances: readonly Advance[]): Promise<void> {
  const moved = await transaction.query<unknown[]>(
    `with moves as (select * from unnest($1::text[], $2::text[], $3::text[]) as move (name, was, becomes)),
     moved as (
       update read.checkpoints checkpoint set position = becomes, advanced_at = now() from moves
       where checkpoint.name = moves.name and checkpoint.position is not distinct from was
       returning checkpoint.position)
     select pg_notify($4, position) from moved`,
    [
      advances.map(({ name }) => name),
      advances.map(({ from }) => from),
      advances.map(({ to }) => to),
      PROJECTED_CHANNEL,
    ],
  );
  if (moved.length !== advances.length) throw new FencedOffError('Another runner has moved the checkpoints.');
}
