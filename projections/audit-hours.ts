import { createHash } from 'node:crypto';
import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AuditRow } from './audit-trail.js';
import type { Tables } from './tables.js';

/**
 * Where in the log's order the entries of one hour of a tenant lie. The clocks of instances differ, so that times do not follow
 * the log's order exactly; hours tell where to look for a range of time without leaving anything out.
 */
@Entity({ schema: 'read', name: 'audit_hours' })
export class AuditHour {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenantId!: string;
  @Column('timestamptz') hour!: Date;
  @Column('bigint') firstOrder!: string;
  @Column('bigint') lastOrder!: string;
}

const HOUR = 3_600_000;

/** Widens the hours of new entries so that they enclose them. */
export async function widenHours(entries: readonly AuditRow[], tables: Tables): Promise<void> {
  const touched = new Set(entries.map(idOf));
  const hours = new Map((await tables.find(AuditHour, [...touched])).map((hour) => [hour.id, hour]));
  for (const entry of entries) hours.set(idOf(entry), widened(hours.get(idOf(entry)), entry));
  await tables.write(AuditHour, [...hours.values()]);
}

function widened(known: AuditHour | undefined, entry: AuditRow): AuditHour {
  const order = BigInt(entry.logOrder);
  const first = known && BigInt(known.firstOrder) < order ? known.firstOrder : entry.logOrder;
  const last = known && BigInt(known.lastOrder) > order ? known.lastOrder : entry.logOrder;
  return {
    id: idOf(entry),
    tenantId: entry.tenantId,
    hour: new Date(hoursSince1970(entry) * HOUR),
    firstOrder: first,
    lastOrder: last,
  };
}

const hoursSince1970 = ({ at }: AuditRow) => Math.floor(at.getTime() / HOUR);

/** As the migration makes it of what was there before. */
const idOf = (entry: AuditRow) =>
  createHash('md5')
    .update(`${entry.tenantId}/${hoursSince1970(entry)}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
