import { fork } from 'node:child_process';
import { once } from 'node:events';
import { stops } from './stops.js';

/** The address of a real EventStoreDB, or else of the stand-in that the tests use, with what to call it. */
export async function eventStoreDb(...options) {
  const url = process.env.EVENTSTOREDB_URL;
  if (url) return { url, name: 'EventStoreDB' };
  const server = await startStandIn(...options);
  return { url: server.url, name: 'the stand-in for EventStoreDB' };
}

export async function startStandIn(...options) {
  const child = fork('test/eventstoredb/server.js', options, {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  });
  stops.push(() => child.kill('SIGKILL'));
  const [ready] = await once(child.stdout, 'data');
  const port = Number(/\d+/.exec(ready));
  return { child, port, url: `esdb://127.0.0.1:${port}?tls=false` };
}
