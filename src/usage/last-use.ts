import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { NIL } from 'uuid';
import { BoundedMap } from '../bounded-map.js';
import { gatherRows } from '../gather.js';
import { DaysOfUse, type CredentialKind } from './days-of-use.js';

type Row = { id: string; at: Date };

const FLUSH_EVERY = 10_000;
const MINUTE = 60_000;
const PAGE = 10_000;
const MOST_IDS = 200_000;
const SWEEP_PAGE = 10_000;
/** Younger rows may be written again by an instance that has not heard of the deletion. */
const SWEEP_AGE = '1 hour';

/**
 * When an app or a token was used last, exact to a minute. Not part of the log and not rebuilt from it.
 *
 * A use costs no write of its own: uses are gathered in memory and written from time to time, each id at most once a minute.
 * A process that is killed loses what it has not written: the uses of some ten seconds.
 */
@Injectable()
export class LastUse implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(LastUse.name);
  readonly #stopping = new AbortController();
  /** The latest use of each id that is not written yet, in milliseconds. */
  readonly #used = new Map<string, number>();
  /** What was written last of each id, in milliseconds; the oldest writing first. */
  readonly #written = new BoundedMap<string, number>(MOST_IDS);
  readonly #rows = gatherRows((ids) =>
    this.database.query<Row[]>('select id, at from usage.last_used where id = any ($1)', [ids]),
  );
  #dropped = 0;
  #isFailing = false;
  #running: Promise<void> = Promise.resolve();
  #flushing: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly days: DaysOfUse,
  ) {}

  /** `id`: the UUID of an app or of a token. */
  record(kind: CredentialKind, credential: { id: string; tenantId: string }, at: Date): void {
    const isDayKept = this.days.record(kind, credential, at);
    const isLastKept = this.#recordLast(credential.id, at.getTime());
    if (!isDayKept || !isLastKept) this.#dropped += 1;
  }

  /** `null` when no use was written yet. */
  async find(id: string): Promise<Date | null> {
    return (await this.#rows.request(id))?.at ?? null;
  }

  /** Writes what was used until now; one flush after another. */
  flush(): Promise<void> {
    return (this.#flushing = this.#flushing.then(() => this.#flush()));
  }

  /** Forgets what is known as deleted. What no read model knows may be known again after a rebuild, and stays. */
  async sweep(findDeleted: (ids: string[]) => Promise<string[]>): Promise<number> {
    let swept = 0;
    let after: string = NIL;
    for (;;) {
      const rows = await this.database.query<Pick<Row, 'id'>[]>(
        `select id from usage.last_used where id > $1 and at < now() - interval '${SWEEP_AGE}' order by id limit ${SWEEP_PAGE}`,
        [after],
      );
      const last = rows.at(-1);
      if (!last) return swept;
      after = last.id;

      const deleted = await findDeleted(rows.map(({ id }) => id));
      // What a flush or another sweep is about to write is left to the next one: whoever waits for nobody cannot dead-lock.
      const [, count] = await this.database.query<[Row[], number]>(
        `delete from usage.last_used where id in (
           select id from usage.last_used where id = any ($1) and at < now() - interval '${SWEEP_AGE}' for update skip locked
         )`,
        [deleted],
      );
      swept += count;
    }
  }

  onApplicationBootstrap(): void {
    this.#running = this.#flushAgainAndAgain();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
    await this.flush();
  }

  async #flushAgainAndAgain(): Promise<void> {
    const { signal } = this.#stopping;
    for (;;) {
      // Instances that were started together need not write together.
      await sleep(FLUSH_EVERY * (0.9 + 0.2 * Math.random()), undefined, { signal, ref: false }).catch(() => undefined);
      if (signal.aborted) return;
      await this.flush();
    }
  }

  /** Whether it is remembered. */
  #recordLast(id: string, time: number): boolean {
    const known = this.#used.get(id);
    if (known === undefined && this.#used.size >= MOST_IDS) return false;
    if (known === undefined || known < time) this.#used.set(id, time);
    return true;
  }

  async #flush(): Promise<void> {
    try {
      await this.#writeAll();
      await this.days.write();
      this.#isFailing = false;
    } catch (error) {
      if (!this.#isFailing) this.#logger.warn(`Last uses cannot be written; they are kept for later: ${String(error)}`);
      this.#isFailing = true;
      return;
    }
    if (this.#dropped > 0) this.#logger.warn(`${this.#dropped} uses were not recorded: too many ids at once.`);
    this.#dropped = 0;
  }

  async #writeAll(): Promise<void> {
    for (const [id, time] of this.#used) if (this.#isWritten(id, time)) this.#used.delete(id);
    const due = [...this.#used];
    for (let start = 0; start < due.length; start += PAGE) {
      const page = due.slice(start, start + PAGE);
      await this.#write(page);
      for (const [id, time] of page) {
        // Used again meanwhile, it stays for the next flush.
        if (this.#used.get(id) === time) this.#used.delete(id);
        this.#written.set(id, time);
      }
    }
  }

  #isWritten(id: string, time: number): boolean {
    const written = this.#written.get(id);
    return written !== undefined && minuteOf(time) <= minuteOf(written);
  }

  /** In the order of ids, so that two instances that write the same rows wait for each other in one direction only. */
  async #write(page: [id: string, time: number][]): Promise<void> {
    await this.database.query(
      `insert into usage.last_used (id, at)
       select id, to_timestamp(milliseconds / 1000.0) from unnest($1::uuid[], $2::bigint[]) as used (id, milliseconds) order by id
       on conflict (id) do update set at = excluded.at where last_used.at < excluded.at`,
      [page.map(([id]) => id), page.map(([, time]) => time)],
    );
  }
}

export const usageParts = [DaysOfUse, LastUse];

const minuteOf = (time: number) => Math.floor(time / MINUTE);
