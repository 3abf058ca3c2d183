import type { EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';
import { selectionOf } from './find-rows.js';

/** Where read models are looked up. */
export const READ = 'read';

/** So much of a table is changed by one statement at the most, in pages of PostgreSQL: of rows like ours some tens of thousands. */
const STRETCH = 1_000;

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

  /** Changes the rows that fulfil a condition, wherever they are: a stretch after the other, so that no statement takes too long. */
  async change(table: EntityTarget<ObjectLiteral>, change: string, condition: string, parameters: unknown[]) {
    const name = this.nameOf(table);
    const [size] = await this.query<{ pages: number }>(
      `select (pg_relation_size($1::regclass) / current_setting('block_size')::int)::int as pages`,
      [name],
    );
    // What is changed goes to the end, where it is met again and is the same.
    for (let from = 0; from < (size?.pages ?? 0); from += STRETCH)
      await this.query(
        `update ${name} set ${change}
         where ctid >= '(${from},0)'::tid and ctid < '(${from + STRETCH},0)'::tid and (${condition})`,
        parameters,
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

/**
 * A column's values as PostgreSQL reads an array of texts. The driver would take twice as long to put it together, and adding one
 * value to the other leaves much to be cleaned up.
 */
function arrayOf<Row extends ObjectLiteral>(column: Column, rows: readonly Row[]): string {
  const textOf = textsOf(column);
  const texts = rows.map((row) => {
    const value = row[column.propertyName] as unknown;
    return value === null || value === undefined ? null : textOf(value);
  });
  if (texts.includes(null)) return `{${texts.map((text) => (text === null ? 'NULL' : `"${text}"`)).join(',')}}`;
  return `{"${texts.join('","')}"}`;
}

/** How a value of the column is written between quotes. An invalid date throws. */
function textsOf({ type, isArray }: Column): (value: unknown) => string {
  if (isArray) return (value) => escaped(`{${(value as string[]).map((each) => `"${escaped(each)}"`).join(',')}}`);
  if (type === 'jsonb') return (value) => escaped(JSON.stringify(value));
  if (type === 'timestamptz') return (value) => (value as Date).toISOString();
  return (value) => escaped(String(value));
}

const escaped = (text: string) =>
  text.includes('"') || text.includes('\\') ? text.replaceAll(/["\\]/g, '\\$&') : text;
