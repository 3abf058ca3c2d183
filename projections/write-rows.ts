import type { EntityManager, EntityTarget, ObjectLiteral } from 'typeorm';

/** Writes all rows in one statement: new ones are inserted, known ones (by primary key) replaced. */
export async function writeRows<Row extends ObjectLiteral>(
  transaction: EntityManager,
  table: EntityTarget<Row>,
  rows: readonly Row[],
): Promise<void> {
  if (rows.length === 0) return;
  const { tablePath, columns, primaryColumns } = transaction.dataSource.getMetadata(table);
  const names = columns.map(({ databaseName }) => databaseName);
  const keys = primaryColumns.map(({ databaseName }) => databaseName);
  const changes = names.filter((name) => !keys.includes(name)).map((name) => `${name} = excluded.${name}`);
  const records = rows.map((row) =>
    Object.fromEntries(columns.map(({ databaseName, propertyName }) => [databaseName, row[propertyName]])),
  );
  await transaction.query(
    `insert into ${tablePath} (${names.join(', ')})
     select ${names.join(', ')} from json_populate_recordset(null::${tablePath}, $1::json)
     on conflict (${keys.join(', ')}) do update set ${changes.join(', ')}`,
    [JSON.stringify(records)],
  );
}
