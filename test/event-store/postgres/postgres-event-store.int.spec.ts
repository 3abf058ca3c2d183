import { openEventStore } from '../../../src/event-store/open-event-store.js';
import { createTestDatabase } from '../../support/databases.js';
import { eventStoreContract } from '../contract/event-store.contract.js';

eventStoreContract('the log in PostgreSQL', async () => {
  const database = await createTestDatabase();
  return {
    openInstance: (streamPrefix) => openEventStore(database.url, streamPrefix),
    remove: () => database.drop(),
  };
});
