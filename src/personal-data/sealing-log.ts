import { StoreUnavailableError, type EventStore, type NewEvent } from '../event-store/event-store.js';
import { logWith } from '../event-store/log-with.js';
import { isUnavailable } from '../postgres/unavailable.js';
import type { PersonKeys } from './person-keys.js';
import { sealPerson } from './sealed-person.js';

/** The log as it is written: what tells of people is sealed on its way. What is read stays sealed, since no rule asks who somebody was. */
export const sealingLog = (log: EventStore, keys: PersonKeys): EventStore =>
  logWith(log, {
    append: async (stream, expected, events) =>
      log.append(stream, expected, await Promise.all(events.map((event) => sealed(event, keys)))),
  });

async function sealed(event: NewEvent, keys: PersonKeys): Promise<NewEvent> {
  const { actor, tenantId } = event.metadata;
  if (actor.kind !== 'USER') return event;
  try {
    return sealPerson(event, await keys.of({ tenantId, personId: actor.id }));
  } catch (error) {
    if (isUnavailable(error)) throw new StoreUnavailableError('The vault cannot be reached.', { cause: error });
    throw error;
  }
}
