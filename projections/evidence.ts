import type { DataSource, EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';
import type { Position } from '../src/event-store/position.js';

/** Rows, and what they show of the log: read in one statement, so that the one holds for the other. */
export type Evidence<Row> = {
  rows: Row[];
  /** They show everything up to here. */
  position: Position | null;
  /** Whether the read model is not just being built. */
  isWhole: boolean;
};

type CheckpointColumns = { checkpointPosition: Position | null; isWhole: boolean; isFound: boolean };

/** The rows of a projection whose `key` is one of `values`, in no order, with the projection's checkpoint. */
export async function findWithEvidence<Row extends ObjectLiteral>(
  database: DataSource | EntityManager,
  table: EntityTarget<Row>,
  projection: string,
  key: string,
  values: readonly string[],
  condition = 'true',
): Promise<Evidence<Row>> {
  const { tablePath, columns } = database.getRepository(table).metadata;
  const names = columns.map(({ databaseName, propertyName }) => `found.${databaseName} as "${propertyName}"`);
  const rows = await database.query<(Row & CheckpointColumns)[]>(
    `select checkpoint.position as "checkpointPosition", is_whole as "isWhole", found.id is not null as "isFound",
       ${names.join(', ')}
     from read.checkpoints checkpoint
     left join (select * from ${tablePath} where ${key} = any ($1) and ${condition}) found on true
     where checkpoint.name = $2`,
    [values, projection],
  );
  const [first] = rows;
  return {
    rows: rows.filter(({ isFound }) => isFound),
    position: first?.checkpointPosition ?? null,
    isWhole: first?.isWhole ?? false,
  };
}
