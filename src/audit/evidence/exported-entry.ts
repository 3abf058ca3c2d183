import type { AuditRow } from '../../../projections/audit-trail.js';
import { leafTextOf, leafEntryOf, saltOf, type LeafEntry } from './leaf.js';
import { leafHashOf } from './merkle.js';

/** A line of an export: its place in the tree, and all that it takes to work its leaf out again. */
export type ExportedEntry = Omit<LeafEntry, 'actor'> & {
  /** `null`, as is `leafHash`, while the evidence is being built. */
  readonly index: number | null;
  readonly leafHash: string | null;
  readonly actor: LeafEntry['actor'] & { readonly name: string };
  readonly ip: string | null;
  readonly userAgent: string | null;
  /** The place in the log. Not part of the leaf: it changes when a log moves into another store. */
  readonly position: string;
  readonly salt: string;
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
    salt: saltOf(row.id).toString('base64'),
  };
}

/** The leaf hash that a line's content makes, whatever it says itself. */
export const leafHashOfLine = (line: ExportedEntry): Buffer =>
  leafHashOf(
    leafTextOf(
      line,
      { ip: line.ip, name: line.actor.name, userAgent: line.userAgent },
      Buffer.from(line.salt, 'base64'),
    ),
  );
