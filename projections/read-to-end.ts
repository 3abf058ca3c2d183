import type { EventStore, LogBatch } from '../src/event-store/event-store.js';
import type { Position } from '../src/event-store/position.js';

/** The log after a position, until its end, or until it is stopped. The next batch is read while the last one is written. */
export async function* readToEnd(
  store: EventStore,
  after: Position | null,
  signal: AbortSignal,
): AsyncGenerator<LogBatch, undefined> {
  const end = new AbortController();
  const batches = store.follow(after, AbortSignal.any([signal, end.signal]))[Symbol.asyncIterator]();
  let next = batches.next();
  try {
    for (let isEnd = false; !isEnd;) {
      const read = await next;
      if (read.done || signal.aborted) return;
      isEnd = read.value.isEnd;
      if (!isEnd) next = batches.next();
      // What goes wrong is thrown when its turn comes.
      next.catch(() => undefined);
      yield read.value;
    }
  } finally {
    end.abort();
    await batches.return?.();
  }
}
