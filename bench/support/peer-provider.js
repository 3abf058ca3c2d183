import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';

/** `oidc-provider` in memory, with JWT access tokens, as a peer: a client that may introspect and ask for tokens. */
const port = Number(process.env.PORT);
const issuer = `http://127.0.0.1:${port}`;
const provider = new Provider(issuer, {
  clients: [
    {
      client_id: 'bench',
      id_token_signed_response_alg: 'ES256',
      client_secret: 'a-secret-of-the-bench-and-of-nobody-else',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
    },
  ],
  features: {
    clientCredentials: { enabled: true },
    introspection: { enabled: true },
    devInteractions: { enabled: false },
    resourceIndicators: {
      enabled: true,
      defaultResource: () => 'urn:bench',
      getResourceServerInfo: () => ({
        scope: '',
        accessTokenFormat: process.env.FORMAT ?? 'opaque',
        jwt: { sign: { alg: 'ES256' } },
      }),
    },
  },
  jwks: { keys: [JSON.parse(process.env.KEY)] },
  ttl: { ClientCredentials: 3_600 },
});
const handle = provider.callback();
createServer((request, response) =>
  request.url === '/health/ready' ? response.end('{}') : void handle(request, response),
).listen(port, '127.0.0.1');
process.once('SIGTERM', () => process.exit(0));
