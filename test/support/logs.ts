import { randomUUID } from 'node:crypto';
import type { EventStore, NewEvent, RecordedEvent } from '../../src/event-store/event-store.js';
import { someEvents, someMetadata } from '../event-store/contract/contract-store.js';
import type { TestDatabase } from './databases.js';
import { dice } from './histories.js';
import { readAll } from './log.js';

/** What a log holds that does not belong to its store, in its order. */
export type Content = Omit<RecordedEvent, 'position' | 'recordedAt'>[];

export const contentOf = async (store: EventStore): Promise<Content> =>
  (await readAll(store)).map(({ stream, revision, id, type, data, metadata }) => ({
    stream,
    revision,
    id,
    type,
    data,
    metadata,
  }));

/** Writes appends of one to four events to streams that alternate, the same ones in each run of a spec but for their ids. */
export async function fill(store: EventStore, appends: number, prefix = 'latchkey'): Promise<void> {
  const roll = dice(appends);
  const streams = Array.from({ length: 7 }, () => ({ name: `${prefix}.thing-${randomUUID()}`, length: 0 }));
  for (let count = 0; count < appends; count += 1) {
    const stream = streams[roll(streams.length)]!;
    const events = someEvents(1 + roll(4)).map((event): NewEvent => ({ ...event, data: { count, text: 'Größe 🔑' } }));
    const { outcome } = await store.append(
      stream.name,
      stream.length === 0 ? 'no_stream' : BigInt(stream.length - 1),
      events,
    );
    if (outcome !== 'appended') throw new Error(`Not appended: ${outcome}.`);
    stream.length += events.length;
  }
}

/** Writes many events at once, past the port: to fifty streams, twenty in a row to each. */
export async function fillInBulk(database: TestDatabase, events: number, bytesEach: number): Promise<void> {
  await database.query(
    `insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
     select n + 1, 'latchkey.thing-' || n / 20 % 50, n / 1000 * 20 + n % 20, gen_random_uuid(), 'SomethingHappened',
            json_build_object('n', n, 'text', repeat('x', $2)), $3, clock_timestamp()
     from generate_series(0, $1::int - 1) as n`,
    [events, bytesEach, someMetadata()],
  );
}
