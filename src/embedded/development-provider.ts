import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
// Not 'oidc-provider' itself, which prints a warning on Node 20 as soon as it is imported.
import { Provider } from 'oidc-provider/lib/provider.js';
import { loadDevelopmentKeys } from './development-keys.js';
import { developmentProviderSettings } from './development-provider-settings.js';
import { developmentUsers, findDevelopmentUser } from './development-users.js';
import { messagePage, type Page, signInPage } from './sign-in-page.js';

export type DevelopmentProvider = { issuer: string; stop(): Promise<void> };

/**
 * Starts an OpenID provider on 127.0.0.1 that lets anybody in as one of three users, without a password. `port` 0 takes a
 * free one; `dataDir` must exist. Throws a sentence in production and when the port is taken.
 */
export async function startDevelopmentProvider(options: {
  port: number;
  dataDir: string;
  audience: string;
  redirectUris: string[];
}): Promise<DevelopmentProvider> {
  if (process.env['NODE_ENV'] === 'production') {
    throw new Error(
      'The development sign-in lets anybody in and does not start with NODE_ENV=production. Set OIDC_ISSUER.',
    );
  }
  const keys = await loadDevelopmentKeys(options.dataDir);
  const server = createServer();
  const host = `127.0.0.1:${await listen(server, options.port)}`;
  const issuer = `http://${host}`;
  const provider = new Provider(issuer, developmentProviderSettings(options.audience, options.redirectUris, keys));
  const answer = provider.callback();
  const origins = [...new Set(options.redirectUris.map((uri) => new URL(uri).origin))];
  server.on('request', (request, response) => {
    // A name that somebody else's DNS points at us must not work: it would make the browser's pages ours.
    if (request.headers.host !== host) return send(response, 421, messagePage('Wrong address', `Use ${issuer}.`));
    if (!request.url?.startsWith('/interaction/')) return void answer(request, response);
    interact(provider, origins, request, response).catch(() => {
      send(response, 400, messagePage('Sign-in expired', 'Go back to the page you came from and sign in again.'));
    });
  });
  return { issuer, stop: () => close(server) };
}

async function interact(
  provider: Provider,
  origins: readonly string[],
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const { prompt } = await provider.interactionDetails(request, response);
  if (prompt.name === 'consent') return provider.interactionFinished(request, response, { consent: {} });
  const user = request.method === 'POST' ? findDevelopmentUser(await chosenUser(request)) : undefined;
  if (user) return provider.interactionFinished(request, response, { login: { accountId: user.id } });
  send(response, 200, signInPage(request.url ?? '', developmentUsers, origins));
}

async function chosenUser(request: IncomingMessage): Promise<string | undefined> {
  return new URLSearchParams(await text(request)).get('user') ?? undefined;
}

function send(response: ServerResponse, status: number, { html, headers }: Page): void {
  response.writeHead(status, headers).end(html);
}

async function listen(server: Server, port: number): Promise<number> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(error.code === 'EADDRINUSE' ? portTaken(port, error) : error),
    );
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  return address && typeof address === 'object' ? address.port : port;
}

function portTaken(port: number, cause: Error): Error {
  return new Error(
    `Port ${port} is taken, so the development sign-in cannot start there. Stop what uses it, choose another PORT, or set OIDC_ISSUER.`,
    { cause },
  );
}

async function close(server: Server): Promise<void> {
  await new Promise((resolve) => {
    server.close(resolve);
    server.closeAllConnections();
  });
}
