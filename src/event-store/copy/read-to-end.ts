import type { EventStore, RecordedEvent } from '../event-store.js';
import type { Patience } from './patience.js';
import type { Position } from '../position.js';

/** All events of a log in its order, until the store says that there are no more; where it fell away it is read on. */
export async function* readToEnd(store: EventStore, patience: Patience): AsyncGenerator<RecordedEvent, undefined> {
  const reading = new AbortController();
  let position: Position | null = null;
  try {
    for (;;) {
      try {
        for await (const batch of store.follow(position, reading.signal)) {
          patience.renew();
          yield* batch.events;
          position = batch.position;
          if (batch.isEnd) return;
        }
      } catch (error) {
        await patience.wait(error);
      }
    }
  } finally {
    reading.abort();
  }
}
