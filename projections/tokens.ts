import { Column, Entity, PrimaryColumn, type DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import type { Recorded } from '../src/events.js';
import type { TokenEvent } from '../src/tokens/token.decider.js';
import { tokenFacts } from './facts.js';
import { findRows } from './find-rows.js';
import { containing, keysetPage, type Page, type PageRequest, type SortColumn } from './keyset.js';
import type { Projection } from './projection.js';

@Entity({ schema: 'read', name: 'tokens' })
export class TokenRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') identifier!: string;
  @Column('text') name!: string;
  @Column('text') ownerId!: string;
  /** `null` once it was erased. */
  @Column('text', { nullable: true }) ownerName!: string | null;
  /** Gone once the token is deleted. */
  @Column('text', { nullable: true }) secretHash!: string | null;
  @Column('text') pepperId!: string;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz') expiresAt!: Date;
  /** What is on the log. Whether an `ACTIVE` one has expired is a matter of the clock: see `statusOf`. */
  @Column('text') recordedStatus!: TokenStatus;
  @Column('timestamptz', { nullable: true }) revokedAt!: Date | null;
  @Column('text', { nullable: true }) revokedById!: string | null;
  @Column('text', { nullable: true }) revokedByName!: string | null;
  @Column('timestamptz', { nullable: true }) deletedAt!: Date | null;
  /** The command that revoked or expired it, and the digest of its input: what a repeated bulk command answers from. */
  @Column('uuid', { nullable: true }) endedByCommand!: string | null;
  @Column('text', { nullable: true }) endedByDigest!: string | null;
}

export type TokenStatus = 'ACTIVE' | 'REVOKED' | 'EXPIRED';
export type TokenFilter = { status?: readonly TokenStatus[]; name?: string; createdBy?: string; expiringBefore?: Date };
export type TokenSortField = 'CREATED_AT' | 'EXPIRES_AT' | 'NAME';

export function statusOf(row: Pick<TokenRow, 'recordedStatus' | 'expiresAt'>, now: Date): TokenStatus {
  return row.recordedStatus === 'ACTIVE' && row.expiresAt <= now ? 'EXPIRED' : row.recordedStatus;
}

type Change<Event> = (row: TokenRow, event: Event) => Partial<TokenRow>;
type RecordedTokenEvent = Extract<Recorded, TokenEvent>;

/** What each event after the first does to a row. The compiler asks for every one. */
const changes: {
  [Type in Exclude<TokenEvent['type'], 'TokenCreated'>]: Change<Extract<RecordedTokenEvent, { type: Type }>>;
} = {
  TokenRevoked: (_row, { data, metadata }) => ({
    recordedStatus: 'REVOKED',
    revokedAt: new Date(data.at),
    revokedById: metadata.actor.id,
    revokedByName: metadata.actor.name,
    endedByCommand: metadata.commandId,
    endedByDigest: metadata.inputDigest,
  }),
  TokenExpired: (_row, { metadata }) => ({
    recordedStatus: 'EXPIRED',
    endedByCommand: metadata.commandId,
    endedByDigest: metadata.inputDigest,
  }),
  TokenDeleted: (_row, { data }) => ({ deletedAt: new Date(data.at), secretHash: null }),
};

function created({ data, metadata }: Extract<RecordedTokenEvent, { type: 'TokenCreated' }>): TokenRow {
  return {
    id: data.tokenId,
    tenantId: metadata.tenantId,
    identifier: data.identifier,
    name: data.name,
    ownerId: data.owner.id,
    ownerName: metadata.actor.name,
    secretHash: data.secret.hash,
    pepperId: data.secret.pepperId,
    createdAt: new Date(data.at),
    expiresAt: new Date(data.expiresAt),
    recordedStatus: 'ACTIVE',
    revokedAt: null,
    revokedById: null,
    revokedByName: null,
    deletedAt: null,
    endedByCommand: null,
    endedByDigest: null,
  };
}

const isTokenEvent = (event: Recorded): event is RecordedTokenEvent =>
  event.type === 'TokenCreated' || event.type in changes;

