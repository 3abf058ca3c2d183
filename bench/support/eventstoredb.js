import { forkStandIn } from '../../test/support/fork-stand-in.js';
import { stops } from './stops.js';

/** The address of a real EventStoreDB, or else of the stand-in that the tests use, with what to call it. */
export async function eventStoreDb(...options) {
  const url = process.env.EVENTSTOREDB_URL;
  if (url) return { url, name: 'EventStoreDB' };
  const server = await startStandIn(...options);
  return { url: server.url, name: 'the stand-in for EventStoreDB' };
}

export async function startStandIn(...options) {
  const server = await forkStandIn(...options);
  stops.push(() => server.child.kill('SIGKILL'));
  return server;
}
