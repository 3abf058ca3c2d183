import type { DataSource, EntityManager } from 'typeorm';
import { logOrder, type Position } from '../src/event-store/position.js';
import { findCheckpoints } from './checkpoints.js';
import type { Projection } from './projection.js';

/** A projection that is to be built anew, and how far that has come. */
export type RebuildState = {
  projection: string;
  version: number;
  position: Position | null;
  /** Where the log ended when it was looked at last. */
  head: Position | null;
  /** The sum of what the log has told up to `position`. */
  digest: bigint;
  askedAt: Date;
  /** Why it has not come further. */
  error: string | null;
};

type Database = Pick<EntityManager, 'query'>;

/** Where the new tables are until they take the place of the old ones. */
export const schemaOf = (projection: string) => `rebuild_${projection.replaceAll('-', '_')}`;

export async function findRebuilds(database: Database): Promise<RebuildState[]> {
  const rows = await database.query<(Omit<RebuildState, 'digest'> & { digest: string })[]>(
    `select projection, version, position, head, digest, asked_at as "askedAt", error from read.rebuilds order by asked_at, projection`,
  );
  return rows.map((row) => ({ ...row, digest: BigInt(row.digest) }));
}

/** How far it has come, in the units in which the log counts: events, or bytes. */
export const progressOf = ({ position, head, error }: RebuildState) => ({
  processed: position === null ? 0 : Number(logOrder(position)),
  total: head === null ? 0 : Number(logOrder(head)),
  error,
});

/** Whoever projects builds it anew beside what is there; one that is under way goes on, one that failed begins again. */
export async function askForRebuild(database: Database, { name, version }: Projection): Promise<void> {
  await database.query(
    `insert into read.rebuilds (projection, version) values ($1, $2)
     on conflict (projection) do update set error = null where rebuilds.error is not null`,
    [name, version],
  );
}

/**
 * It is not tried again unless somebody asks, and then from the beginning. Answers whether it was failed: not so when another process has
 * gone on with it from where it failed.
 */
export function failRebuild(
  database: DataSource,
  { projection, position }: Pick<RebuildState, 'projection' | 'position'>,
  error: string,
): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [failed] = await transaction.query<[unknown[], number]>(
      `update read.rebuilds set position = null, digest = 0, error = $3
       where projection = $1 and position is not distinct from $2 returning projection`,
      [projection, position, error],
    );
    if (failed.length === 0) return false;
    await transaction.query(`drop schema if exists ${schemaOf(projection)} cascade`);
    return true;
  });
}

/** Forgets what has been built so far. Answers whether there was anything. */
export function discardRebuild(database: DataSource, projection: string): Promise<boolean> {
  return database.transaction(async (transaction) => {
    const [gone] = await transaction.query<[unknown[], number]>(
      'delete from read.rebuilds where projection = $1 returning projection',
      [projection],
    );
    await transaction.query(`drop schema if exists ${schemaOf(projection)} cascade`);
    return gone.length > 0;
  });
}

/** Asks for those whose rows were made by older code, and drops what older code has begun to build. */
export async function askForOutdated(database: DataSource, projections: readonly Projection[]): Promise<void> {
  const begun = await findRebuilds(database.manager);
  const checkpoints = await findCheckpoints(database.manager);
  for (const projection of projections) {
    const isOlder = ({ version }: { version: number }) => version < projection.version;
    const underWay = begun.find((each) => each.projection === projection.name);
    const present = checkpoints.find(({ name }) => name === projection.name);
    if (underWay && isOlder(underWay)) await discardRebuild(database, projection.name);
    if (present && isOlder(present) && (!underWay || isOlder(underWay)))
      await askForRebuild(database.manager, projection);
  }
}
