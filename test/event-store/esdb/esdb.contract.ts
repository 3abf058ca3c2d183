import { openEventStore } from '../../../src/event-store/open-event-store.js';
import { startEventStoreDb } from '../../support/eventstoredb.js';
import { eventStoreContract } from '../contract/event-store.contract.js';

const real = process.env['EVENTSTOREDB_URL'];

/** The contract over a real EventStoreDB if there is one, else over the stand-in. The scheme chooses the client. */
export function esdbContract(client: string, scheme: 'esdb' | 'kurrentdb'): void {
  eventStoreContract(
    `the log in ${real ? 'EventStoreDB' : 'the stand-in for EventStoreDB'}, by ${client}`,
    async () => {
      const standIn = real ? null : await startEventStoreDb();
      const address = (real ?? standIn?.url ?? '').replace(/^esdb/, scheme);
      return {
        openInstance: (streamPrefix: string) => openEventStore(address, streamPrefix),
        remove: async () => standIn?.stop(),
      };
    },
  );
}
