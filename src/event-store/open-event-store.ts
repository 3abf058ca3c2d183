import { isEsdbAddress, openEsdb } from './esdb/open-esdb.js';
import type { EventStore } from './event-store.js';
import { openPostgres } from './postgres/open-postgres.js';

/** Opens the store that the scheme of the address names. */
export const openEventStore = (address: string, streamPrefix: string): Promise<EventStore> =>
  isEsdbAddress(address) ? openEsdb(address, streamPrefix) : openPostgres(address, streamPrefix);
