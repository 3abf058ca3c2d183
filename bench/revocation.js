import { performance } from 'node:perf_hooks';
import { ask, introspectionForm, introspector, personalAccessTokens } from './support/credentials.js';
import { withStack } from './support/stack.js';
import { milliseconds, perSecond, quantile } from './support/statistics.js';

const SECONDS = 10;

/** How long does it take to revoke a token, in force everywhere, while the service is busy with introspections? */
export default () =>
  withStack(async (stack) => {
    const { token } = stack.issuer;
    const service = await stack.service((await stack.database('revocation')).url);
    const authorization = await introspector(service, token);
    const checked = await personalAccessTokens(service, token);
    const revoked = await personalAccessTokens(service, token, 2_000);
    const load = stack.load();
    const side = {
      work: 'form',
      url: service.url,
      path: '/oauth/introspect',
      authorization,
      forms: checked.map(({ value }) => introspectionForm(value)),
      expected: '"active":true',
    };
    await load.warmUp(side);

    const latencies = [];
    const loading = load.run({ ...side, seconds: SECONDS });
    const end = performance.now() + (SECONDS - 0.5) * 1_000;
    for (const { id } of revoked) {
      if (performance.now() > end) break;
      const start = performance.now();
      await ask(service, token, `mutation { revokeToken(input: { id: "${id}" }) { token { status } } }`);
      latencies.push(performance.now() - start);
    }
    const { rate } = await loading;
    return (
      `revocation: p50 ${milliseconds(quantile(latencies, 0.5))}, p99 ${milliseconds(quantile(latencies, 0.99))} ` +
      `(${latencies.length} one after another, beside ${perSecond(rate)} introspections; bound 50 ms)`
    );
  });
