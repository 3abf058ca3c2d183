import type {
  AppendOutcome,
  EventStore,
  ExpectedRevision,
  LogBatch,
  NewEvent,
  RecordedEvent,
} from '../event-store/event-store.js';
import type { Position } from '../event-store/position.js';
import type { PersonKey, PersonKeys } from './person-keys.js';
import { openPerson } from './sealed-person.js';

/** The log as projections read it: it tells of people again, but of those whose key was destroyed. */
export class OpenedLog implements EventStore {
  constructor(
    private readonly log: EventStore,
    private readonly keys: PersonKeys,
  ) {}

  async read(stream: string): Promise<RecordedEvent[]> {
    return this.#opened(await this.log.read(stream));
  }

  async *follow(after: Position | null, signal: AbortSignal): AsyncGenerator<LogBatch> {
    for await (const batch of this.log.follow(after, signal))
      yield { ...batch, events: await this.#opened(batch.events) };
  }

  append(stream: string, expected: ExpectedRevision, events: NewEvent[]): Promise<AppendOutcome> {
    return this.log.append(stream, expected, events);
  }

  head(after?: Position | null) {
    return this.log.head(after);
  }

  ping() {
    return this.log.ping();
  }

  close() {
    return this.log.close();
  }

  async #opened(events: RecordedEvent[]): Promise<RecordedEvent[]> {
    const ids = new Set(events.flatMap(({ metadata }) => metadata.person?.keyId ?? []));
    const keys = await this.keys.find([...ids]);
    return events.map((event) => opened(event, keys.get(event.metadata.person?.keyId ?? '')));
  }
}

/** What cannot be opened with its own key was changed on the log: it tells nothing, and the evidence tells the rest. */
function opened(event: RecordedEvent, key: PersonKey | undefined): RecordedEvent {
  if (!key) return event;
  try {
    return openPerson(event, key);
  } catch {
    return event;
  }
}
