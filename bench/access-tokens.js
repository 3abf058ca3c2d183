import { Buffer } from 'node:buffer';
import { generateKeyPairSync, sign } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { introspector } from './support/credentials.js';
import { startPeerProvider } from './support/peer.js';
import { startService, withStack } from './support/stack.js';
import { median, percent, perSecond } from './support/statistics.js';

const ROUNDS = 6;
const SECONDS = 2;

/** How many access tokens a second by client credentials, against signing alone and against a peer in memory? */
export default () =>
  withStack(async (stack) => {
    const service = await stack.service((await stack.database('access_tokens')).url);
    const bare = await startService('bench/support/bare-fastify.js', {});
    const peer = await startPeerProvider({ FORMAT: 'jwt' });
    const load = stack.load();
    const work = { work: 'form', forms: ['grant_type=client_credentials'], expected: '"access_token":"ey' };
    const authorization = await introspector(service, stack.issuer.token);
    const sides = {
      service: { ...work, url: service.url, path: '/oauth/token', authorization },
      bare: { ...work, url: bare.url, path: '/oauth/introspect', expected: '"active":true' },
      peer: { ...work, url: peer.url, path: '/token', authorization: peer.authorization },
    };
    for (const side of Object.values(sides)) await load.warmUp(side);

    const rates = { service: [], bare: [], peer: [], signing: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.signing.push(signingRate());
      for (const [name, side] of Object.entries(sides))
        rates[name].push((await load.run({ ...side, seconds: SECONDS })).rate);
    }
    const ratio = (side) => median(rates.service.map((each, round) => each / rates[side][round]));
    // A thread that does nothing else than to answer and to sign.
    const reachable = rates.signing.map((each, round) => 1 / (1 + each / rates.bare[round]));
    return (
      `access-tokens: ${perSecond(median(rates.service))} = ${percent(ratio('signing'))} of ${perSecond(median(rates.signing))} ` +
      `ES256 signatures by one thread that does nothing else (target 50 %; bare Fastify that signs would reach ${percent(median(reachable))}), ${ratio('peer').toFixed(1)} x ` +
      `${perSecond(median(rates.peer))} by oidc-provider in memory (target 1.5 x; 32 connections, median of ${ROUNDS} rounds)`
    );
  });

function signingRate() {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const token = Buffer.from('x'.repeat(500));
  const end = performance.now() + 1_000;
  let count = 0;
  for (; performance.now() < end; count += 1) sign('sha256', token, { key: privateKey, dsaEncoding: 'ieee-p1363' });
  return count;
}
