import { actorOf } from '../auth/caller.js';
import type { LatchkeyEvent } from '../events.js';
import type { Origin } from './command-request.js';
import type { NewEvent } from './event-store.js';
import { schemaVersionOf } from './upcast.js';

type Cause = Origin & { commandId: string; inputDigest: string };

/** An event as it goes to the log: what happened, and beside it who did it, from where and in answer to what. */
export function newEvent(id: string, event: LatchkeyEvent, cause: Cause): NewEvent {
  const { caller, commandId, inputDigest, correlationId, ip, userAgent } = cause;
  return {
    id,
    type: event.type,
    data: event.data,
    metadata: {
      schemaVersion: schemaVersionOf(event.type),
      tenantId: caller.tenantId,
      actor: actorOf(caller),
      commandId,
      inputDigest,
      $correlationId: correlationId,
      $causationId: commandId,
      ip,
      userAgent,
    },
  };
}
