import type { EntityManager } from 'typeorm';
import type { Position } from '../src/event-store/position.js';
import type { Projection } from './projection.js';

type Database = Pick<EntityManager, 'query'>;

/** How far a projection has come: written in the transaction that writes its rows. */
export type Checkpoint = {
  name: string;
  position: Position | null;
  advancedAt: Date;
  /** Not while it is being built: until it has come to the end of the log once, it shows a past that has long been overtaken. */
  isWhole: boolean;
  /** Of the code whose rows these are; 0 when there are none yet, and they are first built beside the others' work. */
  version: number;
  /** Counted up by whoever changes rows, or what is parked, beside the runner. */
  edition: number;
};
type Advance = { name: string; from: Position | null; edition: number; to: Position };

/** Somebody else has moved a checkpoint: what this runner believes is out of date, and its transaction must not commit. */
export class FencedOffError extends Error {
  override readonly name = 'FencedOffError';
}

const COLUMNS = `name, position, advanced_at as "advancedAt", is_whole as "isWhole", version, edition`;

export function findCheckpoints(database: Database): Promise<Checkpoint[]> {
  return database.query<Checkpoint[]>(`select ${COLUMNS} from read.checkpoints order by name`);
}

/** Nobody moves them until the transaction ends. Always before any table of theirs is touched, so that nobody waits in a circle. */
export function lockCheckpoints(transaction: Database): Promise<Checkpoint[]> {
  return transaction.query<Checkpoint[]>(`select ${COLUMNS} from read.checkpoints order by name for update`);
}

/** A projection that comes to a log which others have read is not run with them from the beginning: they would wait for it. */
export async function ensureCheckpoints(database: Database, projections: readonly Projection[]): Promise<void> {
  await database.query(
    `insert into read.checkpoints (name, version)
     select name, case when exists (select from read.checkpoints where position is not null) then 0 else version end
     from unnest($1::text[], $2::int[]) as needed (name, version)
     on conflict do nothing`,
    [projections.map(({ name }) => name), projections.map(({ version }) => version)],
  );
}

/** They have come to the end of the log, at positions that must still be theirs. */
export async function markWhole(database: Database, checkpoints: Iterable<Checkpoint>): Promise<void> {
  const reached = [...checkpoints];
  await database.query(
    `update read.checkpoints checkpoint set is_whole = true
     from unnest($1::text[], $2::text[]) as reached (name, position)
     where checkpoint.name = reached.name and checkpoint.position is not distinct from reached.position`,
    [reached.map(({ name }) => name), reached.map(({ position }) => position)],
  );
}

/** The rows were made from another log than the one that is there: until they have come to the end of that, they say nothing. */
export async function distrust(database: Database): Promise<void> {
  await database.query('update read.checkpoints set is_whole = false');
}

export const PROJECTED_CHANNEL = 'latchkey_projected';

/**
 * The fence: moves checkpoints on if they are where the runner believes them to be, and tells whoever waits for that once the
 * transaction commits. It comes first in the transaction, for the same reason as `lockCheckpoints`.
 */
export async function advance(transaction: Database, advances: readonly Advance[]): Promise<void> {
  const moved = await transaction.query<unknown[]>(
    `with moves as (
       select * from unnest($1::text[], $2::text[], $3::int[], $4::text[]) as move (name, was, edition, becomes)),
     locked as (select name from read.checkpoints where name = any ($1) order by name for update),
     moved as (
       update read.checkpoints checkpoint set position = becomes, advanced_at = now() from moves join locked using (name)
       where checkpoint.name = moves.name and checkpoint.position is not distinct from was
         and checkpoint.edition = moves.edition
       returning checkpoint.position)
     select pg_notify($5, position) from moved`,
    [
      advances.map(({ name }) => name),
      advances.map(({ from }) => from),
      advances.map(({ edition }) => edition),
      advances.map(({ to }) => to),
      PROJECTED_CHANNEL,
    ],
  );
  if (moved.length !== advances.length) throw new FencedOffError('Somebody else has moved the checkpoints.');
}

/** Makes the present runner look again at what it believes of these projections. */
export async function overtake(transaction: Database, names: readonly string[]): Promise<void> {
  await transaction.query('update read.checkpoints set edition = edition + 1 where name = any ($1)', [names]);
}