function evolve(row: TokenRow | undefined, event: RecordedTokenEvent): TokenRow {
  if (event.type === 'TokenCreated') return created(event);
  if (!row)
    throw new Error(
      `${event.type} at ${event.position} speaks of token ${event.data.tokenId}, which was never created.`,
    );
  const change = changes[event.type] as Change<RecordedTokenEvent>;
  return { ...row, ...change(row, event) };
}

export const tokensProjection: Projection = {
  name: 'tokens',
  version: 2,
  tables: [TokenRow],
  lookedUpBy: [],
  facts: tokenFacts,
  async apply(events, tables) {
    const own = events.filter(isTokenEvent);
    const begun = new Set(own.filter(({ type }) => type === 'TokenCreated').map(({ data }) => data.tokenId));
    const ids = [...new Set(own.map(({ data }) => data.tokenId))].filter((id) => !begun.has(id));
    const rows = new Map((await tables.find(TokenRow, ids)).map((row) => [row.id, row]));
    for (const event of own) rows.set(event.data.tokenId, evolve(rows.get(event.data.tokenId), event));
    await tables.write(TokenRow, [...rows.values()]);
  },
  async erase({ data, metadata }, tables) {
    const of = [metadata.tenantId, data.personId];
    await tables.change(TokenRow, 'owner_name = null', 'tenant_id = $1 and owner_id = $2', of);
    await tables.change(TokenRow, 'revoked_by_name = null', 'tenant_id = $1 and revoked_by_id = $2', of);
  },
};

export const tokenSortColumns: Record<TokenSortField, SortColumn<TokenRow>> = {
  CREATED_AT: {
    sql: 'token.created_at',
    parameter: ':afterValue::timestamptz',
    valueOf: (row) => row.createdAt.toISOString(),
  },
  EXPIRES_AT: {
    sql: 'token.expires_at',
    parameter: ':afterValue::timestamptz',
    valueOf: (row) => row.expiresAt.toISOString(),
  },
  NAME: { sql: 'lower(token.name)', parameter: 'lower(:afterValue)', valueOf: (row) => row.name },
};

const statusSql: Record<TokenStatus, string> = {
  ACTIVE: `(token.recorded_status = 'ACTIVE' and token.expires_at > :now)`,
  EXPIRED: `(token.recorded_status = 'EXPIRED' or token.recorded_status = 'ACTIVE' and token.expires_at <= :now)`,
  REVOKED: `token.recorded_status = 'REVOKED'`,
};

/** What a filter asks for beside the status, which depends on the moment. */
export function filterTokens(
  query: SelectQueryBuilder<TokenRow>,
  { name, createdBy, expiringBefore }: Omit<TokenFilter, 'status'>,
): SelectQueryBuilder<TokenRow> {
  if (name) query.andWhere('token.name ilike :name', { name: containing(name) });
  if (createdBy) query.andWhere('token.owner_id = :createdBy', { createdBy });
  if (expiringBefore) query.andWhere('token.expires_at < :expiringBefore', { expiringBefore });
  return query;
}

/** Whose tokens: a tenant's, or only those of one owner in it. */
export type TokenScope = { tenantId: string; ownerId?: string };

/** What may be asked about tokens. */
export class TokenQueries {
  constructor(private readonly database: DataSource | EntityManager) {}

  /** The rows of these ids that are not deleted, whosever they are; in no order. */
  findByIds(ids: readonly string[]): Promise<TokenRow[]> {
    return findRows(this.database, TokenRow, ids, 'deleted_at is null');
  }

  /** Which of these are ids of deleted tokens. One that is not known, as during a rebuild, is not deleted. */
  async findDeleted(ids: readonly string[]): Promise<string[]> {
    const rows = await findRows(this.database, TokenRow, ids, 'deleted_at is not null');
    return rows.map(({ id }) => id);
  }

