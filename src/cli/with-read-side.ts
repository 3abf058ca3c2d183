import type { DataSource } from 'typeorm';
import { Clock } from '../clock.js';
import { readEnvironment } from '../config.js';
import { offlineSettings } from '../embedded/offline-settings.js';
import { withDatabase } from '../embedded/with-database.js';
import type { EventStore } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { openedLog } from '../personal-data/opened-log.js';
import { PersonKeys } from '../personal-data/person-keys.js';
import { Keys } from '../secrets/keys.js';

export type ReadSide = { database: DataSource; store: EventStore };

/** The read models and the log that the settings name, as the service would use them. */
export async function withReadSide<Result>(use: (side: ReadSide) => Promise<Result>): Promise<Result> {
  const environment = readEnvironment(process.env);
  const keys = new Keys(await offlineSettings(environment), new Clock());
  return withDatabase(environment, async (database, databaseUrl) => {
    const store = await openEventStore(environment.eventStoreUrl ?? databaseUrl, environment.streamPrefix);
    try {
      return await use({ database, store: openedLog(store, new PersonKeys(database, keys)) });
    } finally {
      await store.close();
    }
  });
}
