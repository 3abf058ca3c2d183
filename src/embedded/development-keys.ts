import { generateKeyPairSync, type JsonWebKey, randomBytes, randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { readFileIfExists, writePrivateFile } from './private-file.js';

export type DevelopmentKeys = { jwks: { keys: JsonWebKey[] }; cookieKeys: string[] };

/** Reads the keys of the development provider, or makes them once: tokens and sign-ins outlive a restart. */
export async function loadDevelopmentKeys(dataDir: string): Promise<DevelopmentKeys> {
  const path = join(dataDir, 'development-provider.json');
  const text = await readFileIfExists(path);
  if (text) return parse(text, path);
  const keys = generate();
  await writePrivateFile(path, JSON.stringify(keys, null, 2));
  return keys;
}

function parse(text: string, path: string): DevelopmentKeys {
  try {
    return JSON.parse(text) as DevelopmentKeys;
  } catch (error) {
    throw new Error(`${path} is not JSON. Delete it to have new keys made.`, { cause: error });
  }
}

function generate(): DevelopmentKeys {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const key = { ...privateKey.export({ format: 'jwk' }), kid: randomUUID(), use: 'sig', alg: 'ES256' };
  return { jwks: { keys: [key] }, cookieKeys: [randomBytes(32).toString('base64url')] };
}
