import { exportJWK, generateKeyPair } from 'jose';
import { basic } from './credentials.js';
import { startService } from './stack.js';

/** `oidc-provider` in memory, in a process of its own, and how its one client authenticates. */
export async function startPeerProvider(env = {}) {
  const { privateKey } = await generateKeyPair('ES256', { extractable: true });
  const key = { ...(await exportJWK(privateKey)), alg: 'ES256', use: 'sig', kid: 'peer' };
  const peer = await startService('bench/support/peer-provider.js', { KEY: JSON.stringify(key), ...env });
  return { ...peer, authorization: basic('bench', 'a-secret-of-the-bench-and-of-nobody-else') };
}
