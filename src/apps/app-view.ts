import { Injectable } from '@nestjs/common';
import { AppHistoryQueries } from '../../projections/app-history.js';
import { AppQueries, type AppRow } from '../../projections/apps.js';
import { Clock } from '../clock.js';
import { gatherRows, type Gather } from '../gather.js';
import type { App } from './apps.types.js';

/** Apps as their tenant sees them. */
@Injectable()
export class AppView {
  readonly #rows: Gather<string, AppRow | null>;

  constructor(
    private readonly clock: Clock,
    apps: AppQueries,
    private readonly history: AppHistoryQueries,
  ) {
    this.#rows = gatherRows((ids) => apps.findByIds(ids));
  }

  async find(tenantId: string, id: string): Promise<App | null> {
    const row = await this.#rows.request(id);
    return row?.tenantId === tenantId ? this.of(row) : null;
  }

  async findAsOf(tenantId: string, id: string, asOf: Date): Promise<App | null> {
    const row = await this.history.find(tenantId, id, asOf);
    return row && this.of(row, asOf);
  }

  /** As it is, or as it was at a moment. */
  of(row: AppRow, asOf: Date | null = null): App {
    const now = asOf ?? this.clock.now();
    const secrets = row.secrets
      .map(({ id, hint, createdAt, expiresAt }) => ({
        id,
        hint,
        createdAt: new Date(createdAt),
        expiresAt: expiresAt === null ? null : new Date(expiresAt),
      }))
      .filter(({ expiresAt }) => expiresAt === null || expiresAt > now);
    return {
      id: row.id,
      clientId: row.clientId,
      name: row.name,
      description: row.description,
      status: row.status,
      permissions: row.permissions,
      createdBy: { id: row.createdById, name: row.createdByName ?? row.createdById },
      createdAt: row.createdAt,
      updatedAt: row.updatedAt,
      secrets,
      asOf,
    };
  }
}
