import { Column, Entity, PrimaryColumn, type DataSource, type EntityManager, type SelectQueryBuilder } from 'typeorm';
import type { Recorded } from '../src/events.js';
import {
  appSortColumns,
  evolve,
  filterApps,
  forgetCreator,
  isAppEvent,
  type AppFilter,
  type AppRow,
  type AppSortField,
  type SecretOfApp,
} from './apps.js';
import { appHistoryFacts } from './facts.js';
import { keysetPage, type Page, type PageRequest } from './keyset.js';
import type { Projection } from './projection.js';

/** An app as it was from one change to the next. Hashes of secrets are not kept here: nothing is verified against the past. */
@Entity({ schema: 'read', name: 'app_versions' })
export class AppVersion {
  /** Id of the event that began it. */
  @PrimaryColumn('uuid') id!: string;
  @Column('uuid') appId!: string;
  @Column('text') tenantId!: string;
  @Column('text') clientId!: string;
  @Column('text') name!: string;
  @Column('text') description!: string;
  @Column('text') status!: AppRow['status'];
  @Column('text', { array: true }) permissions!: AppRow['permissions'];
  @Column('jsonb') secrets!: Omit<SecretOfApp, 'hash' | 'pepperId'>[];
  @Column('text') createdById!: string;
  @Column('text', { nullable: true }) createdByName!: string | null;
  @Column('timestamptz') createdAt!: Date;
  @Column('timestamptz') updatedAt!: Date;
  @Column('timestamptz') validFrom!: Date;
  /** Not valid any more at this very moment; `null` while it is what the app is. */
  @Column('timestamptz', { nullable: true }) validTo!: Date | null;
}

type AppChange = Extract<Recorded, { data: { appId: string } }>;

/** An app as the rules of its row take it. What they count or verify by is of no use here. */
const rowOf = ({ appId, secrets, ...version }: AppVersion): AppRow => ({
  ...version,
  id: appId,
  secrets: secrets.map((secret) => ({ ...secret, hash: '', pepperId: '' })),
  generation: 0,
  deletedAt: null,
});

function versionOf(row: AppRow, event: AppChange, validFrom: Date): AppVersion {
  const { id, tenantId, clientId, name, description, status, permissions, createdById, createdByName } = row;
  return {
    id: event.id,
    appId: id,
    tenantId,
    clientId,
    name,
    description,
    status,
    permissions,
    secrets: row.secrets.map(({ id: secretId, hint, createdAt, expiresAt }) => ({
      id: secretId,
      hint,
      createdAt,
      expiresAt,
    })),
    createdById,
    createdByName,
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
    validFrom,
    validTo: null,
  };
}

export const appHistoryProjection: Projection = {
  name: 'app-history',
  version: 2,
  tables: [AppVersion],
  lookedUpBy: ['app_id'],
  facts: appHistoryFacts,
  async apply(events, tables) {
    const changes = events.filter(isAppEvent).filter(({ type }) => type !== 'AppCredentialsViewed');
    const ids = [...new Set(changes.map(({ data }) => data.appId))];
    const known = await tables.find(AppVersion, ids, 'app_id = any ($1) and valid_to is null');
    const current = new Map(known.map((version) => [version.appId, version]));
    const written: AppVersion[] = [...known];
    for (const event of changes) {
      const before = current.get(event.data.appId);
      const row = evolve(before && rowOf(before), event);
      // The clock of the instance that changed it may be behind that of the one before.
      const moment = later(new Date(event.data.at), before?.validFrom);
      if (before) before.validTo = moment;
      if (row.deletedAt) continue;
      const version = versionOf(row, event, moment);
      current.set(version.appId, version);
      written.push(version);
    }
    await tables.write(AppVersion, written);
  },
  erase: (erased, tables) => forgetCreator(AppVersion, erased, tables),
};

const later = (moment: Date, other: Date | undefined) => (other && other > moment ? other : moment);

/** What apps were. Every question is one tenant's, and about one moment. */
export class AppHistoryQueries {
  constructor(private readonly database: DataSource | EntityManager) {}

  async find(tenantId: string, id: string, asOf: Date): Promise<AppRow | null> {
    const version = await this.#valid(tenantId, asOf).andWhere('app.app_id = :id', { id }).getOne();
    return version && rowOf(version);
  }

  async list(tenantId: string, filter: AppFilter, asOf: Date, page: PageRequest<AppSortField>): Promise<Page<AppRow>> {
    const query = filterApps(this.#valid(tenantId, asOf), filter);
    const { rows, hasNextPage } = await keysetPage(query, 'app.app_id', appSortColumns, page);
    return { rows: rows.map(rowOf), hasNextPage };
  }

  count(tenantId: string, filter: AppFilter, asOf: Date): Promise<number> {
    return filterApps(this.#valid(tenantId, asOf), filter).getCount();
  }

  /** The bounds on what was created and changed follow from the others; they are what the indexes know. */
  #valid(tenantId: string, asOf: Date): SelectQueryBuilder<AppVersion> {
    return this.database
      .getRepository(AppVersion)
      .createQueryBuilder('app')
      .where('app.tenant_id = :tenantId', { tenantId })
      .andWhere('app.valid_from <= :asOf and (app.valid_to is null or app.valid_to > :asOf)', { asOf })
      .andWhere('app.created_at <= :asOf and app.updated_at <= :asOf');
  }
}
