import type { RecordedEvent } from '../event-store.js';

const MOST_EVENTS = 500;
/** EventStoreDB takes 1 MiB in one append. */
const MOST_BYTES = 512 * 1_024;

/** Events of one stream that follow each other in the log, together: what may be stored by one append without changing the order. */
export async function* inRuns(
  events: AsyncIterable<RecordedEvent> | Iterable<RecordedEvent>,
): AsyncGenerator<RecordedEvent[]> {
  let run: RecordedEvent[] = [];
  let bytes = 0;
  for await (const event of events) {
    const size = sizeOf(event);
    if (run.length > 0 && !(continues(run, event) && run.length < MOST_EVENTS && bytes + size <= MOST_BYTES)) {
      yield run;
      run = [];
      bytes = 0;
    }
    run.push(event);
    bytes += size;
  }
  if (run.length > 0) yield run;
}

function continues(run: RecordedEvent[], event: RecordedEvent): boolean {
  const last = run.at(-1);
  return last?.stream === event.stream && last.revision + 1n === event.revision;
}

const sizeOf = ({ data, metadata }: RecordedEvent) => Buffer.byteLength(JSON.stringify([data, metadata]));
