import type { Position } from './position.js';

export type Actor = { kind: 'USER' | 'APP' | 'SYSTEM'; id: string; name: string };

/** What tells of a person in an event, under a key of that person's own: without the key it says nothing any more. */
export type SealedPerson = {
  keyId: string;
  /** Base64. */
  sealed: string;
  /** What goes into the evidence in its place, base64: see docs/audit.md. */
  commitment: string;
  /** Base64; once it is opened. */
  salt?: string;
};

/** What is kept beside each event: who, from where, on whose behalf, answering to which command. */
export type EventMetadata = {
  schemaVersion: number;
  tenantId: string;
  /** The name is `null`, as are `ip` and `userAgent`, as long as `person` is sealed. */
  actor: Omit<Actor, 'name'> & { name: string | null };
  commandId: string;
  /** SHA-256 over the command's name and input: the same idempotency key with another input shows here. */
  inputDigest: string;
  $correlationId: string;
  $causationId: string;
  ip: string | null;
  userAgent: string | null;
  /** Where the actor is a person. Events of the first versions tell it all in clear. */
  person?: SealedPerson;
};

export type NewEvent = { id: string; type: string; data: object; metadata: EventMetadata };

export type RecordedEvent = NewEvent & {
  stream: string;
  revision: bigint;
  position: Position;
  recordedAt: Date;
};

/** The revision of a stream's last event, or that there must be none yet. */
export type ExpectedRevision = bigint | 'no_stream';

export type AppendOutcome =
  | { outcome: 'appended'; revision: bigint; position: Position }
  /** The very same append was stored before; its revision and position. */
  | { outcome: 'duplicate'; revision: bigint; position: Position }
  | { outcome: 'conflict'; current: ExpectedRevision }
  | { outcome: 'id reused' };

/**
 * What comes next in the log. `position` is how far it has been read, in order with the events; `isEnd` says that there was no more.
 * Whoever follows is told of the end at least once, by a batch without events if there are none.
 */
export type LogBatch = { events: RecordedEvent[]; position: Position; isEnd: boolean };

/**
 * The log, the only truth. Two stores keep these promises (one contract suite holds both to them):
 * an append is atomic, and idempotent under the same ids at the same expected revision; the log is followed
 * in one order that contains the order of each stream, and no event is ever stepped over.
 * Every method throws `StoreUnavailableError` when the store cannot answer in time; an append may then have been stored.
 */
export interface EventStore {
  append(stream: string, expected: ExpectedRevision, events: NewEvent[]): Promise<AppendOutcome>;
  /** All events of a stream, oldest first; none when there is no such stream. */
  read(stream: string): Promise<RecordedEvent[]>;
  /**
   * Events of this system's streams strictly after a position (`null`: all), for as long as `signal` allows.
   * Throws when the log ends before that position: it is not the log that the position was read from.
   */
  follow(after: Position | null, signal: AbortSignal): AsyncIterable<LogBatch>;
  /**
   * The position of the last event, `null` when there is none; whoever follows the log comes to it.
   * `after`: a position known to lie at or before it, from which a store may look.
   */
  head(after?: Position | null): Promise<Position | null>;
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Nest's token for the port: an interface does not exist at run time. */
export const EVENT_STORE = Symbol('EventStore');

export class StoreUnavailableError extends Error {
  override readonly name = 'StoreUnavailableError';
}
