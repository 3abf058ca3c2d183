import type { DataSource } from 'typeorm';
import type { Environment } from '../config.js';
import { createDatabase, migrate } from '../postgres/database.js';
import { claimDataDirectory } from './data-directory.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

type Place = Pick<Environment, 'databaseUrl' | 'dataDir'>;

/** Does something with the database that the settings name, its schemas up to date, or with the embedded one. */
export async function withDatabase<Result>(
  { databaseUrl, dataDir }: Place,
  use: (database: DataSource, url: string) => Promise<Result>,
): Promise<Result> {
  if (databaseUrl) return opened(databaseUrl, use);
  // The server of a running Latchkey is left to it; one that had to be started for this is stopped again.
  const claim = await claimDataDirectory(dataDir).catch(() => null);
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    return await opened(postgres.url, use);
  } finally {
    if (claim || !postgres.isAdopted) await postgres.stop();
    await claim?.release();
  }
}

async function opened<Result>(
  url: string,
  use: (database: DataSource, url: string) => Promise<Result>,
): Promise<Result> {
  const database = await createDatabase(url).initialize();
  try {
    await migrate(database);
    return await use(database, url);
  } finally {
    await database.destroy();
  }
}
