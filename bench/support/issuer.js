import { once } from 'node:events';
import { createServer } from 'node:http';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';

/** The part of an OpenID provider that the service meets: discovery, keys, and a token for an administrator. */
export async function startIssuer() {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const key = { ...(await exportJWK(publicKey)), kid: 'bench', alg: 'ES256', use: 'sig' };
  const server = createServer((request, response) => {
    const isDiscovery = request.url === '/.well-known/openid-configuration';
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(isDiscovery ? { issuer: url, jwks_uri: `${url}/jwks` } : { keys: [key] }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${server.address().port}`;

  const token = await new SignJWT({ name: 'Ada', tenant_id: 'demo', roles: ['administrator'] })
    .setProtectedHeader({ alg: 'ES256', kid: key.kid })
    .setIssuer(url)
    .setAudience('latchkey')
    .setSubject('ada')
    .setExpirationTime('1h')
    .sign(privateKey);
  const stop = () =>
    new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    });
  return { url, token, stop };
}
