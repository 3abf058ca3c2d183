import { performance } from 'node:perf_hooks';
import { fill, projected } from './support/fill.js';
import { withStack } from './support/stack.js';
import { perSecond } from './support/statistics.js';

const COUNT = 5_000;
const TYPES = [
  { type: 'AppAdded' },
  { type: 'AppDisabled', revision: 1 },
  { type: 'TokenCreated' },
  { type: 'TokenRevoked', revision: 1 },
];

/** How many events a second go into all read models while these are far behind, as when they are built anew? */
export default () =>
  withStack(async (stack) => {
    const { url, client } = await stack.database('catch_up');
    await stack.service(url);
    // All of it appears at once.
    await client.query('begin');
    for (const event of TYPES) await fill(client, { ...event, count: COUNT });
    await client.query('commit');

    const started = performance.now();
    await projected(client);
    const seconds = (performance.now() - started) / 1_000;
    const events = TYPES.length * COUNT;
    return `catch-up: ${perSecond(events / seconds)} (${events.toLocaleString('en')} events in ${seconds.toFixed(1)} s)`;
  });
