import { openEventStore } from '../../src/event-store/open-event-store.js';
import { startEventStoreDb } from '../support/eventstoredb.js';
import { eventStoreContract } from './event-store.contract.js';

const real = process.env['EVENTSTOREDB_URL'];
const name = real ? 'EventStoreDB' : 'the stand-in for EventStoreDB';

const open = (scheme: 'esdb' | 'kurrentdb') => async () => {
  const server = real ? null : await startEventStoreDb();
  const address = (real ?? server?.url ?? '').replace(/^esdb/, scheme);
  return {
    openInstance: (streamPrefix: string) => openEventStore(address, streamPrefix),
    remove: async () => server?.stop(),
  };
};

eventStoreContract(`the log in ${name}`, open('esdb'));
eventStoreContract(`the log in ${name} through the client of KurrentDB`, open('kurrentdb'));
