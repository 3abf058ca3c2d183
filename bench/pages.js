import { performance } from 'node:perf_hooks';
import { ask } from './support/ask.js';
import { fillRows } from './support/fill.js';
import { withStack } from './support/stack.js';
import { median, milliseconds, quantile } from './support/statistics.js';

const MANY = 100_000;
const FEW = 1_000;
const PAGE = 50;
const LONGEST_PAGE = 200;
const ROUNDS = 3;
/** Of each round of each question: some 20 requests on either side. */
const ROUND_MILLISECONDS = 300;

const LISTS = [
  { list: 'apps', fields: 'id name status createdBy { name } createdAt', status: 'DISABLED' },
  { list: 'tokens', fields: 'id name status createdBy { name } expiresAt', status: 'REVOKED' },
];
const ORDERS = { 'the default order': '', NAME: ', orderBy: { field: NAME }' };

/** Does a page of a long list take longer than one of a short list? Both on the same build, asked in turn. */
export default () =>
  withStack(async (stack) => {
    const many = await startFilled(stack, 'many', MANY);
    const few = await startFilled(stack, 'few', FEW);
    const results = [];
    for (const question of questions()) results.push({ ...question, ...(await compare(question, many, few)) });

    const worst = (withCount) =>
      results.filter((result) => result.withCount === withCount).sort((a, b) => b.ratio - a.ratio)[0];
    const told = ({ ratio, name, manyTime }) => `${ratio.toFixed(1)} (${name}: ${milliseconds(manyTime)})`;
    return (
      `pages: p95 at ${MANY.toLocaleString('en')} rows to ${FEW.toLocaleString('en')}, ` +
      `worst of ${results.length / 2} without totalCount ${told(worst(false))}, with it ${told(worst(true))} (target 2)`
    );
  });

async function startFilled(stack, name, count) {
  const { url: databaseUrl, client } = await stack.database(name);
  const service = await stack.service(databaseUrl);
  await fillRows(client, count);
  return { ...service, token: stack.issuer.token };
}

function* questions() {
  for (const { list, fields, status } of LISTS)
    for (const [orderName, orderBy] of Object.entries(ORDERS))
      for (const filter of ['', `, filter: { status: [${status}] }`])
        for (const page of [1, 100])
          for (const withCount of [false, true]) {
            const name = `${list} page ${page} in ${orderName}${filter && ` of ${status}`}`;
            yield { list, fields, orderBy, filter, page, withCount, name };
          }
}

async function compare(question, many, few) {
  const ask = {
    many: await requestOf(question, many),
    few: await requestOf(question, few),
  };
  const rounds = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const times = { many: [], few: [] };
    const end = performance.now() + ROUND_MILLISECONDS;
    for (let turn = 0; performance.now() < end; turn += 1) {
      // Whoever comes second in turn pays for nothing that the first left behind.
      for (const side of turn % 2 ? ['few', 'many'] : ['many', 'few']) times[side].push(await timeOf(ask[side]));
    }
    const [manyTime, fewTime] = [quantile(times.many, 0.95), quantile(times.few, 0.95)];
    rounds.push({ manyTime, ratio: manyTime / fewTime });
  }
  return {
    ratio: median(rounds.map(({ ratio }) => ratio)),
    manyTime: median(rounds.map(({ manyTime }) => manyTime)),
  };
}

async function timeOf(ask) {
  const started = performance.now();
  await ask();
  return performance.now() - started;
}

/** Asks for the page, or for the last one that is there. */
async function requestOf({ list, fields, orderBy, filter, page, withCount }, service) {
  const count = withCount ? 'totalCount' : '';
  const pageInfoOf = (first, after, selection) =>
    ask(
      service,
      `query ($first: Int!, $after: String) {
         ${list}(first: $first, after: $after${orderBy}${filter}) { ${selection} pageInfo { hasNextPage endCursor } }
       }`,
      { first, after },
    ).then((data) => data[list].pageInfo);

  let after = null;
  for (let left = (page - 1) * PAGE; left > 0; left -= LONGEST_PAGE) {
    const { hasNextPage, endCursor } = await pageInfoOf(Math.min(left, LONGEST_PAGE), after, '');
    if (!hasNextPage) break;
    after = endCursor;
  }
  return () => pageInfoOf(PAGE, after, `nodes { ${fields} } ${count}`);
}
