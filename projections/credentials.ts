import type pg from 'pg';
import type { DataSource } from 'typeorm';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import type { AppPermission } from '../src/apps/app.decider.js';
import type { Position } from '../src/event-store/position.js';
import type { AppRow, SecretOfApp } from './apps.js';
import type { TokenRow } from './tokens.js';

/** Events of its stream wait that could not be applied: what is shown of it is out of date. */
type Waiting = { isParked: boolean };

/** What it takes to say whether an app's credentials hold. */
export type AppCredentials = Pick<
  AppRow,
  'id' | 'tenantId' | 'clientId' | 'name' | 'status' | 'permissions' | 'secrets' | 'generation'
> &
  Waiting;

/** What it takes to say whether a personal access token holds, and for whom. */
export type TokenCredentials = Pick<
  TokenRow,
  | 'id'
  | 'tenantId'
  | 'identifier'
  | 'ownerId'
  | 'ownerName'
  | 'createdAt'
  | 'expiresAt'
  | 'recordedStatus'
  | 'secretHash'
> &
  Waiting;

/** How far a read model can be trusted. */
export type Evidence = {
  /** It shows everything up to here. */
  position: Position | null;
  /** Whether it is not just being built: see `Checkpoint`. */
  isWhole: boolean;
};

export type Credentials = { apps: AppCredentials[]; tokens: TokenCredentials[]; evidence: Evidence[] };

type AppValues = [string, string, string, string, AppRow['status'], AppPermission[], SecretOfApp[], number, boolean];
type TokenValues = [
  string,
  string,
  string,
  string,
  string,
  number,
  number,
  TokenRow['recordedStatus'],
  string,
  boolean,
];
type Answer = { apps: AppValues[] | null; tokens: TokenValues[] | null; evidence: Evidence[] | null };

const isParked = (projection: 'apps' | 'tokens') =>
  `exists (select from read.parked_streams where subject = ${projection}.id and projection = '${projection}')`;

/**
 * Credentials and how far they can be trusted, in one statement: asked thousands of times a second, a second round trip would cost
 * more than all the rest, and only in one statement does the evidence hold for the rows. The parameters are read by subselects:
 * PostgreSQL then plans once and not for each new value, which took longer than the look-up itself. One row after the other is
 * looked up, by nothing but its key: for tables without statistics, as new ones are, it would read all of them otherwise.
 */
export const LOOK_UP = /* sql */ `
select
  (select json_agg(json_build_object('position', position, 'isWhole', coalesce(is_whole, false)))
   from (values ('apps'), ('tokens')) as needed (name) left join read.checkpoints using (name)) as evidence,
  (select json_agg(json_build_array(id, tenant_id, client_id, name, status, permissions, secrets, generation, ${isParked('apps')}))
   from unnest((select $1::text[])) as wanted (value)
   cross join lateral (select * from read.apps where client_id = wanted.value limit 1) as apps
   where deleted_at is null) as apps,
  (select json_agg(json_build_array(id, tenant_id, identifier, owner_id, owner_name,
     extract(epoch from created_at) * 1000, extract(epoch from expires_at) * 1000, recorded_status, secret_hash, ${isParked('tokens')}))
   from unnest((select $2::text[])) as wanted (value)
   cross join lateral (select * from read.tokens where secret_hash = wanted.value limit 1) as tokens) as tokens`;

export class CredentialQueries {
  constructor(private readonly database: DataSource) {}

  /** The apps of these client ids and the tokens stored under these hashes that are not deleted, whosever they are; in no order. */
  async find(clientIds: readonly string[], secretHashes: readonly string[]): Promise<Credentials> {
    const pool = (this.database.driver as PostgresDriver).master as pg.Pool;
    const { rows } = await pool.query<Answer>({
      name: 'credentials',
      text: LOOK_UP,
      values: [clientIds, secretHashes],
    });
    const [answer] = rows;
    return {
      apps: (answer?.apps ?? []).map(appOf),
      tokens: (answer?.tokens ?? []).map(tokenOf),
      evidence: answer?.evidence ?? [],
    };
  }
}

const appOf = ([
  id,
  tenantId,
  clientId,
  name,
  status,
  permissions,
  secrets,
  generation,
  isParked,
]: AppValues): AppCredentials => ({ id, tenantId, clientId, name, status, permissions, secrets, generation, isParked });

const tokenOf = ([
  id,
  tenantId,
  identifier,
  ownerId,
  ownerName,
  createdAt,
  expiresAt,
  recordedStatus,
  secretHash,
  isParked,
]: TokenValues): TokenCredentials => ({
  id,
  tenantId,
  identifier,
  ownerId,
  ownerName,
  createdAt: new Date(createdAt),
  expiresAt: new Date(expiresAt),
  recordedStatus,
  secretHash,
  isParked,
});
