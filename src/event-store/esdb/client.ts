import type { ExpectedRevision } from '../event-store.js';

/**
 * What Latchkey uses of `@eventstore/db-client`. Its successor `@kurrent/kurrentdb-client` has nearly the same form, so either
 * fits, and nothing else knows their types.
 */
export type EsdbPosition = { commit: bigint; prepare: bigint };

export type EsdbEvent = {
  streamId: string;
  id: string;
  type: string;
  revision: bigint;
  data: unknown;
  metadata: unknown;
  created: Date;
  position?: EsdbPosition;
};

export type EsdbProposedEvent = {
  id: string;
  type: string;
  contentType: 'application/json';
  data: object;
  metadata: object;
};

export type EsdbCredentials = { username: string; password: string };

/** With credentials of its own an append is one call with a deadline, not a part of a stream of appends that has none. */
export type EsdbCall = { deadline: number; credentials: EsdbCredentials };

export type EsdbSignal = { checkpoint: EsdbPosition } | { caughtUp: true };

/** Resolved events, and in order with them whatever is pushed in between. */
export type EsdbSubscription = AsyncIterable<{ event?: EsdbEvent } | EsdbSignal> & {
  push(signal: EsdbSignal): boolean;
  on(event: 'caughtUp', listener: () => void): unknown;
  unsubscribe(): Promise<void>;
};

export type EsdbFilter = {
  filterOn: 'streamName';
  prefixes: string[];
  checkpointInterval: number;
  maxSearchWindow: number;
  checkpointReached: (subscription: EsdbSubscription, position: EsdbPosition) => void;
};

export type EsdbClient = {
  appendToStream(
    stream: string,
    events: EsdbProposedEvent[],
    // One name for either client.
    options: EsdbCall & { expectedRevision: ExpectedRevision; streamState: ExpectedRevision },
  ): Promise<{ nextExpectedRevision: bigint; position?: EsdbPosition }>;
  readStream(stream: string, options: EsdbCall & { fromRevision: 'start' }): AsyncIterable<{ event?: EsdbEvent }>;
  readAll(
    options: EsdbCall & { direction: 'backwards'; fromPosition: 'end'; maxCount: number },
  ): AsyncIterable<{ event?: EsdbEvent }>;
  subscribeToAll(options: {
    fromPosition: EsdbPosition | 'start';
    filter: EsdbFilter;
    credentials: EsdbCredentials;
  }): EsdbSubscription;
  dispose(): Promise<void>;
  getChannel(): Promise<{ close(): void }>;
};
