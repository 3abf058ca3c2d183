import { randomUUID } from 'node:crypto';
import {
  StoreUnavailableError,
  type AppendOutcome,
  type EventMetadata,
  type EventStore,
  type NewEvent,
  type RecordedEvent,
} from '../../../src/event-store/event-store.js';
import type { Position } from '../../../src/event-store/position.js';

/** A log for one spec file: the contract asks for nothing but the port, and for more than one way in. */
export type ContractStore = {
  /** An instance of its own over the same log, for the streams of a prefix. The spec closes it. */
  openInstance(streamPrefix: string): Promise<EventStore>;
  /** Closes and removes the log. */
  remove(): Promise<void>;
};

/** A prefix that no other spec uses, so that a server that serves many systems can be put to the test. */
export const freshPrefix = () => `t${randomUUID().replaceAll('-', '')}`;

export function someEvent(change: Partial<NewEvent> = {}): NewEvent {
  return {
    id: randomUUID(),
    type: 'SomethingHappened',
    data: { what: 'a thing' },
    metadata: someMetadata(),
    ...change,
  };
}

export const someEvents = (count: number): NewEvent[] => Array.from({ length: count }, () => someEvent());

export function someMetadata(change: Partial<EventMetadata> = {}): EventMetadata {
  return {
    schemaVersion: 1,
    tenantId: 'acme',
    actor: { kind: 'USER', id: 'user-1', name: 'Ada' },
    commandId: randomUUID(),
    inputDigest: 'digest',
    $correlationId: randomUUID(),
    $causationId: randomUUID(),
    ip: '192.0.2.1',
    userAgent: 'spec',
    ...change,
  };
}

type Stored = Extract<AppendOutcome, { position: Position }>;

/** The append is on the log: a store need not tell a first time from a second. */
export function stored(outcome: AppendOutcome): Stored {
  if (outcome.outcome === 'appended' || outcome.outcome === 'duplicate') return outcome;
  throw new Error(`Not stored: ${outcome.outcome}.`);
}

/** Sends an append again for as long as its answer is lost. */
export async function appendForSure(
  store: EventStore,
  ...[stream, expected, events]: Parameters<EventStore['append']>
): Promise<AppendOutcome> {
  for (;;) {
    try {
      return await store.append(stream, expected, events);
    } catch (error) {
      if (!(error instanceof StoreUnavailableError)) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

export const idsOf = (events: readonly { id: string }[]) => events.map(({ id }) => id);
export const idsIn = async (store: EventStore, stream: string) => idsOf(await store.read(stream));

/** What a follower was told, in order. */
export class Follower {
  readonly events: RecordedEvent[] = [];
  readonly positions: Position[] = [];
  readonly ended: Promise<void>;
  readonly #stopping = new AbortController();
  #error: unknown = null;

  constructor(store: EventStore, after: Position | null) {
    this.ended = this.#follow(store, after).catch((error: unknown) => {
      this.#error = error;
    });
  }

  get ids(): string[] {
    return idsOf(this.events);
  }

  /** Resolves once it is so; rejects when the follower failed, or after a time. */
  async until(isSo: (follower: this) => boolean, milliseconds = 20_000): Promise<void> {
    const deadline = Date.now() + milliseconds;
    while (!isSo(this)) {
      if (this.#error) throw this.#error as Error;
      if (Date.now() > deadline) throw new Error(`Still not so; ${this.events.length} events were delivered.`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  untilCount = (count: number) => this.until(({ events }) => events.length >= count);

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.ended;
    if (this.#error) throw this.#error as Error;
  }

  async #follow(store: EventStore, after: Position | null): Promise<void> {
    for await (const { events, position } of store.follow(after, this.#stopping.signal)) {
      this.events.push(...events);
      this.positions.push(position);
    }
  }
}
