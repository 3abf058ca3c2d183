import { developmentUserIds } from './development-users.js';
import { fetchToken } from './fetch-token.js';

// `npm run token -- dev`: only the token goes to standard output, so that a shell can capture it.
const [user] = process.argv.slice(2);
const { OIDC_ISSUER, PORT } = process.env;

/** An empty setting is like none, as everywhere. */
const given = (setting: string | undefined) => (setting === '' ? undefined : setting);

try {
  if (!user) throw new Error(`Say whose token: npm run token -- ${developmentUserIds.join('|')}`);
  const issuer = given(OIDC_ISSUER) ?? `http://127.0.0.1:${Number(given(PORT) ?? 3000) + 1}`;
  process.stdout.write(`${await fetchToken(issuer.replace(/\/$/, ''), user)}\n`);
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 1;
}
