import { hash } from 'node:crypto';
import type { AuditRow } from '../../../projections/audit-trail.js';
import { canonicalJson } from '../../canonical-json.js';
import { leafHashOf, sha256 } from './merkle.js';

type Actor = { readonly kind: string; readonly id: string };

/** What of an entry goes into its leaf. */
export type LeafEntry = {
  readonly id: string;
  /** ISO 8601, in UTC, with milliseconds. */
  readonly at: string;
  readonly action: string;
  readonly actor: Actor;
  readonly targetType: string | null;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly reason: string | null;
  readonly correlationId: string;
  readonly details: Readonly<Record<string, unknown>>;
};

/** What tells of a person: in the leaf by a salted hash only. */
export type Personal = { readonly ip: string | null; readonly name: string | null; readonly userAgent: string | null };

type Told = Omit<AuditRow, 'leafIndex' | 'leafHash'>;

/** The text that is hashed as a leaf, as docs/audit.md defines it: canonical JSON, whose members stand here in its order. */
export function leafTextOf(entry: LeafEntry, commitment: string): string {
  const { actor } = entry;
  return (
    `{"action":${json(entry.action)},"actor":{"id":${json(actor.id)},"kind":${json(actor.kind)}},"at":${json(entry.at)},` +
    `"correlationId":${json(entry.correlationId)},"details":${canonicalJson(entry.details)},"id":${json(entry.id)},` +
    `"personal":"${commitment}","reason":${json(entry.reason)},"targetId":${json(entry.targetId)},` +
    `"targetName":${json(entry.targetName)},"targetType":${json(entry.targetType)},"v":1}`
  );
}

const json = (value: string | null) => JSON.stringify(value);

/** Base64. */
export function commitmentTo({ ip, name, userAgent }: Personal, salt: Buffer): string {
  const text = `{"ip":${json(ip)},"name":${json(name)},"userAgent":${json(userAgent)}}`;
  return hash('sha256', Buffer.concat([salt, Buffer.from(text)]), 'base64');
}

/** The same of an event that was never sealed: everybody can work out its salt from its id. */
export function unsealedPersonal(eventId: string, told: Personal): { personal: string; salt: string } {
  const salt = sha256(`latchkey audit salt v1:${eventId}`).subarray(0, 16);
  return { personal: commitmentTo(told, salt), salt: salt.toString('base64') };
}

export const leafEntryOf = (row: Told): LeafEntry => ({
  id: row.id,
  at: row.at.toISOString(),
  action: row.action,
  actor: { kind: row.actorKind, id: row.actorId },
  targetType: row.targetType,
  targetId: row.targetId,
  targetName: row.targetName,
  reason: row.reason,
  correlationId: row.correlationId,
  details: row.details,
});

/** What the leaf has of the person, and what it takes to check that, base64. */
export function personalOfRow(row: Told): { personal: string; salt: string | null } {
  if (row.commitment !== null) return { personal: row.commitment, salt: row.salt };
  return unsealedPersonal(row.id, { ip: row.ip, name: row.actorName, userAgent: row.userAgent });
}

export const leafHashOfRow = (row: Told): Buffer =>
  leafHashOf(leafTextOf(leafEntryOf(row), personalOfRow(row).personal));