  list(scope: TokenScope, filter: TokenFilter, now: Date, page: PageRequest<TokenSortField>): Promise<Page<TokenRow>> {
    return keysetPage(this.#filtered(scope, filter, now), 'token.id', tokenSortColumns, page);
  }

  count(scope: TokenScope, filter: TokenFilter, now: Date): Promise<number> {
    return this.#filtered(scope, filter, now).getCount();
  }

  sortValue(field: TokenSortField, row: TokenRow): string {
    return tokenSortColumns[field].valueOf(row);
  }

  /** Ids of an owner's tokens whose end is not on the log; with `createdUntil`, only of those that existed then. */
  async findStandingOf(
    scope: Required<TokenScope>,
    limit: number,
    createdUntil: Date | null = null,
  ): Promise<string[]> {
    // Not by the clock: that of another instance may be behind this one's.
    const query = this.#of(scope).andWhere(`token.recorded_status = 'ACTIVE'`);
    if (createdUntil) query.andWhere('token.created_at <= :createdUntil', { createdUntil });
    const rows = await query.select('token.id').limit(limit).getMany();
    return rows.map(({ id }) => id);
  }

  /** Ids of a tenant's tokens whose very creation could not be applied: no row tells whose they are. */
  async findUnshown(tenantId: string): Promise<string[]> {
    const rows = await this.database.query<{ id: string }[]>(
      `select subject as id from read.parked_streams where projection = 'tokens' and tenant_id = $1 and revision = 0`,
      [tenantId],
    );
    return rows.map(({ id }) => id);
  }

  /** Ids of tokens whose time has passed without an event that says so, the longest overdue first. */
  async findDue(now: Date, limit: number, tenantId: string): Promise<string[]> {
    const rows = await this.#due(now)
      .select('token.id')
      .andWhere('token.tenant_id = :tenantId', { tenantId })
      .orderBy('token.expires_at')
      .limit(limit)
      .getMany();
    return rows.map(({ id }) => id);
  }

  async findTenantsWithDue(now: Date): Promise<string[]> {
    const rows = await this.#due(now).select('distinct token.tenant_id', 'tenant').getRawMany<{ tenant: string }>();
    return rows.map(({ tenant }) => tenant);
  }

  /** How many tokens a command revoked or expired, or only one of both, by the digest of the input it was sent with. */
  async countEndedBy(
    tenantId: string,
    commandId: string,
    status: TokenStatus | null = null,
  ): Promise<{ digest: string; count: number } | null> {
    const [row] = await this.database.query<{ digest: string; count: string }[]>(
      `select ended_by_digest as digest, count(*) filter (where recorded_status = coalesce($3, recorded_status)) from read.tokens
       where ended_by_command = $1 and tenant_id = $2 group by ended_by_digest`,
      [commandId, tenantId, status],
    );
    return row ? { digest: row.digest, count: Number(row.count) } : null;
  }

  /** Id of the token that a command revoked or expired first. */
  async findFirstEndedBy(tenantId: string, commandId: string): Promise<string | null> {
    const [row] = await this.database.query<{ id: string }[]>(
      `select id from read.tokens where ended_by_command = $1 and tenant_id = $2 order by revoked_at, expires_at limit 1`,
      [commandId, tenantId],
    );
    return row?.id ?? null;
  }

  #living(): SelectQueryBuilder<TokenRow> {
    return this.database.getRepository(TokenRow).createQueryBuilder('token').where('token.deleted_at is null');
  }

  #due(now: Date): SelectQueryBuilder<TokenRow> {
    return this.#living().andWhere(`token.recorded_status = 'ACTIVE' and token.expires_at <= :now`, { now });
  }

  #of({ tenantId, ownerId }: TokenScope): SelectQueryBuilder<TokenRow> {
    const query = this.#living().andWhere('token.tenant_id = :tenantId', { tenantId });
    if (ownerId !== undefined) query.andWhere('token.owner_id = :ownerId', { ownerId });
    return query;
  }

  #filtered(scope: TokenScope, filter: TokenFilter, now: Date): SelectQueryBuilder<TokenRow> {
    const { status, ...rest } = filter;
    const query = filterTokens(this.#of(scope), rest);
    if (status) query.andWhere(`(${status.map((each) => statusSql[each]).join(' or ') || 'false'})`, { now });
    return query;
  }
}
