import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { openEventStore } from '../dist/src/event-store/open-event-store.js';
import { anEvent } from './support/an-event.js';
import { eventStoreDb } from './support/eventstoredb.js';
import { withStack } from './support/stack.js';
import { median, percent } from './support/statistics.js';

const ROUNDS = 5;
const CLIENTS = 32;
const EACH = 20;

/** Of the time that a command spends at the log, how much is the read before the decision: all that a cache of states could save? */
export default () =>
  withStack(async (stack) => {
    const { url, name } = await eventStoreDb();
    const prefix = `bench${Date.now()}`;
    const stores = { PostgreSQL: (await stack.database('reads')).url, [name]: url };
    const lines = [];
    for (const [store, address] of Object.entries(stores)) {
      const log = await openEventStore(address, prefix);
      await measured(log, prefix);
      const rounds = [];
      for (let round = 0; round < ROUNDS; round += 1) rounds.push(await measured(log, prefix));
      await log.close();
      const share = median(rounds.map(({ read, append }) => read / (read + append)));
      const time = (part) => `${median(rounds.map((each) => each[part])).toFixed(2)} ms`;
      lines.push(`${percent(share)} over ${store} (read ${time('read')}, append ${time('append')})`);
    }
    return `stream-read: the read before the decision is ${lines.join(', ')} of a command's time at the log (${CLIENTS} at once)`;
  });

/** Mean times of a read of a short stream and of an append to it, taken in turns by many clients at once. */
async function measured(log, prefix) {
  const total = { read: 0, append: 0 };
  const timed = async (part, act) => {
    const started = performance.now();
    const result = await act();
    total[part] += performance.now() - started;
    return result;
  };
  const client = async () => {
    const stream = `${prefix}.token-${randomUUID()}`;
    await log.append(stream, 'no_stream', [anEvent()]);
    for (let n = 0; n < EACH; n += 1) {
      const history = await timed('read', () => log.read(stream));
      await timed('append', () => log.append(stream, history.at(-1).revision, [anEvent()]));
    }
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return { read: total.read / (CLIENTS * EACH), append: total.append / (CLIENTS * EACH) };
}
