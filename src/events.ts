import type { AppEvent } from './apps/app.decider.js';
import type { AccessEvent } from './audit/access-denied.js';
import type { ExportEvent } from './audit/audit-trail-exported.js';
import type { RecordedEvent } from './event-store/event-store.js';
import { upcast } from './event-store/upcast.js';
import type { ErasureEvent } from './personal-data/erasure.decider.js';
import type { TokenEvent } from './tokens/token.decider.js';

/** Everything that can have happened. */
export type LatchkeyEvent = AppEvent | TokenEvent | AccessEvent | ExportEvent | ErasureEvent;

export type Recorded<Event extends LatchkeyEvent = LatchkeyEvent> = Event extends LatchkeyEvent
  ? Event & Omit<RecordedEvent, 'type' | 'data'>
  : never;

/** The one cast from stored JSON: only Latchkey writes streams of this prefix, and `upcast` has checked the version. */
export function toEvent(stored: RecordedEvent): Recorded {
  return upcast(stored) as Recorded;
}
