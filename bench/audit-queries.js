import { Buffer } from 'node:buffer';
import { performance } from 'node:perf_hooks';
import { ask } from './support/ask.js';
import { fillTrail } from './support/fill-trail.js';
import { withStack } from './support/stack.js';
import { median, milliseconds, quantile } from './support/statistics.js';

const MANY = 1_000_000;
const FEW = 1_000;
const ROUNDS = 3;
const ROUND_MILLISECONDS = 250;

const at = (n) => new Date(Date.parse('2026-01-01T00:00:00Z') + n * 1_000).toISOString();
const targetId = (n) => `00000000-0000-4000-8000-${String(Math.floor((n - 1) / 10)).padStart(12, '0')}`;

/** What is asked of a trail of so many entries: of each filter something that is everywhere, and something that is rare. */
const filters = {
  none: () => ({}),
  actorId: () => ({ actorId: 'user-7' }),
  'rare actorId': () => ({ actorId: 'user-rare' }),
  actions: () => ({ actions: ['AppAdded', 'TokenRevoked'] }),
  'rare actions': () => ({ actions: ['TokenRevoked', 'TokenExpired'] }),
  targetType: () => ({ targetType: 'APP' }),
  'rare targetType': () => ({ targetType: 'TOKEN' }),
  targetId: (count) => ({ targetId: targetId(count / 2) }),
  from: (count) => ({ from: at(count * 0.4) }),
  to: (count) => ({ to: at(count * 0.4) }),
  'from and to': (count) => ({ from: at(count * 0.3), to: at(count * 0.5) }),
  text: () => ({ text: 'somebody 7' }),
  'rare text': () => ({ text: 'c4ca4238a0b923820dcc509a6f75849b' }),
  all: (count) => ({
    actorId: 'user-7',
    actions: ['AppDisabled'],
    targetType: 'APP',
    to: at(count * 0.9),
    text: 'somebody',
  }),
};

/** Does a page of a long trail take longer than one of a short trail? Both on the same build, asked in turn. */
export default () =>
  withStack(async (stack) => {
    const many = await startFilled(stack, 'many', MANY);
    const few = await startFilled(stack, 'few', FEW);
    const results = [];
    for (const name of Object.keys(filters))
      for (const page of ['first', 'deep'])
        results.push({ name: `${name}, ${page} page`, ...(await compare(name, page, many, few)) });
    if (process.env.BENCH_ALL) for (const result of results) console.error(told(result));

    const worst = results.toSorted((a, b) => b.ratio - a.ratio)[0];
    const counts = [];
    for (const filter of [{}, filters.actorId(), filters.text()])
      counts.push(await timeOf(() => countOf(many, filter)));
    return (
      `audit queries: p95 at ${MANY.toLocaleString('en')} entries to ${FEW.toLocaleString('en')}, worst of ${results.length} ` +
      `${told(worst)} (target 2); totalCount of all ${milliseconds(counts[0])}, by actorId ${milliseconds(counts[1])}, ` +
      `by text ${milliseconds(counts[2])}`
    );
  });

const told = ({ ratio, name, manyTime }) => `${ratio.toFixed(1)} (${name}: ${milliseconds(manyTime)})`;

async function startFilled(stack, name, count) {
  const { url: databaseUrl, client } = await stack.database(name);
  const service = await stack.service(databaseUrl);
  await fillTrail(client, count);
  return { ...service, token: stack.issuer.token, count };
}

async function compare(filter, page, many, few) {
  const questions = { many: await questionOf(filter, page, many), few: await questionOf(filter, page, few) };
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = { many: [], few: [] };
    const end = performance.now() + ROUND_MILLISECONDS;
    for (let turn = 0; performance.now() < end || turn < 10; turn += 1)
      for (const side of turn % 2 ? ['few', 'many'] : ['many', 'few']) times[side].push(await timeOf(questions[side]));
    const [manyTime, fewTime] = [quantile(times.many, 0.95), quantile(times.few, 0.95)];
    rounds.push({ manyTime, ratio: manyTime / fewTime });
  }
  return {
    ratio: median(rounds.map(({ ratio }) => ratio)),
    manyTime: median(rounds.map(({ manyTime }) => manyTime)),
  };
}

async function timeOf(question) {
  const started = performance.now();
  await question();
  return performance.now() - started;
}

/** A deep page begins behind half of the trail. */
async function questionOf(name, page, service) {
  const filter = filters[name](service.count);
  const after = page === 'deep' ? cursorAt(service.count / 2) : null;
  return () =>
    ask(
      service,
      `query ($filter: AuditFilter, $after: String) { auditTrail(filter: $filter, first: 50, after: $after) {
         nodes { at action sentence actor { id name } targetName details } pageInfo { hasNextPage endCursor } } }`,
      { filter, after },
    );
}

/** As the service makes it: a bench may look inside. */
const cursorAt = (order) =>
  Buffer.from(JSON.stringify(['auditTrail', 'position', 'DESC', String(order), targetId(1)])).toString('base64url');

const countOf = (service, filter) =>
  ask(service, `query ($filter: AuditFilter) { auditTrail(filter: $filter, first: 1) { totalCount } }`, { filter });
