import { createHash } from 'node:crypto';
import { v5 as uuidv5, v4 as randomUuid } from 'uuid';
import { canonicalJson } from '../canonical-json.js';
import type { Operation } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';

/** Where a request came from, as the door saw it. */
export type Origin = { caller: Caller; correlationId: string; ip: string | null; userAgent: string | null };

export const isOf = ({ caller }: Origin, { tenantId, personId }: { tenantId: string; personId: string }): boolean =>
  caller.kind === 'USER' && caller.tenantId === tenantId && caller.id === personId;

/** Without what tells of the person who asks. */
export const nameless = <From extends Origin>(origin: From): From => ({
  ...origin,
  caller: { ...origin.caller, name: null },
  ip: null,
  userAgent: null,
});

/** One request to change something: who asks, for what, when, and under which id. */
export type CommandRequest = Origin & {
  operation: Operation;
  commandId: string;
  /** Which send of the command this is: a client may send it again, even while an earlier send is under way. */
  sendId: string;
  /** Whether it bears an idempotency key, so that it may have been sent before. */
  isRepeatable: boolean;
  inputDigest: string;
  now: Date;
};

type Input = { idempotencyKey?: string | null; id?: string };

const NAMESPACE = '8c6f3a52-3d0e-4a6b-9d57-0f6f1a3d2b11';

/** The same caller sending the same key again is the same command: its id, and every id made from it, is the same. */
export function commandRequest(origin: Origin, operation: Operation, input: Input, now: Date): CommandRequest {
  const { idempotencyKey, id: targetId, ...asked } = input;
  const { tenantId, kind, id } = origin.caller;
  const commandId = idempotencyKey
    ? uuidv5(JSON.stringify([tenantId, kind, id, operation, idempotencyKey]), NAMESPACE)
    : randomUuid();
  return {
    ...origin,
    operation,
    commandId,
    sendId: randomUuid(),
    isRepeatable: Boolean(idempotencyKey),
    // Streams are named in lower case, so an id in another spelling asks for the same.
    inputDigest: digest([operation, { ...asked, id: targetId?.toLowerCase() }]),
    now,
  };
}

export const createdId = (commandId: string) => uuidv5('created', commandId);

/**
 * The id of an event: the same for every retry of an append, but another for each send of the command. Were it the same for
 * all sends, a store that compares only ids would call two of them successful, and the second would tell of data that was never stored.
 */
export const eventId = ({ commandId, sendId }: CommandRequest, stream: string, index: number) =>
  uuidv5(`${sendId}/${stream}/${index}`, commandId);

/** A secret made twice for the same command is the same secret: see `ClientSecrets`. One key may be sent for several apps. */
export const secretIdOf = (commandId: string, appId: string) => uuidv5(`secret/${appId}`, commandId);

function digest(value: unknown): string {
  return createHash('sha256')
    .update(canonicalJson(value, (entry) => entry != null))
    .digest('base64url');
}
