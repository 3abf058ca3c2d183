import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWTPayload } from 'jose';

export type Issuer = {
  url: string;
  /** A token of this issuer; claims given here win over the usual ones. */
  sign(claims?: JWTPayload, header?: { alg?: string; kid?: string }): Promise<string>;
  token(user: { id: string; tenant?: string; roles?: string[] }): Promise<string>;
  /** From now on signs with a new key; the old one is published no longer. */
  rotate(): Promise<void>;
  /** How often the key set was asked for. */
  keyRequests(): number;
  stop(): Promise<void>;
};

/**
 * The part of an OpenID provider that a resource server meets: discovery and keys over real HTTP. The development provider is
 * used where a person signs in; this one can also sign what no provider would. `metadata` is what else it says about itself.
 */
export async function startIssuer(metadata: object = {}): Promise<Issuer> {
  let key = await newKey();
  let requests = 0;
  const server = createServer((request, response) => {
    response.setHeader('content-type', 'application/json');
    if (request.url === '/.well-known/openid-configuration') {
      response.end(JSON.stringify({ issuer: url, jwks_uri: `${url}/jwks`, ...metadata }));
      return;
    }
    requests += 1;
    response.end(JSON.stringify({ keys: [key.jwk] }));
  });
  const url = await listen(server);

  const sign: Issuer['sign'] = (claims = {}, header = {}) =>
    new SignJWT({
      iss: url,
      aud: 'latchkey',
      sub: 'somebody',
      exp: Math.floor(Date.now() / 1000) + 3600,
      tenant_id: 'demo',
      roles: ['developer'],
      ...claims,
    })
      .setProtectedHeader({ alg: 'ES256', kid: key.kid, ...header })
      .sign(key.privateKey);

  return {
    url,
    sign,
    token: ({ id, tenant = 'demo', roles = ['developer'] }) =>
      sign({ sub: id, name: `Name of ${id}`, tenant_id: tenant, roles }),
    rotate: async () => {
      key = await newKey();
    },
    keyRequests: () => requests,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

type Key = { privateKey: CryptoKey; kid: string; jwk: object };
let keys = 0;

async function newKey(): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair('ES256');
  const kid = `key-${++keys}`;
  return { privateKey, kid, jwk: { ...(await exportJWK(publicKey)), kid, alg: 'ES256', use: 'sig' } };
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
