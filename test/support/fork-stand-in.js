import { fork } from 'node:child_process';
import { once } from 'node:events';

/** The stand-in for EventStoreDB in a process of its own, for what is not compiled: the set-up of a test run, and benches. */
export async function forkStandIn(...options) {
  const stdio = ['ignore', 'pipe', 'inherit', 'ipc'];
  const child = fork('test/eventstoredb/server.js', options, { stdio, execArgv: [] });
  const [ready] = await once(child.stdout, 'data');
  const port = Number(/\d+/.exec(ready));
  return { child, port, url: `esdb://127.0.0.1:${port}?tls=false` };
}
