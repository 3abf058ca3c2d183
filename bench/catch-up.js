import { performance } from 'node:perf_hooks';
import { fillMix, projected } from './support/fill.js';
import { withStack } from './support/stack.js';
import { eventsPerSecond } from './support/statistics.js';

const COUNT = 50_000;

/** How many events a second go into all read models while these are far behind, as when they are built anew? */
export default () =>
  withStack(async (stack) => {
    const { url, client } = await stack.database('catch_up');
    await stack.service(url);
    // All of it appears at once.
    await client.query('begin');
    const events = await fillMix(stack, client, COUNT);
    await client.query('commit');

    const started = performance.now();
    await projected(client);
    const seconds = (performance.now() - started) / 1_000;
    return `catch-up: ${eventsPerSecond(events, seconds)}`;
  });
