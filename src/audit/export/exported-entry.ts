import type { AuditRow } from '../../../projections/audit-trail.js';
import { sentenceOf } from '../sentence.js';

/** An entry as it leaves: what GraphQL tells of it. The one place where that is said, for every format. */
export function exportedEntry(row: AuditRow) {
  return {
    position: row.position,
    id: row.id,
    at: row.at.toISOString(),
    action: row.action,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    targetType: row.targetType,
    targetId: row.targetId,
    targetName: row.targetName,
    reason: row.reason,
    ip: row.ip,
    userAgent: row.userAgent,
    correlationId: row.correlationId,
    sentence: sentenceOf(row),
    details: row.details,
  };
}

export type ExportedEntry = ReturnType<typeof exportedEntry>;
