import { prepareEventStoreDb } from './prepare-eventstoredb.js';

// `npm run prepare-log`: see "EventStoreDB: users" in docs/production.md.
const { EVENT_STORE_URL: url, EVENT_STORE_ADMIN_PASSWORD: adminPassword } = process.env;
try {
  if (!url || !adminPassword) throw new Error('Set EVENT_STORE_URL and EVENT_STORE_ADMIN_PASSWORD.');
  console.log(`The user ${await prepareEventStoreDb(url, adminPassword)} may read and write the log.`);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
