import type { AuditRow } from '../../../projections/audit-trail.js';
import { commitmentTo, leafEntryOf, leafTextOf, personalOfRow, type LeafEntry } from './leaf.js';
import { leafHashOf } from './merkle.js';

/** A line of an export: its place in the tree, and all that it takes to work its leaf out again. */
export type ExportedEntry = Omit<LeafEntry, 'actor'> & {
  /** `null`, as is `leafHash`, while the evidence is being built. */
  readonly index: number | null;
  readonly leafHash: string | null;
  /** The name is `null` once what tells of the person was erased, as are `ip`, `userAgent` and `salt`. */
  readonly actor: LeafEntry['actor'] & { readonly name: string | null };
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The place in the log. Not part of the leaf: it changes when a log moves into another store. */
  readonly position: string;
  /** What the leaf has of the person. */
  readonly personal: string;
  readonly salt: string | null;
};

export function exportedEntry(row: AuditRow): ExportedEntry {
  const { actor, ...entry } = leafEntryOf(row);
  return {
    // First, for whoever looks where an export broke off.
    position: row.position,
    index: row.leafIndex === null ? null : Number(row.leafIndex),
    leafHash: row.leafHash,
    ...entry,
    actor: { ...actor, name: row.actorName },
    ip: row.ip,
    userAgent: row.userAgent,
    ...personalOfRow(row),
  };
}

/** The leaf hash that a line's content makes, whatever it says itself. */
export const leafHashOfLine = (line: ExportedEntry): Buffer => leafHashOf(leafTextOf(line, line.personal));

/** Whether what a line tells of a person is what its leaf has of them. After an erasure it must tell nothing. */
export function isPersonTrue({ actor, ip, userAgent, personal, salt }: ExportedEntry): boolean {
  if (salt === null) return actor.name === null && ip === null && userAgent === null;
  return commitmentTo({ ip, name: actor.name, userAgent }, Buffer.from(salt, 'base64')) === personal;
}
