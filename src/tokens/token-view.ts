import { Injectable } from '@nestjs/common';
import { TokenHistoryQueries } from '../../projections/token-history.js';
import { statusOf, TokenQueries, type TokenRow, type TokenScope } from '../../projections/tokens.js';
import { authorise, type Operation } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import { gatherRows, type Gather } from '../gather.js';
import type { PersonalAccessToken } from './tokens.types.js';

/** Tokens as a caller sees them: a tenant's, or only their own. */
@Injectable()
export class TokenView {
  readonly #rows: Gather<string, TokenRow | null>;

  constructor(
    private readonly clock: Clock,
    tokens: TokenQueries,
    private readonly history: TokenHistoryQueries,
  ) {
    this.#rows = gatherRows((ids) => tokens.findByIds(ids));
  }

  async find({ tenantId, ownerId }: TokenScope, id: string): Promise<PersonalAccessToken | null> {
    const row = await this.#rows.request(id);
    const isVisible = row?.tenantId === tenantId && (ownerId === undefined || row.ownerId === ownerId);
    return isVisible ? this.of(row) : null;
  }

  async findAsOf(tenantId: string, id: string, asOf: Date): Promise<PersonalAccessToken | null> {
    const row = await this.history.find(tenantId, id, asOf);
    return row && this.of(row, asOf);
  }

  /** As it is, or as it was at a moment. */
  of(row: TokenRow, asOf: Date | null = null): PersonalAccessToken {
    return {
      id: row.id,
      identifier: row.identifier,
      name: row.name,
      status: statusOf(row, asOf ?? this.clock.now()),
      createdBy: { id: row.ownerId, name: row.ownerName ?? row.ownerId },
      createdAt: row.createdAt,
      expiresAt: row.expiresAt,
      revokedAt: row.revokedAt,
      revokedBy: row.revokedById === null ? null : { id: row.revokedById, name: row.revokedByName ?? row.revokedById },
      asOf,
    };
  }
}

/** Which tokens an operation of this caller is about. */
export function tokenScope(caller: Caller, operation: Operation): TokenScope {
  const { tenantId, id } = caller;
  return authorise(caller, operation) === 'any' ? { tenantId } : { tenantId, ownerId: id };
}
