import {
  Column,
  Entity,
  PrimaryColumn,
  type DataSource,
  type EntityManager,
  type EntityTarget,
  type ObjectLiteral,
  type SelectQueryBuilder,
} from 'typeorm';
import type { AppEvent, AppPermission, AppSecret } from '../src/apps/app.decider.js';
import type { Recorded } from '../src/events.js';
import { appFacts } from './facts.js';
import { findRows } from './find-rows.js';
import { containing, keysetPage, type Page, type PageRequest, type SortColumn } from './keyset.js';
import type { Erased, Projection } from './projection.js';
import type { Tables } from './tables.js';

export type SecretOfApp = AppSecret & { createdAt: string; expiresAt: string | null };

@Entity({ schema: 'read', name: 'apps' })
export class AppRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenantId!: string;
  @Column('text') clientId!: string;
  @Column('text') name!: string;
  @Column('text') description!: string;
  @Column('text') status!: 'ACTIVE' | 'DISABLED';
  @Column('text', { array: true }) permissions!: AppPermission[];
  /** Newest last; those whose overlap has ended are kept until the next rotation. */
  @Column('jsonb') secrets!: SecretOfApp[];
  /** How often it was disabled: an access token holds only in the generation in which it was issued. */
  @Column('int') generation!: number;
  @Column('text') createdById!: string;
  /** `null` once it was erased. */
  @Column('text', { nullable: true }) createdByName!: string | null;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz') updatedAt!: Date;
  @Column('timestamptz', { nullable: true }) deletedAt!: Date | null;
}

export type AppFilter = { status?: readonly AppRow['status'][]; name?: string; createdBy?: string };
export type AppSortField = 'CREATED_AT' | 'UPDATED_AT' | 'NAME';

type Change<Event> = (row: AppRow, event: Event) => Partial<AppRow>;
type RecordedAppEvent = Extract<Recorded, AppEvent>;

/** What each event after the first does to a row. The compiler asks for every one. */
const changes: { [Type in Exclude<AppEvent['type'], 'AppAdded'>]: Change<Extract<RecordedAppEvent, { type: Type }>> } =
  {
    AppCredentialsViewed: () => ({}),
    AppDisabled: ({ generation }, { data }) => ({
      status: 'DISABLED',
      generation: generation + 1,
      updatedAt: new Date(data.at),
    }),
    AppActivated: (_row, { data }) => ({ status: 'ACTIVE', updatedAt: new Date(data.at) }),
    AppSecretRotated: ({ secrets }, { data }) => ({
      secrets: [
        // What stops with this rotation is gone, and does not come back on a machine whose clock is behind.
        ...data.expiring
          .filter(({ expiresAt }) => expiresAt > data.at)
          .flatMap(({ id, expiresAt }) => secrets.filter((old) => old.id === id).map((old) => ({ ...old, expiresAt }))),
        { ...data.secret, createdAt: data.at, expiresAt: null },
      ],
      updatedAt: new Date(data.at),
    }),
    AppPermissionsChanged: ({ permissions }, { data }) => ({
      permissions: [...permissions.filter((permission) => !data.withdrawn.includes(permission)), ...data.granted],
      updatedAt: new Date(data.at),
    }),
    AppDeleted: (_row, { data }) => ({ secrets: [], deletedAt: new Date(data.at), updatedAt: new Date(data.at) }),
  };

function added({ data, metadata }: Extract<RecordedAppEvent, { type: 'AppAdded' }>): AppRow {
  return {
    id: data.appId,
    tenantId: metadata.tenantId,
    clientId: data.clientId,
    name: data.name,
    description: data.description,
    status: 'ACTIVE',
    permissions: [],
    secrets: [{ ...data.secret, createdAt: data.at, expiresAt: null }],
    generation: 0,
    createdById: metadata.actor.id,
    createdByName: metadata.actor.name,
    createdAt: new Date(data.at),
    updatedAt: new Date(data.at),
    deletedAt: null,
  };
}

export const isAppEvent = (event: Recorded): event is RecordedAppEvent =>
  event.type === 'AppAdded' || event.type in changes;

