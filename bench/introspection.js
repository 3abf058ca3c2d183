import { readFile } from 'node:fs/promises';
import { introspectionForm, introspector, personalAccessTokens } from './support/credentials.js';
import { fillRows } from './support/fill.js';
import { startPeerProvider } from './support/peer.js';
import { startService, withStack } from './support/stack.js';
import { median, percent, perSecond } from './support/statistics.js';

const ROUNDS = 6;
const SECONDS = 2;
const MANY = 1_000_000;

/** How many introspections a second, each from current state, against a POST that does nothing and against a peer in memory? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('introspection');
    const service = await stack.service(databaseUrl);
    const bare = await startService('bench/support/bare-fastify.js', {});
    const peer = await startPeer();
    const load = stack.load();

    const authorization = await introspector(service, stack.issuer.token);
    const tokens = await personalAccessTokens(service, stack.issuer.token);
    const work = { work: 'form', path: '/oauth/introspect', expected: '"active":true' };
    const own = { ...work, authorization, forms: tokens.map(({ value }) => introspectionForm(value)) };
    const sides = {
      service: { ...own, url: service.url },
      bare: { ...own, url: bare.url },
      peer: {
        ...work,
        url: peer.url,
        path: '/token/introspection',
        authorization: peer.authorization,
        forms: peer.forms,
      },
    };
    for (const side of Object.values(sides)) await load.warmUp(side);
    const rates = { service: [], bare: [], peer: [], many: [] };
    for (let round = 0; round < ROUNDS; round += 1)
      for (const [name, side] of Object.entries(sides))
        rates[name].push((await load.run({ ...side, seconds: SECONDS })).rate);

    await fillRows(client, MANY);
    await load.warmUp(sides.service);
    const few = median(rates.service);
    const rss = await residentMegabytes(service.pid);
    for (let round = 0; round < ROUNDS; round += 1)
      rates.many.push((await load.run({ ...sides.service, seconds: SECONDS })).rate);

    const ratio = (side) => median(rates.service.map((each, round) => each / rates[side][round]));
    return (
      `introspection: ${perSecond(few)} = ${percent(ratio('bare'))} of ${perSecond(median(rates.bare))} by bare Fastify ` +
      `(target 45 %), ${ratio('peer').toFixed(1)} x ${perSecond(median(rates.peer))} by oidc-provider in memory (target 3 x); ` +
      `with ${MANY.toLocaleString('en')} tokens ${(few / median(rates.many)).toFixed(2)} x slower (bound 1.3 x); ` +
      `process ${rss} MB (32 connections, median of ${ROUNDS} rounds)`
    );
  });

async function startPeer() {
  const peer = await startPeerProvider();
  const { authorization } = peer;
  const forms = [];
  while (forms.length < 1_000) {
    const response = await globalThis.fetch(`${peer.url}/token`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/x-www-form-urlencoded' },
      body: 'grant_type=client_credentials',
    });
    forms.push(introspectionForm((await response.json()).access_token));
  }
  return { ...peer, forms };
}

async function residentMegabytes(pid) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]) / 1_024);
}
