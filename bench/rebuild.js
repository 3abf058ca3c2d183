import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
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

/** How many events a second go into all read models that are built anew beside the old ones, are checked and take their place? */
export default () =>
  withStack(async (stack) => {
    const { url, client } = await stack.database('rebuild');
    await stack.service(url);
    for (const event of TYPES) await fill(client, { ...event, count: COUNT });
    await projected(client);

    const started = performance.now();
    await client.query('insert into read.rebuilds (projection, version) select name, version from read.checkpoints');
    while ((await client.query('select from read.rebuilds')).rowCount > 0) await sleep(20);
    const seconds = (performance.now() - started) / 1_000;
    const events = TYPES.length * COUNT;
    return `rebuild: ${perSecond(events / seconds)} (${events.toLocaleString('en')} events in ${seconds.toFixed(1)} s)`;
  });
