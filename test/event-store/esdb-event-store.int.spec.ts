import { openEventStore } from '../../src/event-store/open-event-store.js';
import { eventStoreContract } from './event-store.contract.js';

const real = process.env['EVENTSTOREDB_URL'];
const url = real ?? process.env['TEST_EVENTSTOREDB_URL'] ?? '';
const name = `the log in ${real ? 'EventStoreDB' : 'the stand-in for EventStoreDB'}`;

const open = (scheme: 'esdb' | 'kurrentdb') => () =>
  Promise.resolve({
    openInstance: (streamPrefix: string) => openEventStore(url.replace(/^esdb/, scheme), streamPrefix),
    remove: () => Promise.resolve(),
  });

eventStoreContract(name, open('esdb'));
eventStoreContract(`${name} through the client of KurrentDB`, open('kurrentdb'));
