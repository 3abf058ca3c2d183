import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { fillMix, projected } from './support/fill.js';
import { peakMegabytes } from './support/memory.js';
import { shares } from './support/processors.js';
import { withStack } from './support/stack.js';
import { eventsPerSecond } from './support/statistics.js';

const COUNT = 50_000;

/** How many events a second go into all read models that are built anew beside the old ones, are checked and take their place? */
export default () =>
  withStack(async (stack) => {
    const { url, client } = await stack.database('rebuild');
    const service = await stack.service(url);
    const events = await fillMix(stack, client, COUNT);
    await projected(client);
    const before = await peakMegabytes(service);

    const started = performance.now();
    const processors = await shares({ service: service.pid, PostgreSQL: await stack.postmaster() }, async () => {
      await client.query('insert into read.rebuilds (projection, version) select name, version from read.checkpoints');
      while ((await client.query('select from read.rebuilds')).rowCount > 0) await sleep(20);
      return events;
    });
    const seconds = (performance.now() - started) / 1_000;
    return `rebuild: ${eventsPerSecond(events, seconds)}; processors, an event: ${processors}; peak memory ${await peakMegabytes(service)} MB, ${before} MB before`;
  });
