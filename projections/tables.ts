import type { EntityManager, EntityMetadata, EntityTarget, ObjectLiteral } from 'typeorm';

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
    return this.query<Row>(`select ${this.#selection(table)} from ${this.nameOf(table)} where ${condition}`, [ids]);
  }

  /** Some of the rows behind an id, in the order of ids. */
  async page<Row extends ObjectLiteral>(table: EntityTarget<Row>, after: string, count: number): Promise<Row[]> {
    return this.query<Row>(
      `select ${this.#selection(table)} from ${this.nameOf(table)} where id > $1 order by id limit $2`,
      [after, count],
    );
  }

  /** Writes all rows in one statement: new ones are inserted, known ones (by primary key) replaced. */
  async write<Row extends ObjectLiteral>(table: EntityTarget<Row>, rows: readonly Row[]): Promise<void> {
    if (rows.length === 0) return;
    const { columns, primaryColumns } = this.#metadata(table);
    const path = this.nameOf(table);
    const names = columns.map(({ databaseName }) => databaseName);
    const keys = primaryColumns.map(({ databaseName }) => databaseName);
    const changes = names.filter((name) => !keys.includes(name)).map((name) => `${name} = excluded.${name}`);
    const records = rows.map((row) =>
      Object.fromEntries(columns.map(({ databaseName, propertyName }) => [databaseName, row[propertyName]])),
    );
    await this.query(
      `insert into ${path} (${names.join(', ')})
       select ${names.join(', ')} from json_populate_recordset(null::${path}, $1::json)
       on conflict (${keys.join(', ')}) do update set ${changes.join(', ')}`,
      [JSON.stringify(records)],
    );
  }

  #selection(table: EntityTarget<ObjectLiteral>): string {
    const { columns } = this.#metadata(table);
    return columns.map(({ databaseName, propertyName }) => `${databaseName} as "${propertyName}"`).join(', ');
  }

  #metadata(table: EntityTarget<ObjectLiteral>): EntityMetadata {
    return this.transaction.dataSource.getMetadata(table);
  }
}
