import { TypeORMError, type EntityManager } from 'typeorm';
import type { RecordedEvent } from '../src/event-store/event-store.js';
import type { Recorded } from '../src/events.js';
import { FencedOffError } from './checkpoints.js';
import type { Projection } from './projection.js';
import { sqlStateOf } from './sql-state.js';
import { READ, Tables } from './tables.js';

/** A stream of which a projection could not apply an event: this event and all that follow it in the stream wait. */
export type ParkedStream = {
  projection: string;
  stream: string;
  tenantId: string;
  eventId: string;
  eventType: string;
  revision: bigint;
  error: string;
  attempts: number;
  /** How many events wait behind it. */
  waiting: number;
  parkedAt: Date;
  lastTriedAt: Date;
};

type Database = Pick<EntityManager, 'query'>;
export type ToEvent = (stored: RecordedEvent) => Recorded;

/** So many streams are no longer a matter of single events. */
const MOST_PARKED = 1_000;

/** So many events are tried together while others wait: one by one they take less than a second. */
const BATCH = 200;

export async function findParked(database: Database): Promise<ParkedStream[]> {
  const rows = await database.query<(Omit<ParkedStream, 'revision'> & { revision: string })[]>(
    `select projection, stream, tenant_id as "tenantId", event_id as "eventId", event_type as "eventType", revision, error,
       attempts, waiting, parked_at as "parkedAt", last_tried_at as "lastTriedAt"
     from read.parked_streams order by parked_at, projection, stream`,
  );
  return rows.map((row) => ({ ...row, revision: BigInt(row.revision) }));
}

/** A projection with the streams that are parked in it, as it writes into tables of one schema. */
export class CarefulProjection {
  constructor(
    private readonly projection: Projection,
    private readonly toEvent: ToEvent,
    private readonly schema = READ,
    private readonly parked = new Set<string>(),
    private readonly onParked: (projection: string, event: RecordedEvent, error: unknown) => void = () => undefined,
  ) {}

  /** Applies what is not parked, and tells what that was. Throws when an event cannot be applied, and leaves the transaction useless. */
  async apply(events: readonly RecordedEvent[], transaction: EntityManager): Promise<Recorded[]> {
    const due = events.filter(({ stream }) => !this.parked.has(stream));
    if (due.length < events.length) await this.#letWait(events, transaction);
    const tables = new Tables(transaction, this.schema);
    const applied = due.map(this.toEvent);
    for (const run of runsOf(applied)) {
      await this.projection.apply(run, tables);
      const last = run.at(-1);
      if (last?.type === 'PersonalDataErased') await this.projection.erase(last, tables);
    }
    return applied;
  }

  /** The same, but the streams of events that cannot be applied are parked. It takes its time: an event after the other. */
  async applyOneByOne(events: readonly RecordedEvent[], transaction: EntityManager): Promise<Recorded[]> {
    const applied: Recorded[] = [];
    const waiting: RecordedEvent[] = [];
    for (const event of events) {
      if (this.parked.has(event.stream)) {
        waiting.push(event);
        continue;
      }
      const apply = async () => void applied.push(...(await this.apply([event], transaction)));
      const error = await this.#failureOf(apply, transaction);
      if (error !== null) await this.#park(event, error, transaction);
    }
    if (waiting.length > 0) await this.#letWait(waiting, transaction);
    return applied;
  }

  /** The same for many events in a transaction that has done other things: one by one only where one is among them that cannot be applied. */
  async applyInBatches(events: readonly RecordedEvent[], transaction: EntityManager): Promise<Recorded[]> {
    const applied: Recorded[] = [];
    for (let start = 0; start < events.length; start += BATCH) {
      const batch = events.slice(start, start + BATCH);
      const apply = async () => void applied.push(...(await this.apply(batch, transaction)));
      const error = await this.#failureOf(apply, transaction);
      if (error !== null) applied.push(...(await this.applyOneByOne(batch, transaction)));
    }
    return applied;
  }

  /** What is wrong with events, `null` when nothing is. Their traces are undone. */
  async #failureOf(work: () => Promise<unknown>, transaction: EntityManager): Promise<unknown> {
    await transaction.query('savepoint events');
    try {
      await work();
      await transaction.query('release savepoint events');
      return null;
    } catch (error) {
      if (!isPoison(error)) throw error;
      await transaction.query('rollback to savepoint events');
      return error;
    }
  }

  async #park(event: RecordedEvent, error: unknown, transaction: EntityManager): Promise<void> {
    if (this.parked.size >= MOST_PARKED)
      throw new Error(
        `${this.projection.name} has ${MOST_PARKED} parked streams: something is wrong with all of them.`,
      );
    await transaction.query(
      `insert into ${this.schema}.parked_streams
         (projection, stream, tenant_id, subject, event_id, event_type, revision, error, attempts, waiting)
       values ($1, $2, $3, $4, $5, $6, $7, $8, 1, 0)`,
      [
        this.projection.name,
        event.stream,
        event.metadata.tenantId,
        subjectOf(event.stream),
        event.id,
        event.type,
        event.revision,
        sentence(error),
      ],
    );
    this.parked.add(event.stream);
    this.onParked(this.projection.name, event, error);
  }

  async #letWait(events: readonly RecordedEvent[], transaction: EntityManager): Promise<void> {
    const waiting = events.map(({ stream }) => stream).filter((stream) => this.parked.has(stream));
    await transaction.query(
      `update ${this.schema}.parked_streams parked set waiting = waiting + count
       from (select stream, count(*) from unnest($2::text[]) as event (stream) group by stream) as counted
       where projection = $1 and parked.stream = counted.stream`,
      [this.projection.name, waiting],
    );
  }
}

/** Each ends with an erasure, but for the last: what came before is written before it is forgotten. */
function runsOf(events: readonly Recorded[]): Recorded[][] {
  const runs: Recorded[][] = [];
  for (const event of events) {
    const run = runs.at(-1);
    if (!run || run.at(-1)?.type === 'PersonalDataErased') runs.push([event]);
    else run.push(event);
  }
  return runs;
}

/** Data that cannot be digested: an error of our own code, or values that PostgreSQL does not take (SQLSTATE 21, 22, 23). */
export function isPoison(error: unknown): boolean {
  if (error instanceof FencedOffError) return false;
  if (!(error instanceof TypeORMError)) return true;
  return /^2[123]/.test(sqlStateOf(error));
}

export const sentence = (error: unknown) => (error instanceof Error ? error.message : String(error)).slice(0, 1_000);

const UUID = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/;

/** The id of the app or token that a stream tells of. */
const subjectOf = (stream: string) => UUID.exec(stream)?.[0] ?? null;
