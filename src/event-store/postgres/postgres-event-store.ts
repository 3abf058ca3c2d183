import type { Pool } from 'pg';
import { Gather } from '../../gather.js';
import { isUnavailable } from '../../postgres/unavailable.js';
import {
  StoreUnavailableError,
  type AppendOutcome,
  type EventStore,
  type ExpectedRevision,
  type LogBatch,
  type NewEvent,
  type RecordedEvent,
} from '../event-store.js';
import type { LogNews } from './log-news.js';
import { refuseBeyond, type Position } from '../position.js';

type Append = { stream: string; expected: ExpectedRevision; events: NewEvent[] };
type AppendRow = {
  outcome: 'appended' | 'duplicate' | 'conflict' | 'id reused';
  revision: string | null;
  position: string | null;
};
type EventRow = Omit<RecordedEvent, 'revision' | 'recordedAt'> & { revision: string; recordedAt: number };

/** Milliseconds are read in a tenth of the time that a written date takes. */
const COLUMNS = `position, stream, revision, id, type, data, metadata,
  (extract(epoch from recorded_at) * 1000)::float8 as "recordedAt"`;
const PAGE = 2_000;
const START: Position = '0';
const UNIQUE_VIOLATION = '23505';
const refusal = () => new StoreUnavailableError('Too many calls wait for the event log.');

/** The log kept in PostgreSQL: one appender at a time, waiting appends committed together. */
export class PostgresEventStore implements EventStore {
  readonly #appends = new Gather<Append, AppendOutcome>((appends) => this.#appendAll(appends), {
    batch: 256,
    waiting: 10_000,
    refusal,
  });
  readonly #reads = new Gather<string, RecordedEvent[]>((streams) => this.#readAll(streams), {
    batch: 256,
    waiting: 10_000,
    refusal,
  });

  constructor(
    private readonly pool: Pool,
    private readonly news: LogNews,
    /** Only streams of this system are followed. */
    private readonly streamPrefix: string,
    private readonly beforeClose: () => Promise<void> = () => Promise.resolve(),
  ) {}

  append(stream: string, expected: ExpectedRevision, events: NewEvent[]): Promise<AppendOutcome> {
    if (events.length === 0) throw new Error('An append needs at least one event.');
    return this.#appends.request({ stream, expected, events });
  }

  read(stream: string): Promise<RecordedEvent[]> {
    return this.#reads.request(stream);
  }

  async *follow(after: Position | null, signal: AbortSignal): AsyncGenerator<LogBatch> {
    let position = after ?? START;
    if (!/^\d+$/.test(position)) throw new Error(`The log has no position ${position}: it is one of another log.`);
    refuseBeyond(await this.head(), position);
    let isEndTold = false;
    while (!signal.aborted) {
      const seen = this.news.count;
      const rows = await this.#query<EventRow>(
        'page',
        `select ${COLUMNS} from log.events where position > $1 order by position limit ${PAGE}`,
        [position],
      );
      if (rows.length === 0 && isEndTold) {
        await this.news.after(seen, signal);
        continue;
      }
      position = rows.at(-1)?.position ?? position;
      isEndTold = rows.length < PAGE;
      const own = rows.filter((row) => row.stream.startsWith(`${this.streamPrefix}.`));
      yield { events: own.map(recorded), position, isEnd: isEndTold };
    }
  }

  async head(): Promise<Position | null> {
    const [row] = await this.#query<{ position: string | null }>(
      'head',
      'select max(position) as position from log.events',
      [],
    );
    return row?.position ?? null;
  }

  async ping(): Promise<void> {
    await this.#query('ping', 'select 1', []);
  }

  async close(): Promise<void> {
    await this.beforeClose();
    await this.pool.end();
  }

  async #appendAll(appends: Append[]): Promise<(AppendOutcome | Promise<AppendOutcome>)[]> {
    try {
      const batch = JSON.stringify(
        appends.map(({ stream, expected, events }) => ({ stream, expected: revisionNumber(expected), events })),
      );
      const rows = await this.#query<AppendRow>(
        'append',
        'select outcome, revision, position from log.append($1::json)',
        [batch],
      );
      this.news.publish();
      return rows.map(outcomeOf);
    } catch (error) {
      const isOwnFault = !(error instanceof StoreUnavailableError);
      // One bad append must not take the others of its batch down with it.
      if (isOwnFault && appends.length > 1) return this.#appendEach(appends);
      if (isOwnFault && hasCode(error, UNIQUE_VIOLATION)) return [{ outcome: 'id reused' }];
      throw error;
    }
  }

  async #appendEach(appends: Append[]): Promise<Promise<AppendOutcome>[]> {
    const outcomes: Promise<AppendOutcome>[] = [];
    for (const append of appends) {
      const outcome = this.#appendAll([append]).then(([alone]) => alone as AppendOutcome);
      await outcome.catch(() => undefined);
      outcomes.push(outcome);
    }
    return outcomes;
  }

  async #readAll(streams: string[]): Promise<RecordedEvent[][]> {
    const rows = await this.#query<EventRow>(
      'read',
      `select ${COLUMNS} from log.events where stream = any ($1) order by stream, revision`,
      [streams],
    );
    const byStream = new Map<string, RecordedEvent[]>(streams.map((stream) => [stream, []]));
    for (const row of rows) byStream.get(row.stream)?.push(recorded(row));
    return streams.map((stream) => byStream.get(stream) ?? []);
  }

  async #query<Row extends object>(name: string, text: string, values: unknown[]): Promise<Row[]> {
    try {
      const result = await this.pool.query<Row>({ name: `log-${name}`, text, values });
      return result.rows;
    } catch (error) {
      if (isUnavailable(error)) throw new StoreUnavailableError('The event log cannot be reached.', { cause: error });
      throw error;
    }
  }
}

const revisionNumber = (expected: ExpectedRevision) => (expected === 'no_stream' ? -1 : Number(expected));
const revisionOf = (revision: bigint): ExpectedRevision => (revision < 0n ? 'no_stream' : revision);
const hasCode = (error: unknown, code: string) => error instanceof Error && 'code' in error && error.code === code;

const recorded = ({ id, type, data, metadata, stream, revision, position, recordedAt }: EventRow): RecordedEvent => ({
  id,
  type,
  data,
  metadata,
  stream,
  revision: BigInt(revision),
  position,
  recordedAt: new Date(recordedAt),
});

function outcomeOf({ outcome, revision, position }: AppendRow): AppendOutcome {
  if (outcome === 'id reused') return { outcome };
  if (outcome === 'conflict') return { outcome, current: revisionOf(BigInt(revision ?? -1)) };
  return { outcome, revision: BigInt(revision ?? -1), position: position ?? '0' };
}
