import type { AppendOutcome, EventStore, ExpectedRevision, NewEvent } from '../event-store/event-store.js';
import { StoreUnavailableError } from '../event-store/event-store.js';
import type { Position } from '../event-store/position.js';
import { isUnavailable } from '../postgres/unavailable.js';
import type { PersonKeys } from './person-keys.js';
import { sealPerson } from './sealed-person.js';

/** The log as it is written: what tells of people is sealed on its way. What is read stays sealed, since no rule asks who somebody was. */
export class SealingLog implements EventStore {
  constructor(
    private readonly log: EventStore,
    private readonly keys: PersonKeys,
  ) {}

  async append(stream: string, expected: ExpectedRevision, events: NewEvent[]): Promise<AppendOutcome> {
    return this.log.append(stream, expected, await Promise.all(events.map((event) => this.#sealed(event))));
  }

  read(stream: string) {
    return this.log.read(stream);
  }

  follow(after: Position | null, signal: AbortSignal) {
    return this.log.follow(after, signal);
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

  async #sealed(event: NewEvent): Promise<NewEvent> {
    const { actor, tenantId } = event.metadata;
    if (actor.kind !== 'USER') return event;
    try {
      return sealPerson(event, await this.keys.of({ tenantId, personId: actor.id }));
    } catch (error) {
      if (isUnavailable(error)) throw new StoreUnavailableError('The vault cannot be reached.', { cause: error });
      throw error;
    }
  }
}
