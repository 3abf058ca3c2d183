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

/** Widens the hours of new entries, which come in the log's order, so that they enclose them. */
export async function widenHours(entries: readonly AuditRow[], tables: Tables): Promise<void> {
  const touched = new Map<string, AuditHour>();
  for (const { tenantId, at, logOrder } of entries) {
    const key = `${tenantId}/${Math.floor(at.getTime() / HOUR)}`;
    let hour = touched.get(key);
    if (!hour) touched.set(key, (hour = beginning(key, tenantId, at, logOrder)));
    hour.lastOrder = logOrder;
  }
  const hours = new Map([...touched.values()].map((hour) => [hour.id, hour]));
  for (const known of await tables.find(AuditHour, [...hours.keys()])) {
    const hour = hours.get(known.id);
    if (hour) enclose(hour, known.firstOrder, known.lastOrder);
  }
  await tables.write(AuditHour, [...hours.values()]);
}

function enclose(hour: AuditHour, first: string, last: string): void {
  if (BigInt(first) < BigInt(hour.firstOrder)) hour.firstOrder = first;
  if (BigInt(last) > BigInt(hour.lastOrder)) hour.lastOrder = last;
}

function beginning(key: string, tenantId: string, at: Date, order: string): AuditHour {
  const hour = new Date(Math.floor(at.getTime() / HOUR) * HOUR);
  return { id: idOf(key), tenantId, hour, firstOrder: order, lastOrder: order };
}

/** As the migration makes it of what was there before. */
const idOf = (key: string) =>
  createHash('md5')
    .update(key)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