/** The row of an app after one more event. */
export function evolve(row: AppRow | undefined, event: RecordedAppEvent): AppRow {
  if (event.type === 'AppAdded') return added(event);
  if (!row)
    throw new Error(`${event.type} at ${event.position} speaks of app ${event.data.appId}, which was never added.`);
  const change = changes[event.type] as Change<RecordedAppEvent>;
  return { ...row, ...change(row, event) };
}

export const appsProjection: Projection = {
  name: 'apps',
  version: 2,
  tables: [AppRow],
  lookedUpBy: [],
  facts: appFacts,
  async apply(events, tables) {
    const own = events.filter(isAppEvent);
    const begun = new Set(own.filter(({ type }) => type === 'AppAdded').map(({ data }) => data.appId));
    const ids = [...new Set(own.map(({ data }) => data.appId))].filter((id) => !begun.has(id));
    const rows = new Map((await tables.find(AppRow, ids)).map((row) => [row.id, row]));
    for (const event of own) rows.set(event.data.appId, evolve(rows.get(event.data.appId), event));
    await tables.write(AppRow, [...rows.values()]);
  },
  erase: (erased, tables) => forgetCreator(AppRow, erased, tables),
};

export async function forgetCreator(
  table: EntityTarget<ObjectLiteral>,
  { data, metadata }: Erased,
  tables: Tables,
): Promise<void> {
  const of = [metadata.tenantId, data.personId];
  await tables.change(table, 'created_by_name = null', 'tenant_id = $1 and created_by_id = $2', of);
}

type Sorted = Pick<AppRow, 'createdAt' | 'updatedAt' | 'name'>;

export const appSortColumns: Record<AppSortField, SortColumn<Sorted>> = {
  CREATED_AT: {
    sql: 'app.created_at',
    parameter: ':afterValue::timestamptz',
    valueOf: (row) => row.createdAt.toISOString(),
  },
  UPDATED_AT: {
    sql: 'app.updated_at',
    parameter: ':afterValue::timestamptz',
    valueOf: (row) => row.updatedAt.toISOString(),
  },
  NAME: { sql: 'lower(app.name)', parameter: 'lower(:afterValue)', valueOf: (row) => row.name },
};

export function filterApps<Row extends ObjectLiteral>(
  query: SelectQueryBuilder<Row>,
  { status, name, createdBy }: AppFilter,
): SelectQueryBuilder<Row> {
  if (status) query.andWhere('app.status = any (:status)', { status });
  if (name) query.andWhere('app.name ilike :name', { name: containing(name) });
  if (createdBy) query.andWhere('app.created_by_id = :createdBy', { createdBy });
  return query;
}

/** What may be asked about apps. Every question is one tenant's. */
export class AppQueries {
  constructor(private readonly database: DataSource | EntityManager) {}

  /** The rows of these ids that belong to one tenant each and are not deleted; in no order. */
  findByIds(ids: readonly string[]): Promise<AppRow[]> {
    return findRows(this.database, AppRow, ids, 'deleted_at is null');
  }

  /** Whether there is or was such an app, as far as the rows tell. */
  async isKnown(id: string): Promise<boolean> {
    return (await findRows(this.database, AppRow, [id])).length > 0;
  }

  /** Which of these are ids of deleted apps. One that is not known, as during a rebuild, is not deleted. */
  async findDeleted(ids: readonly string[]): Promise<string[]> {
    const rows = await findRows(this.database, AppRow, ids, 'deleted_at is not null');
    return rows.map(({ id }) => id);
  }

  list(tenantId: string, filter: AppFilter, page: PageRequest<AppSortField>): Promise<Page<AppRow>> {
    return keysetPage(this.#filtered(tenantId, filter), 'app.id', appSortColumns, page);
  }

  count(tenantId: string, filter: AppFilter): Promise<number> {
    return this.#filtered(tenantId, filter).getCount();
  }

  sortValue(field: AppSortField, row: AppRow): string {
    return appSortColumns[field].valueOf(row);
  }

  #living(): SelectQueryBuilder<AppRow> {
    return this.database.getRepository(AppRow).createQueryBuilder('app').where('app.deleted_at is null');
  }

  #filtered(tenantId: string, filter: AppFilter): SelectQueryBuilder<AppRow> {
    return filterApps(this.#living().andWhere('app.tenant_id = :tenantId', { tenantId }), filter);
  }
}
