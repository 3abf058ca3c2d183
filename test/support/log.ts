import type { EventStore, RecordedEvent } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { freshPrefix } from '../event-store/contract/contract-store.js';
import type { TestDatabase } from './databases.js';

/** An event as it lies in the log; its data is taken apart as anybody else would, without our types. */
export type Stored = Omit<RecordedEvent, 'data'> & { data: any };

export type Log = { read(): Promise<Stored[]>; close(): Promise<void> };

const eventStoreUrl = process.env['TEST_EVENT_STORE_URL'];

/**
 * The one place that decides where the log and the read models are kept. By default both are in the database;
 * `TEST_EVENT_STORE_URL` moves the log to a server that all specs share, under a prefix of each one's own.
 */
export function stores(database: TestDatabase): Record<string, string> {
  if (!eventStoreUrl) return { DATABASE_URL: database.url };
  // A real server may have a long history of others, which a new installation reads past before its first event shows.
  const patience: Record<string, string> = process.env['EVENTSTOREDB_URL'] ? { READ_MODEL_TIMEOUT: 'PT20S' } : {};
  return { DATABASE_URL: database.url, EVENT_STORE_URL: eventStoreUrl, STREAM_PREFIX: freshPrefix(), ...patience };
}

/** All that is in a log now. */
export async function readAll(store: EventStore): Promise<RecordedEvent[]> {
  const log: RecordedEvent[] = [];
  for await (const { events, isEnd } of store.follow(null, new AbortController().signal)) {
    log.push(...events);
    if (isEnd) break;
  }
  return log;
}

/** A look into the log of an installation, past its service. */
export function openLog(env: Record<string, string>): Log {
  const open = () =>
    openEventStore(env['EVENT_STORE_URL'] ?? env['DATABASE_URL'] ?? '', env['STREAM_PREFIX'] ?? 'latchkey');
  let store: ReturnType<typeof open> | undefined;
  return {
    read: async () => readAll(await (store ??= open())),
    close: async () => (await store)?.close(),
  };
}
