import { projections } from '../../projections/projections.js';
import { Tables } from '../../projections/tables.js';
import type { ReadSide } from './read-side.js';

/** What stands in each table of the read models, in no order. */
export async function snapshotOf(side: ReadSide): Promise<Record<string, string[]>> {
  const written = new Tables(side.database.manager);
  const tables = projections.flatMap((projection) => projection.tables.map((table) => written.nameOf(table)));
  const rows = await Promise.all(
    tables.map((table) => side.test.query(`select row_to_json(t)::text as row from ${table} t order by row`)),
  );
  return Object.fromEntries(tables.map((table, index) => [table, rows[index]!.map(({ row }) => row)]));
}

/** Their indexes, whatever their names. */
export const indexesOf = async (side: ReadSide) =>
  (await side.test.query(`select tablename, replace(indexdef, indexname, '') as def from pg_indexes
     where schemaname = 'read' order by 1, 2`)) as object[];

/** The schemas in which read models are being built anew. */
export const schemasOfRebuilds = async (side: ReadSide) =>
  (await side.test.query(`select nspname from pg_namespace where nspname like 'rebuild%'`)).map(
    ({ nspname }) => nspname as string,
  );
