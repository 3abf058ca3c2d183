import type { EventStore } from './event-store.js';

/** A log that does some things in a way of its own, and all else as another. */
export const logWith = (log: EventStore, own: Partial<EventStore>): EventStore => ({
  append: (...given) => log.append(...given),
  read: (stream) => log.read(stream),
  follow: (...given) => log.follow(...given),
  head: (after) => log.head(after),
  ping: () => log.ping(),
  close: () => log.close(),
  ...own,
});
