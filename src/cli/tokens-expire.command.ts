import type { Command } from './command.js';
import { answerOf, SERVICE_HELP, SERVICE_OPTIONS, serviceIn } from './running-service.js';

type Answer = { data?: { expireTokens: { expiredCount: number } }; errors?: { message: string }[] };

const QUERY = 'mutation { expireTokens(input: {}) { expiredCount } }';

export const tokensExpire: Command = {
  name: 'tokens expire',
  summary: 'put on the log which tokens have expired',
  help: `Usage: latchkey tokens expire --url <address> --token-file <path>

Puts on the log, for the tenant of the access token, what the clock has done to tokens already: what Latchkey does by itself every EXPIRE_TOKENS_EVERY.
For administrators, and apps with the permission EXPIRE_TOKENS.

${SERVICE_HELP}`,
  options: SERVICE_OPTIONS,

  async run(given) {
    const service = await serviceIn(given);
    const response = await answerOf(service, `${service.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: QUERY }),
    });
    const { data, errors } = (await response.json()) as Answer;
    if (!data?.expireTokens) throw new Error(errors?.[0]?.message ?? 'It did not answer.');
    const { expiredCount } = data.expireTokens;
    return { text: `Expired: ${expiredCount}.`, json: { expiredCount } };
  },
};
