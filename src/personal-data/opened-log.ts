import type { EventStore, RecordedEvent } from '../event-store/event-store.js';
import { logWith } from '../event-store/log-with.js';
import type { PersonKey, PersonKeys } from './person-keys.js';
import { openPerson } from './sealed-person.js';

/** The log as projections read it: it tells of people again, but of those whose key was destroyed. */
export const openedLog = (log: EventStore, keys: PersonKeys): EventStore =>
  logWith(log, {
    read: async (stream) => allOpened(await log.read(stream), keys),
    async *follow(after, signal) {
      for await (const batch of log.follow(after, signal))
        yield { ...batch, events: await allOpened(batch.events, keys) };
    },
  });

async function allOpened(events: RecordedEvent[], personKeys: PersonKeys): Promise<RecordedEvent[]> {
  const ids = new Set(events.flatMap(({ metadata }) => metadata.person?.keyId ?? []));
  const keys = await personKeys.find([...ids]);
  return events.map((event) => opened(event, keys.get(event.metadata.person?.keyId ?? '')));
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
