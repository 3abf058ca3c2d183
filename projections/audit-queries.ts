import type { DataSource, EntityManager } from 'typeorm';
import { AuditQuestion, columnOf, type AuditFilter, type EntryOrder } from './audit-question.js';
import { AuditRow } from './audit-trail.js';
import { IS_WHOLE } from './audit-tree.js';
import { selectionOf } from './find-rows.js';
import type { Direction, Page, PageKey } from './keyset.js';

/** A stretch of the trail: after one place in an order, up to another. */
type AuditStretch = { order: EntryOrder; first: number; after: string | null; until: string };

/** No index finds a part of a text. So a page looks through this many entries, and the next one goes on from there. */
export const LOOKED_THROUGH = 2_000;

/** What may be asked about the trail. Every question is one tenant's. */
export class AuditQueries {
  constructor(private readonly database: DataSource | EntityManager) {}

  /** The newest first. */
  list(
    tenantId: string,
    filter: AuditFilter,
    { first, after }: { first: number; after: PageKey | null },
  ): Promise<Page<AuditRow>> {
    const question = new AuditQuestion(tenantId, filter);
    if (after) question.where('log_order <', after.value);
    return this.#pageOf(question, 'DESC', first);
  }

  /** The oldest first. In the order of the tree without a filter only: no index has what a filter finds in it. */
  listStretch(
    tenantId: string,
    filter: AuditFilter,
    { order, first, after, until }: AuditStretch,
  ): Promise<Page<AuditRow>> {
    const question = new AuditQuestion(tenantId, filter, order);
    if (after !== null) question.where(`${columnOf[order]} >`, after);
    question.where(`${columnOf[order]} <=`, until);
    return this.#pageOf(question, 'ASC', first);
  }

  /** Whether each entry has its place in the tree. */
  async isWholeTree(tenantId: string): Promise<boolean> {
    const [tree] = await this.database.query<{ isWhole: boolean }[]>(
      `select ${IS_WHOLE('read.audit_entries')} as "isWhole"`,
      [tenantId],
    );
    return tree?.isWhole ?? false;
  }

  /** Where the entry with this number on the log stands; `null` when the trail has none. */
  async placeOf(tenantId: string, logOrder: string, order: EntryOrder): Promise<string | null> {
    const [entry] = await this.database.query<{ place: string }[]>(
      `select ${columnOf[order]} as place from read.audit_entries where tenant_id = $1 and log_order = $2`,
      [tenantId, logOrder],
    );
    return entry?.place ?? null;
  }

  async count(tenantId: string, filter: AuditFilter): Promise<number> {
    const question = new AuditQuestion(tenantId, filter);
    const [row] = await this.database.query<{ count: string }[]>(question.count(), question.parameters);
    return Number(row?.count);
  }

  #pageOf(question: AuditQuestion, direction: Direction, first: number): Promise<Page<AuditRow>> {
    return question.text === null
      ? this.#page(question, direction, first)
      : this.#pageWithText(question, direction, first);
  }

  async #page(question: AuditQuestion, direction: Direction, first: number): Promise<Page<AuditRow>> {
    const rows = await this.database.query<AuditRow[]>(
      `select ${this.#columns()} from (${question.entries(direction, first + 1)}) as entry order by ${columnOf[question.order]} ${direction}`,
      question.parameters,
    );
    return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
  }

  /** Where not all was looked through, the page ends at the last entry that was, whether or not it has the text. */
  async #pageWithText(question: AuditQuestion, direction: Direction, first: number): Promise<Page<AuditRow>> {
    const isLast = `row_number() over (order by log_order ${direction}) = ${LOOKED_THROUGH}`;
    const looked = await this.database.query<(AuditRow & { isFound: boolean; isLast: boolean })[]>(
      `select ${this.#columns()}, "isFound", "isLast" from (
         select *, ${question.text} as "isFound", ${isLast} as "isLast"
         from (${question.entries(direction, LOOKED_THROUGH)}) as looked_through) as entry
       where "isFound" or "isLast" order by log_order ${direction} limit ${first + 2}`,
      question.parameters,
    );
    const rows: AuditRow[] = [];
    let end: PageKey | undefined;
    for (const { isFound, isLast, ...row } of looked) {
      if (isFound) rows.push(row);
      if (isLast) end = { value: row.logOrder, id: row.id };
    }
    if (rows.length > first) return { rows: rows.slice(0, first), hasNextPage: true };
    return { rows, hasNextPage: end !== undefined, ...(end && { end }) };
  }

  #columns(): string {
    return selectionOf(this.database.getRepository(AuditRow).metadata);
  }
}
