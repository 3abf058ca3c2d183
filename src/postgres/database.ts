import { DataSource, DefaultNamingStrategy, type NamingStrategyInterface } from 'typeorm';
import { LOCKS } from '../../projections/advisory-locks.js';
import { AppVersion } from '../../projections/app-history.js';
import { AppRow } from '../../projections/apps.js';
import { AuditHour } from '../../projections/audit-hours.js';
import { AuditRow } from '../../projections/audit-trail.js';
import { AuditNodeRow } from '../../projections/audit-tree.js';
import { ReadModels1764000000000 } from '../../projections/migrations/1-read-models.js';
import { Credentials1764000000004 } from '../../projections/migrations/2-credentials.js';
import { Engine1764000000013 } from '../../projections/migrations/6-engine.js';
import { AuditTrail1764000000011 } from '../../projections/migrations/4-audit-trail.js';
import { Erasure1764000000021 } from '../../projections/migrations/7-erasure.js';
import { AppHistory1764000000012 } from '../../projections/migrations/5-app-history.js';
import { Evidence1764000000010 } from '../../projections/migrations/3-evidence.js';
import { TokenRow } from '../../projections/tokens.js';
import { OAuth1764000000005 } from '../oauth/oauth.migration.js';
import { PersonKeys1764000000020 } from '../personal-data/person-keys.migration.js';
import { Vault1764000000001 } from '../secrets/vault-1.migration.js';
import { OneKeyOfSecrets1764000000002 } from '../secrets/vault-2.migration.js';
import { DaysOfUse1764000000030 } from '../usage/days-of-use.migration.js';
import { Usage1764000000003 } from '../usage/usage.migration.js';
import { BoundedClient } from './bounded-client.js';

class SnakeCase extends DefaultNamingStrategy implements NamingStrategyInterface {
  override columnName(propertyName: string, customName: string | undefined): string {
    return customName ?? propertyName.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
  }
}

/** The database of the read models, the vault and the last uses. */
export function createDatabase(url: string): DataSource {
  return new DataSource({
    type: 'postgres',
    url,
    applicationName: 'latchkey',
    entities: [AppRow, TokenRow, AuditRow, AuditHour, AuditNodeRow, AppVersion],
    migrations: [
      ReadModels1764000000000,
      Vault1764000000001,
      OneKeyOfSecrets1764000000002,
      Usage1764000000003,
      Credentials1764000000004,
      OAuth1764000000005,
      Engine1764000000013,
      AuditTrail1764000000011,
      AppHistory1764000000012,
      Evidence1764000000010,
      PersonKeys1764000000020,
      Erasure1764000000021,
      DaysOfUse1764000000030,
    ],
    namingStrategy: new SnakeCase(),
    synchronize: false,
    poolSize: 10,
    connectTimeoutMS: 3_000,
    extra: {
      Client: BoundedClient,
      // Statements that are sent together travel together: see `together`.
      pipeline: true,
      query_timeout: 10_000,
      statement_timeout: 10_000,
      idle_in_transaction_session_timeout: 30_000,
    },
    poolErrorHandler: () => undefined,
  });
}

/**
 * Brings the schemas up to date; of several processes that start together one does it, the others wait. On connections of its own,
 * since an index of a large table takes longer than any request may.
 */
export async function migrate({ options }: DataSource): Promise<void> {
  const unbounded = { query_timeout: undefined, statement_timeout: undefined };
  const database = new DataSource({
    ...options,
    extra: { ...(options.extra as object), ...unbounded },
  });
  await database.initialize();
  const runner = database.createQueryRunner();
  try {
    await runner.query('select pg_advisory_lock($1)', [LOCKS.migrate]);
    await database.runMigrations({ transaction: 'all' });
  } finally {
    await runner.release();
    // The lock ends with its connection.
    await database.destroy();
  }
}
