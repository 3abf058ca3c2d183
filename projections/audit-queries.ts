import type { DataSource, EntityManager } from 'typeorm';
import { AuditQuestion, type AuditFilter } from './audit-question.js';
import { AuditRow } from './audit-trail.js';
import { selectionOf } from './find-rows.js';
import type { Direction, Page, PageKey } from './keyset.js';

/** A stretch of the trail in the log's order: after one place, up to another. */
type AuditStretch = { first: number; after: string | null; until: string };

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

  /** The oldest first. */
  listStretch(tenantId: string, filter: AuditFilter, { first, after, until }: AuditStretch): Promise<Page<AuditRow>> {
    const question = new AuditQuestion(tenantId, filter);
    if (after !== null) question.where('log_order >', after);
    question.where('log_order <=', until);
    return this.#pageOf(question, 'ASC', first);
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
      `select ${this.#columns()} from (${question.entries(direction, first + 1)}) as entry order by log_order ${direction}`,
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
