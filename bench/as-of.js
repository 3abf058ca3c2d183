import { performance } from 'node:perf_hooks';
import { ask } from './support/ask.js';
import { fillHistory, momentAt } from './support/fill-history.js';
import { withStack } from './support/stack.js';
import { milliseconds, quantile } from './support/statistics.js';

const TURNS = 60;
/** Soon after the beginning, in between, and at the end. */
const SHARES = [0.02, 0.5, 0.98];
const ID = '00000000-0000-4000-8000-000000000100';

const page = (list, more = '') =>
  `query ($asOf: DateTime) { ${list}(first: 50, asOf: $asOf${more}) { nodes { id name status } pageInfo { endCursor } } }`;

const questions = {
  apps: page('apps'),
  'apps by NAME': page('apps', ', orderBy: { field: NAME }'),
  'apps by UPDATED_AT': page('apps', ', orderBy: { field: UPDATED_AT, direction: DESC }'),
  'apps DISABLED': page('apps', ', filter: { status: [DISABLED] }'),
  tokens: page('tokens'),
  'tokens by NAME': page('tokens', ', orderBy: { field: NAME }'),
  'tokens by EXPIRES_AT': page('tokens', ', orderBy: { field: EXPIRES_AT }'),
  'tokens ACTIVE': page('tokens', ', filter: { status: [ACTIVE] }'),
  'app(id)': `query ($asOf: DateTime) { app(id: "${ID}", asOf: $asOf) { status secrets { hint } } }`,
  'token(id)': `query ($asOf: DateTime) { token(id: "${ID}", asOf: $asOf) { status revokedAt } }`,
};

/** How long does it take to say what was there at a moment, after a million events? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('history');
    const service = { ...(await stack.service(databaseUrl)), token: stack.issuer.token };
    await fillHistory(client);
    const results = [];
    for (const [name, query] of Object.entries(questions))
      for (const share of SHARES) {
        const p95 = await p95Of(() => ask(service, query, { asOf: momentAt(share) }).catch(notThere));
        results.push({ name: `${name} at ${share * 100} % of the time`, p95 });
      }
    if (process.env.BENCH_ALL) for (const { name, p95 } of results) console.error(name, milliseconds(p95));
    const worst = results.toSorted((a, b) => b.p95 - a.p95)[0];
    const usual = quantile(
      results.map(({ p95 }) => p95),
      0.5,
    );
    return (
      `as of: p95 after 1,000,000 events, median of ${results.length} questions ${milliseconds(usual)}, ` +
      `worst ${milliseconds(worst.p95)} (${worst.name})`
    );
  });

async function p95Of(question) {
  const times = [];
  for (let turn = 0; turn < TURNS; turn += 1) {
    const started = performance.now();
    await question();
    times.push(performance.now() - started);
  }
  return quantile(times, 0.95);
}

/** Deleted by then: an answer like any other. */
function notThere(error) {
  if (!error.message.startsWith('There is no such')) throw error;
}
