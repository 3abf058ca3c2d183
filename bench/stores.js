import { eventStoreDb } from './support/eventstoredb.js';
import { withStack } from './support/stack.js';
import { median, perSecond } from './support/statistics.js';

const ROUNDS = 6;
const SECONDS = 2;

/** How many durable mutations a second, whose effect the next query sees, with the log in EventStoreDB, against the log in PostgreSQL? */
export default () =>
  withStack(async (stack) => {
    const { url, name } = await eventStoreDb();
    const inEventStoreDb = { EVENT_STORE_URL: url, STREAM_PREFIX: `bench${Date.now()}` };
    const sides = {
      postgres: await stack.service((await stack.database('postgres_log')).url),
      eventStoreDb: await stack.service((await stack.database('esdb_log')).url, 'dist/src/main.js', inEventStoreDb),
    };
    const load = stack.load();
    const works = ['createToken', 'apps'];
    for (const side of Object.values(sides)) await load.warmUp({ url: side.url, work: 'apps' });

    const rates = {};
    for (let round = 0; round < ROUNDS; round += 1)
      for (const work of works)
        for (const [store, side] of Object.entries(sides))
          (rates[`${store} ${work}`] ??= []).push((await load.run({ url: side.url, work, seconds: SECONDS })).rate);

    const line = (work) => {
      const [theirs, ours] = [rates[`eventStoreDb ${work}`], rates[`postgres ${work}`]];
      const ratio = median(theirs.map((rate, round) => rate / ours[round])).toFixed(2);
      return `${ratio} x (${perSecond(median(theirs))} against ${perSecond(median(ours))})`;
    };
    return (
      `stores: mutations over ${name} against the log in PostgreSQL: createToken ${line('createToken')}, ` +
      `addApp/disableApp ${line('apps')} (32 connections, median of ${ROUNDS} rounds; target 0.6)`
    );
  });
