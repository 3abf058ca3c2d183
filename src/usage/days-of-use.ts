import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { BoundedMap } from '../bounded-map.js';

export type CredentialKind = 'app' | 'token';
/** How many different apps and tokens were used on a day (UTC, YYYY-MM-DD). */
export type UseOfDay = { day: string; apps: number; tokens: number };
/** `day` is counted from 1970 on. */
type Row = { day: number; tenantId: string; kind: CredentialKind; id: string };

const DAY = 86_400_000;
const PAGE = 10_000;
const MOST_ROWS = 200_000;
const SWEEP_PAGE = 10_000;
/** So far back it can be asked for. */
export const MOST_DAYS = 90;

/**
 * Which apps and tokens were used on which day (UTC). Like the last use it is gathered in memory and not part of the log; once it
 * is written, further uses on that day cost nothing.
 */
@Injectable()
export class DaysOfUse {
  /** What is not written yet. */
  readonly #used = new Map<string, Row>();
  /** The day that was written last of each id; the oldest writing first. */
  readonly #written = new BoundedMap<string, number>(MOST_ROWS);

  constructor(private readonly database: DataSource) {}

  /** Whether it is remembered: there is a limit to what can wait to be written. */
  record(kind: CredentialKind, { id, tenantId }: { id: string; tenantId: string }, at: Date): boolean {
    const day = Math.floor(at.getTime() / DAY);
    if (this.#written.get(id) === day) return true;
    const key = `${day} ${id}`;
    if (this.#used.has(key)) return true;
    if (this.#used.size >= MOST_ROWS) return false;
    this.#used.set(key, { day, tenantId, kind, id });
    return true;
  }

  /** Writes what was used until now. What cannot be written stays for the next time. */
  async write(): Promise<void> {
    const due = [...this.#used];
    for (let start = 0; start < due.length; start += PAGE) {
      const page = due.slice(start, start + PAGE);
      await this.#insert(page.map(([, row]) => row));
      for (const [key, { id, day }] of page) {
        this.#used.delete(key);
        this.#written.set(id, day);
      }
    }
  }

  /** One entry for each of the days that end with `now`, the oldest first. */
  count(tenantId: string, days: number, now: Date): Promise<UseOfDay[]> {
    return this.database.query<UseOfDay[]>(
      `select to_char(day, 'YYYY-MM-DD') as day, apps, tokens
       from generate_series(1 - $2::int, 0) as ago, lateral (select $3::date + ago as day) as days, lateral (
         select count(*) filter (where kind = 'app')::int as apps, count(*) filter (where kind = 'token')::int as tokens
         from usage.days_of_use as used where used.day = days.day and tenant_id = $1
       ) as counts
       order by days.day`,
      [tenantId, days, dayOf(now)],
    );
  }

  /** Forgets what is too long ago to be asked for. */
  async sweep(): Promise<number> {
    let swept = 0;
    for (;;) {
      // Instances that sweep at once take different rows, and wait for each other nowhere.
      const [, count] = await this.database.query<[Row[], number]>(
        `delete from usage.days_of_use where (day, tenant_id, kind, id) in (
           select day, tenant_id, kind, id from usage.days_of_use where day < (now() at time zone 'UTC')::date - ${MOST_DAYS}
           limit ${SWEEP_PAGE} for update skip locked
         )`,
      );
      swept += count;
      if (count < SWEEP_PAGE) return swept;
    }
  }

  /** In the order of the key, so that two instances that write the same rows wait for each other in one direction only. */
  async #insert(rows: Row[]): Promise<void> {
    await this.database.query(
      `insert into usage.days_of_use (day, tenant_id, kind, id)
       select * from unnest($1::date[], $2::text[], $3::text[], $4::uuid[]) as used (day, tenant_id, kind, id)
       order by day, tenant_id, kind, id
       on conflict do nothing`,
      [
        rows.map(({ day }) => dayOf(new Date(day * DAY))),
        rows.map(({ tenantId }) => tenantId),
        rows.map(({ kind }) => kind),
        rows.map(({ id }) => id),
      ],
    );
  }
}

const dayOf = (at: Date) => at.toISOString().slice(0, 10);
