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
  const hours = [...touched.values()];
  await tables.query(
    `insert into ${tables.nameOf(AuditHour)} as known (id, tenant_id, hour, first_order, last_order)
     select * from unnest($1::uuid[], $2::text[], $3::timestamptz[], $4::bigint[], $5::bigint[])
     on conflict (id) do update set first_order = least(known.first_order, excluded.first_order),
       last_order = greatest(known.last_order, excluded.last_order)`,
    [
      hours.map(({ id }) => id),
      hours.map(({ tenantId }) => tenantId),
      hours.map(({ hour }) => hour),
      hours.map(({ firstOrder }) => firstOrder),
      hours.map(({ lastOrder }) => lastOrder),
    ],
  );
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
