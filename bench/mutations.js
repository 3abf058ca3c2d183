import { fill, projected, tokenId } from './support/fill.js';
import { withStack } from './support/stack.js';
import { median, percent, perSecond } from './support/statistics.js';

const ROUNDS = 6;
const SECONDS = 2;
const TOKENS = 40_000;

/** How many durable mutations a second, whose effect the next query sees, against mutations that do nothing? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('mutations');
    const real = await stack.service(databaseUrl);
    const empty = await stack.service((await stack.database('empty')).url, 'bench/support/empty-service.js');
    await fill(stack, client, { type: 'TokenCreated', count: TOKENS });
    await projected(client);
    await client.query('vacuum analyze');

    const load = stack.load();
    const tokenIds = Array.from({ length: TOKENS }, (_, index) => tokenId(index + 1));
    const sides = {
      empty: { url: empty.url, work: 'createToken' },
      createToken: { url: real.url, work: 'createToken' },
      mix: { url: real.url, work: 'mix', take: () => tokenIds.splice(0, 3_000) },
    };
    for (const side of Object.values(sides)) await load.warmUp(side);

    const rates = { empty: [], createToken: [], mix: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [name, side] of Object.entries(sides))
        rates[name].push((await load.run({ ...side, seconds: SECONDS })).rate);
    const rate = (name) => perSecond(median(rates[name]));
    const share = (name) => percent(median(rates[name].map((each, round) => each / rates.empty[round])));
    return (
      `mutations: createToken ${rate('createToken')} = ${share('createToken')}, ` +
      `addApp/disableApp/revokeToken ${rate('mix')} = ${share('mix')} of ${rate('empty')} empty ones ` +
      `(32 connections, median of ${ROUNDS} rounds; target 40 %)`
    );
  });
