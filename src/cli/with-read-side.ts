import type { DataSource } from 'typeorm';
import { readEnvironment } from '../config.js';
import { claimDataDirectory } from '../embedded/data-directory.js';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.js';
import type { EventStore } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { createDatabase, migrate } from '../postgres/database.js';

export type ReadSide = { database: DataSource; store: EventStore };

/** The read models and the log that the settings name, as the service would use them. */
export async function withReadSide<Result>(use: (side: ReadSide) => Promise<Result>): Promise<Result> {
  const environment = readEnvironment(process.env);
  const { databaseUrl, dataDir } = environment;
  if (databaseUrl) return withOpened(databaseUrl, environment, use);
  return withEmbeddedPostgres(dataDir, (url) => withOpened(url, environment, use));
}

async function withOpened<Result>(
  databaseUrl: string,
  { eventStoreUrl, streamPrefix }: { eventStoreUrl: string | undefined; streamPrefix: string },
  use: (side: ReadSide) => Promise<Result>,
): Promise<Result> {
  const database = await createDatabase(databaseUrl).initialize();
  try {
    await migrate(database);
    const store = await openEventStore(eventStoreUrl ?? databaseUrl, streamPrefix);
    try {
      return await use({ database, store });
    } finally {
      await store.close();
    }
  } finally {
    await database.destroy();
  }
}

/** The server of a running Latchkey is left to it; one that had to be started for this is stopped again. */
async function withEmbeddedPostgres<Result>(dataDir: string, use: (url: string) => Promise<Result>): Promise<Result> {
  const claim = await claimDataDirectory(dataDir).catch(() => null);
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    return await use(postgres.url);
  } finally {
    if (claim) await postgres.stop();
    await claim?.release();
  }
}
