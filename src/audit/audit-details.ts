import type { LatchkeyEvent } from '../events.js';

export type AuditAction = LatchkeyEvent['type'];

type DataOf<Action extends AuditAction> = Extract<LatchkeyEvent, { type: Action }>['data'];
/** What an entry tells in fields of its own, and what it does not tell. */
type ToldElsewhere = 'appId' | 'tokenId' | 'targetType' | 'targetId' | 'name' | 'owner' | 'reason' | 'at' | 'secret';
/** Of a new secret, what names it without being it. */
type NewSecret = { secretId: string; hint: string };

/** What the trail tells of an action beside who did it to what: all of the event that is not told elsewhere. */
export type AuditDetails = {
  [Action in AuditAction]: Omit<DataOf<Action>, ToldElsewhere> &
    (Action extends 'AppSecretRotated' ? NewSecret : object);
};
