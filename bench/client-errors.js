import { performance } from 'node:perf_hooks';
import { basic, introspector } from './support/credentials.js';
import { withStack } from './support/stack.js';
import { median, milliseconds, percent } from './support/statistics.js';

const WARM_UP = 1_000;
const EACH = 4_000;

/** Can it be told by the time of a refusal whether a client exists? */
export default () =>
  withStack(async (stack) => {
    const service = await stack.service((await stack.database('client_errors')).url);
    const known = idOf(await introspector(service, stack.issuer.token));
    const secret = `lk_sec_${'0'.repeat(49)}`;
    const kinds = { known: basic(known, secret), unknown: basic(`lk_app_${'1'.repeat(22)}`, secret) };

    const times = { known: [], unknown: [] };
    for (let count = 0; count < WARM_UP + EACH; count += 1)
      // In turns that alternate, so that what the machine does besides meets both.
      for (const kind of count % 2 === 0 ? ['known', 'unknown'] : ['unknown', 'known']) {
        const time = await refused(service, kinds[kind]);
        if (count >= WARM_UP) times[kind].push(time);
      }
    return (
      `client-errors: a wrong secret is refused in ${milliseconds(median(times.known))}, an unknown client in ` +
      `${milliseconds(median(times.unknown))} (medians of ${EACH}); who has to say which of two refusals is which by their times ` +
      `is right in ${percent(shareOfLonger(times.known, times.unknown))} (50 % is guessing)`
    );
  });

const idOf = (authorization) => globalThis.atob(authorization.slice(6)).split(':')[0];

async function refused({ url }, authorization) {
  const start = performance.now();
  const response = await globalThis.fetch(`${url}/oauth/token`, {
    method: 'POST',
    headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
    body: 'grant_type=client_credentials',
  });
  await response.text();
  if (response.status !== 401 && response.status !== 429) throw new Error(`It was answered ${response.status}.`);
  return performance.now() - start;
}

/** How often a value of the one list is greater than one of the other. */
function shareOfLonger(ones, others) {
  const sorted = [...others].sort((a, b) => a - b);
  const below = (value) => {
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (sorted[middle] < value) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return ones.reduce((sum, value) => sum + below(value), 0) / (ones.length * others.length);
}
