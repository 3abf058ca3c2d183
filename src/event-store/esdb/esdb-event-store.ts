import { validate as isUuid } from 'uuid';
import {
  StoreUnavailableError,
  type AppendOutcome,
  type EventMetadata,
  type EventStore,
  type ExpectedRevision,
  type LogBatch,
  type NewEvent,
  type RecordedEvent,
} from '../event-store.js';
import { comparePositions, refuseBeyond, type Position } from '../position.js';
import type { EsdbEvent, EsdbProposedEvent } from './client.js';
import type { EsdbConnection } from './connection.js';
import { currentIn, isStreamNotFound, isWrongRevision, told } from './errors.js';
import { follow, subscribed, type Source } from './follow.js';
import { esdbPosition, START, textOf } from './subscription.js';

/** How long the end of the log is looked for. */
const HEAD_MILLISECONDS = 10_000;

/** The log in EventStoreDB or KurrentDB. */
export class EsdbEventStore implements EventStore {
  readonly #source: Source;
  /** The furthest position that this process knows of: what an append adds lies beyond it. */
  #furthest: Position | null = null;

  constructor(
    private readonly connection: EsdbConnection,
    streamPrefix: string,
  ) {
    this.#source = { connection, streamPrefix, recorded, end: () => this.#end() };
  }

  async append(stream: string, expected: ExpectedRevision, events: NewEvent[]): Promise<AppendOutcome> {
    if (events.length === 0) throw new Error('An append needs at least one event.');
    const proposed = events.map(proposal);
    const before = this.#furthest;
    try {
      const answer = await this.connection.call((client, options) =>
        client.appendToStream(stream, proposed, { ...options, expectedRevision: expected, streamState: expected }),
      );
      if (!answer.position)
        throw new Error(`The event store kept nothing of an append to ${stream}: was the stream deleted there?`);
      const position = textOf(answer.position);
      this.#reach(position);
      // The same ids behind the same revision are answered as the first time.
      const outcome = comparePositions(position, before) <= 0 ? 'duplicate' : 'appended';
      return { outcome, revision: answer.nextExpectedRevision, position };
    } catch (error) {
      if (isWrongRevision(error)) return this.#refused(stream, expected, events, currentIn(error));
      throw error;
    }
  }

  async read(stream: string): Promise<RecordedEvent[]> {
    try {
      return await this.connection.call(async (client, options) => {
        const events: RecordedEvent[] = [];
        for await (const { event } of client.readStream(stream, { ...options, fromRevision: 'start' }))
          if (event) events.push(recorded(event));
        return events;
      });
    } catch (error) {
      if (isStreamNotFound(error)) return [];
      throw error;
    }
  }

  async *follow(after: Position | null, signal: AbortSignal): AsyncGenerator<LogBatch> {
    // Throws for a position of another kind of log.
    esdbPosition(after);
    if (after !== null) refuseBeyond(await this.#end(), after);
    for await (const batch of follow(this.#source, after, signal)) {
      this.#reach(batch.position);
      yield batch;
    }
  }

  /** The server's log may end with an event of somebody else, to which nobody comes who follows ours. */
  async head(after: Position | null = null): Promise<Position | null> {
    let last = after;
    try {
      for await (const batch of subscribed(this.#source, after, AbortSignal.timeout(HEAD_MILLISECONDS))) {
        last = batch.events.at(-1)?.position ?? last;
        if (batch.isEnd) return last;
      }
    } catch (error) {
      throw told(error);
    }
    throw new StoreUnavailableError('The end of the event log was not reached in time.');
  }

  async ping(): Promise<void> {
    await this.#end();
  }

  close(): Promise<void> {
    return this.connection.close();
  }

  /** The stream tells whether it was our own append that is in the way. */
  async #refused(
    stream: string,
    expected: ExpectedRevision,
    events: NewEvent[],
    current: ExpectedRevision,
  ): Promise<AppendOutcome> {
    const history = await this.read(stream);
    const first = expected === 'no_stream' ? 0n : expected + 1n;
    const behind = history.filter(({ revision }) => revision >= first).slice(0, events.length);
    const last = behind.at(-1);
    if (last && events.every(({ id }, index) => id === behind[index]?.id))
      return { outcome: 'duplicate', revision: last.revision, position: last.position };
    const isKnown = history.some((stored) => events.some(({ id }) => id === stored.id));
    return isKnown ? { outcome: 'id reused' } : { outcome: 'conflict', current };
  }

  async #end(): Promise<Position | null> {
    return this.connection.call(async (client, options) => {
      const end = { ...options, direction: 'backwards', fromPosition: 'end', maxCount: 1 } as const;
      for await (const { event } of client.readAll(end)) if (event?.position) return textOf(event.position);
      return null;
    });
  }

  #reach(position: Position): void {
    if (comparePositions(position, this.#furthest) > 0) this.#furthest = position;
  }
}

/** What the client would choke on, or take and never answer, is refused before it gets there. */
function proposal(event: NewEvent): EsdbProposedEvent {
  if (!isUuid(event.id)) throw new Error(`The id of an event is no UUID: ${event.id}.`);
  if ((JSON.stringify(event.data) as string | undefined) === undefined)
    throw new Error(`The data of ${event.type} is no JSON.`);
  return { ...event, contentType: 'application/json' };
}

/** Only Latchkey writes streams of its prefix: their metadata has its form. */
function recorded({ streamId, id, type, revision, data, metadata, created, position }: EsdbEvent): RecordedEvent {
  return {
    stream: streamId,
    id,
    type,
    revision,
    data: data as object,
    metadata: metadata as EventMetadata,
    position: position ? textOf(position) : START,
    recordedAt: created,
  };
}
