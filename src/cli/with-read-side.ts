import type { DataSource } from 'typeorm';
import { readEnvironment } from '../config.js';
import { withDatabase } from '../embedded/with-database.js';
import type { EventStore } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';

export type ReadSide = { database: DataSource; store: EventStore };

/** The read models and the log that the settings name, as the service would use them. */
export async function withReadSide<Result>(use: (side: ReadSide) => Promise<Result>): Promise<Result> {
  const environment = readEnvironment(process.env);
  return withDatabase(environment, async (database, databaseUrl) => {
    const store = await openEventStore(environment.eventStoreUrl ?? databaseUrl, environment.streamPrefix);
    try {
      return await use({ database, store });
    } finally {
      await store.close();
    }
  });
}
