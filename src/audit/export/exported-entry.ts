import type { AuditRow } from '../../../projections/audit-trail.js';
import { exportedEntry as provableEntry } from '../evidence/exported-entry.js';
import { sentenceOf } from '../sentence.js';

/** An entry as it leaves: all that its place in the tree can be proved by, and a sentence for people. */
export const exportedEntry = (row: AuditRow) => ({ ...provableEntry(row), sentence: sentenceOf(row) });

export type ExportedEntry = ReturnType<typeof exportedEntry>;
