import { introspectionForm, introspector, personalAccessTokens } from './support/credentials.js';
import { fillRows } from './support/fill.js';
import { residentMegabytes } from './support/memory.js';
import { startPeerProvider } from './support/peer.js';
import { shares } from './support/processors.js';
import { startService, withStack } from './support/stack.js';
import { median, percent, perSecond } from './support/statistics.js';

const ROUNDS = 6;
const SECONDS = 2;
const MANY = 1_000_000;

/** How many introspections a second, each from current state, against a POST that does nothing and against a peer in memory? */
export default () =>
  withStack(async (stack) => {
    const { side: few, tables } = await startWithTokens(stack, 'few');
    const { side: many } = await startWithTokens(stack, 'many', MANY);
    const bare = await startService('bench/support/bare-fastify.js', {});
    const lookUp = await startBareLookUp(tables);
    const peer = await startPeer();
    const load = stack.load();
    const work = { work: 'form', path: '/oauth/introspect', expected: '"active":true' };
    const sides = {
      few: { ...work, ...few },
      bare: { ...work, ...few, url: bare.url },
      lookUp: { ...work, ...lookUp },
      many: { ...work, ...many },
      peer: { ...work, ...peer, path: '/token/introspection' },
    };
    for (const side of Object.values(sides)) await load.warmUp(side);
    const rates = { few: [], bare: [], lookUp: [], many: [], peer: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [name, side] of Object.entries(sides))
        rates[name].push((await load.run({ ...side, seconds: SECONDS })).rate);
    const processors = await shares(
      { service: few.pid, PostgreSQL: await stack.postmaster(), 'who asks': load.pid },
      async () => (await load.run({ ...sides.few, seconds: 2 * SECONDS })).count,
    );

    const ratio = (side) => median(rates.few.map((each, round) => each / rates[side][round]));
    return (
      `introspection: ${perSecond(median(rates.few))} = ${percent(ratio('bare'))} of ${perSecond(median(rates.bare))} by bare Fastify ` +
      `(target 45 %; one that only looks up reaches ${percent(ratio('bare') / ratio('lookUp'))}), ${ratio('peer').toFixed(1)} x ${perSecond(median(rates.peer))} by oidc-provider in memory (target 3 x); ` +
      `with ${MANY.toLocaleString('en')} tokens ${ratio('many').toFixed(2)} x slower (bound 1.3 x); ` +
      `process ${await residentMegabytes(few)} MB (32 connections, median of ${ROUNDS} rounds); ` +
      `processors, an answer: ${processors}`
    );
  });

/** A service with a thousand tokens to ask about, beside so many others. */
async function startWithTokens(stack, name, others = 0) {
  const { url: databaseUrl, client } = await stack.database(name);
  const { url, pid } = await stack.service(databaseUrl);
  const authorization = await introspector({ url }, stack.issuer.token);
  const tokens = await personalAccessTokens({ url }, stack.issuer.token);
  await fillRows(client, others);
  const forms = tokens.map(({ value }) => introspectionForm(value));
  return { side: { url, pid, authorization, forms }, tables: { databaseUrl, client } };
}

/** On the same tables, asked for what is in them. */
async function startBareLookUp({ databaseUrl, client }) {
  const { url } = await startService('bench/support/bare-look-up.js', { DATABASE_URL: databaseUrl });
  const { rows } = await client.query('select client_id, secret_hash from read.apps, read.tokens');
  return { url, forms: rows.map((row) => `client=${row.client_id}&token=${row.secret_hash}`) };
}

async function startPeer() {
  const { url, authorization } = await startPeerProvider();
  const forms = [];
  while (forms.length < 1_000) {
    const response = await globalThis.fetch(`${url}/token`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    forms.push(introspectionForm((await response.json()).access_token));
  }
  return { url, authorization, forms };
}
