import type { DataSource, EntityManager, SelectQueryBuilder } from 'typeorm';
import type { LatchkeyEvent } from '../src/events.js';
import { AuditRow, type AuditTargetType } from './audit-trail.js';
import { containing, type Page, type PageKey } from './keyset.js';

export type AuditFilter = {
  actorId?: string;
  actions?: readonly LatchkeyEvent['type'][];
  targetType?: AuditTargetType;
  targetId?: string;
  from?: Date;
  to?: Date;
  text?: string;
};

/** What may be asked about the trail. Every question is one tenant's; the newest entries come first. */
export class AuditQueries {
  constructor(private readonly database: DataSource | EntityManager) {}

  async list(
    tenantId: string,
    filter: AuditFilter,
    { first, after }: { first: number; after: PageKey | null },
  ): Promise<Page<AuditRow>> {
    const query = this.#filtered(tenantId, filter);
    if (after) query.andWhere('entry.log_order < :after', { after: after.value });
    const rows = await query
      .orderBy('entry.log_order', 'DESC')
      .limit(first + 1)
      .getMany();
    return { rows: rows.slice(0, first), hasNextPage: rows.length > first };
  }

  count(tenantId: string, filter: AuditFilter): Promise<number> {
    return this.#filtered(tenantId, filter).getCount();
  }

  #filtered(tenantId: string, filter: AuditFilter): SelectQueryBuilder<AuditRow> {
    const { actorId, actions, targetType, targetId, from, to, text } = filter;
    const query = this.database
      .getRepository(AuditRow)
      .createQueryBuilder('entry')
      .where('entry.tenant_id = :tenantId', { tenantId });
    if (actorId) query.andWhere('entry.actor_id = :actorId', { actorId });
    if (actions) query.andWhere('entry.action = any (:actions)', { actions });
    if (targetType) query.andWhere('entry.target_type = :targetType', { targetType });
    if (targetId) query.andWhere('entry.target_id = :targetId', { targetId });
    if (from) query.andWhere('entry.at >= :from', { from });
    if (to) query.andWhere('entry.at < :to', { to });
    if (text)
      query.andWhere(
        `concat_ws(' ', entry.target_name, entry.actor_name, entry.actor_id, entry.reason, entry.ip, entry.user_agent) ilike :text`,
        { text: containing(text) },
      );
    return query;
  }
}
