import { openEventStore } from '../../src/event-store/open-event-store.js';
import { startEventStoreDb } from '../support/eventstoredb.js';
import { eventStoreContract } from './event-store.contract.js';

const real = process.env['EVENTSTOREDB_URL'];
const name = `the log in ${real ? 'EventStoreDB' : 'the stand-in for EventStoreDB'}`;

const open = (scheme: 'esdb' | 'kurrentdb') => async () => {
  const standIn = real ? null : await startEventStoreDb();
  const address = (real ?? standIn?.url ?? '').replace(/^esdb/, scheme);
  return {
    openInstance: (streamPrefix: string) => openEventStore(address, streamPrefix),
    remove: async () => standIn?.stop(),
  };
};

eventStoreContract(name, open('esdb'));
eventStoreContract(`${name} through the client of KurrentDB`, open('kurrentdb'));
