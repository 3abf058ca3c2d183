import { performance } from 'node:perf_hooks';
import { withStack } from './support/stack.js';
import { milliseconds, perSecond, quantile } from './support/statistics.js';

const SECONDS = 10;

/** Under the load of `mutations`, how long after an event was recorded do the read models show it? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('lag');
    const service = await stack.service(databaseUrl);
    const load = stack.load();
    const work = { url: service.url, work: 'createToken' };
    await load.warmUp(work);

    // An observer of its own: PostgreSQL delivers this once the transaction that wrote the rows has committed.
    const arrivals = [];
    client.on('notification', ({ payload }) => {
      arrivals.push({ position: Number(payload), at: performance.timeOrigin + performance.now() });
    });
    await client.query('listen latchkey_projected');
    const { rate } = await load.run({ ...work, seconds: SECONDS });
    await client.query('unlisten latchkey_projected');

    const lags = await lagsOf(client, arrivals);
    return (
      `projection lag: p99 ${milliseconds(quantile(lags, 0.99))}, p50 ${milliseconds(quantile(lags, 0.5))} ` +
      `over ${lags.length.toLocaleString('en')} events at ${perSecond(rate)} (target p99 50 ms)`
    );
  });

/** Of each event from the first arrival to the last: the time to the first arrival at or behind its position. */
async function lagsOf(client, arrivals) {
  const { rows } = await client.query(
    `select position::float8, extract(epoch from recorded_at)::float8 * 1000 as at from log.events
     where position > $1 and position <= $2 order by position`,
    [arrivals[0].position, arrivals.at(-1).position],
  );
  let next = 0;
  return rows.map(({ position, at }) => {
    while (arrivals[next].position < position) next += 1;
    return arrivals[next].at - at;
  });
}
