import type { DataSource, EntityManager, SelectQueryBuilder } from 'typeorm';
import { keysetPageOf, type Page, type PageRequest } from './keyset.js';
import {
  filterTokens,
  tokenSortColumns,
  TokenRow,
  type TokenFilter,
  type TokenSortField,
  type TokenStatus,
} from './tokens.js';

const isRevoked = 'coalesce(token.revoked_at <= :asOf, false)';
const statusSql: Record<TokenStatus, string> = {
  ACTIVE: `(token.expires_at > :asOf and not ${isRevoked})`,
  EXPIRED: `(token.expires_at <= :asOf and not ${isRevoked})`,
  REVOKED: isRevoked,
};

/** Whether it is still there or was deleted later; each has indexes of its own. */
const remainders = ['token.deleted_at is null', 'token.deleted_at > :asOf'] as const;

/** What tokens were: their rows keep when everything happened. Every question is one tenant's, and about one moment. */
export class TokenHistoryQueries {
  constructor(private readonly database: DataSource | EntityManager) {}

  async find(tenantId: string, id: string, asOf: Date): Promise<TokenRow | null> {
    const row = await this.#existing(tenantId, {}, asOf)
      .andWhere(`(${remainders.join(' or ')})`)
      .andWhere('token.id = :id', { id })
      .getOne();
    return row && rowAsOf(row, asOf);
  }

  async list(
    tenantId: string,
    filter: TokenFilter,
    asOf: Date,
    page: PageRequest<TokenSortField>,
  ): Promise<Page<TokenRow>> {
    const ways = remainders.map((remainder) => this.#existing(tenantId, filter, asOf).andWhere(remainder));
    const { rows, hasNextPage } = await keysetPageOf(ways, this.#tokens(), 'token.id', tokenSortColumns, page);
    return { rows: rows.map((row) => rowAsOf(row, asOf)), hasNextPage };
  }

  count(tenantId: string, filter: TokenFilter, asOf: Date): Promise<number> {
    return this.#existing(tenantId, filter, asOf)
      .andWhere(`(${remainders.join(' or ')})`)
      .getCount();
  }

  #tokens(): SelectQueryBuilder<TokenRow> {
    return this.database.getRepository(TokenRow).createQueryBuilder('token');
  }

  /** Those that had been created. */
  #existing(tenantId: string, { status, ...filter }: TokenFilter, asOf: Date): SelectQueryBuilder<TokenRow> {
    const query = filterTokens(this.#tokens(), filter)
      .andWhere('token.tenant_id = :tenantId', { tenantId })
      .andWhere('token.created_at <= :asOf', { asOf });
    if (status) query.andWhere(`(${status.map((each) => statusSql[each]).join(' or ') || 'false'})`);
    return query;
  }
}

/** What came later had not happened. That it expired is told by the clock, whatever the log says. */
function rowAsOf(row: TokenRow, asOf: Date): TokenRow {
  if (row.revokedAt !== null && row.revokedAt <= asOf) return row;
  return { ...row, recordedStatus: 'ACTIVE', revokedAt: null, revokedById: null, revokedByName: null };
}
