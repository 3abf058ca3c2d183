import type { EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import { selectionOf } from './find-rows.js';

/** Where read models are looked up. */
export const READ = 'read';

/** The tables that a projection fills: those that are read, or new ones of the same names beside them. */
export class Tables {
  constructor(
    private readonly transaction: EntityManager,
    private readonly schema = READ,
  ) {}

  /** To be used in SQL. */
  nameOf(table: EntityTarget<ObjectLiteral>): string {
    return `${this.schema}.${this.#metadata(table).tableName}`;
  }

  query<Answer>(sql: string, parameters: unknown[]): Promise<Answer[]> {
    return this.transaction.query<Answer[]>(sql, parameters);
  }

  /** The rows of these ids, in no order; with a condition, those for which the ids ($1) fulfil it. */
  async find<Row extends ObjectLiteral>(
    table: EntityTarget<Row>,
    ids: readonly string[],
    condition = 'id = any ($1)',
  ): Promise<Row[]> {
    if (ids.length === 0) return [];
    return this.query<Row>(
      `select ${selectionOf(this.#metadata(table))} from ${this.nameOf(table)} where ${condition}`,
      [ids],
    );
  }

  /** Some of the rows behind an id, in the order of ids; with all of their columns, or those that are wanted. */
  async page<Row extends ObjectLiteral>(
    table: EntityTarget<Row>,
    after: string,
    count: number,
    wanted?: readonly string[],
  ): Promise<Row[]> {
    const columns = this.#metadata(table).columns.filter(({ propertyName }) => wanted?.includes(propertyName) ?? true);
    return this.query<Row>(
      `select ${selectionOf({ columns })} from ${this.nameOf(table)} where id > $1 order by id limit $2`,
      [after, count],
    );
  }

  /** Writes all rows in one statement: new ones are inserted, known ones (by primary key) replaced. */
  async write<Row extends ObjectLiteral>(table: EntityTarget<Row>, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const metadata = this.#metadata(table);
    await this.query(
      writingOf(metadata, this.nameOf(table)),
      metadata.columns.map((column) => arrayOf(column, rows)),
    );
  }

  #metadata(table: EntityTarget<ObjectLiteral>): EntityMetadata {
    return this.transaction.dataSource.getMetadata(table);
  }
}

function writingOf({ columns, primaryColumns }: EntityMetadata, table: string): string {
  const names = columns.map(({ databaseName }) => databaseName);
  const keys = primaryColumns.map(({ databaseName }) => databaseName);
  const changes = names.filter((name) => !keys.includes(name)).map((name) => `${name} = excluded.${name}`);
  // A column is an array of texts. One call of `unnest` takes them apart for less than a JSON of all rows would cost.
  const places = names.map((_, index) => `$${index + 1}::text[]`);
  const casts = columns.map((column) => `${column.databaseName}::${typeOf(column)}`);
  return `insert into ${table} (${names.join(', ')})
    select ${casts.join(', ')} from unnest(${places.join(', ')}) as given (${names.join(', ')})
    on conflict (${keys.join(', ')}) do update set ${changes.join(', ')}`;
}

type Column = EntityMetadata['columns'][number];

const typeOf = ({ type, isArray }: Column) => `${String(type)}${isArray ? '[]' : ''}`;

/** A column's values as PostgreSQL reads an array of texts. The driver would take twice as long to put it together. */
function arrayOf<Row extends ObjectLiteral>(column: Column, rows: readonly Row[]): string {
  let elements = '';
  for (const row of rows) {
    const text = textOf(column, row[column.propertyName]);
    elements += `${elements && ','}${text === null ? 'NULL' : quoted(text)}`;
  }
  return `{${elements}}`;
}

const SPECIAL = /["\\]/;
const quoted = (text: string) => `"${SPECIAL.test(text) ? text.replaceAll(/["\\]/g, '\\$&') : text}"`;

/** As PostgreSQL reads a value of the column's type. */
function textOf({ type, isArray }: Column, value: ObjectLiteral[string]): string | null {
  if (value === null || value === undefined) return null;
  if (typeof value === 'string' && type !== 'jsonb') return value;
  if (isArray) return `{${(value as string[]).map(quoted).join(',')}}`;
  if (type === 'jsonb') return JSON.stringify(value);
  // An invalid one throws.
  return value instanceof Date ? value.toISOString() : String(value);
}
