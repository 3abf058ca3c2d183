import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';

export type Direction = 'ASC' | 'DESC';
/** Where a page ends: the sort value and the id of its last row. */
export type PageKey = { value: string; id: string };
export type PageRequest<Field extends string> = {
  first: number;
  after: PageKey | null;
  order: { field: Field; direction: Direction };
};
export type Page<Row> = {
  rows: Row[];
  hasNextPage: boolean;
  /** Where the next page begins if not after the last row. */
  end?: PageKey;
};

/** A column to sort by. The SQL is ours: text from a client only ever becomes a parameter. */
export type SortColumn<Row> = { sql: string; parameter: string; valueOf: (row: Row) => string };

/** One page by keyset: it costs the same at any depth, and rows that come or go elsewhere do not shift it. */
export async function keysetPage<Row extends ObjectLiteral, Field extends string>(
  query: SelectQueryBuilder<Row>,
  id: string,
  columns: Record<Field, SortColumn<Row>>,
  request: PageRequest<Field>,
): Promise<Page<Row>> {
  const rows = await startingAt(query, id, columns, request).getMany();
  return { rows: rows.slice(0, request.first), hasNextPage: rows.length > request.first };
}

/** The same of rows that are found in several ways, each by an index of its own: of each as many as make a page, then the page. */
export async function keysetPageOf<Row extends ObjectLiteral, Field extends string>(
  ways: readonly SelectQueryBuilder<Row>[],
  from: SelectQueryBuilder<Row>,
  id: string,
  columns: Record<Field, SortColumn<Row>>,
  request: PageRequest<Field>,
): Promise<Page<Row>> {
  const found = ways.map((way) => startingAt(way.select(id), id, columns, request));
  from.where(`${id} in (${found.map((way) => `(${way.getQuery()})`).join(' union all ')})`);
  for (const way of found) from.setParameters(way.getParameters());
  return keysetPage(from, id, columns, request);
}

/** The rows of a page, and one more that tells whether there is another. */
function startingAt<Row extends ObjectLiteral, Field extends string>(
  query: SelectQueryBuilder<Row>,
  id: string,
  columns: Record<Field, SortColumn<Row>>,
  { first, after, order }: PageRequest<Field>,
): SelectQueryBuilder<Row> {
  const column = columns[order.field];
  if (after) {
    const beyond = order.direction === 'ASC' ? '>' : '<';
    query.andWhere(`(${column.sql}, ${id}) ${beyond} (${column.parameter}, :afterId)`, {
      afterValue: after.value,
      afterId: after.id,
    });
  }
  return query
    .orderBy(column.sql, order.direction)
    .addOrderBy(id, order.direction)
    .limit(first + 1);
}

/** The text as a LIKE pattern that finds it anywhere. */
export const containing = (text: string) => `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`;
