import { createHash } from 'node:crypto';
import { Settings } from '../../src/config.js';
import type { Key, KeyRing } from '../../src/secrets/key-ring.js';
import { Keys } from '../../src/secrets/keys.js';
import { newSigningKey, openSigningKey, type SigningKey } from '../../src/secrets/signing-key.js';

/** A key that is the same in every run, and another for each id. */
export const keyNamed = (id: string, usedFrom: Date | null = null): Key => ({
  id,
  key: createHash('sha256').update(id).digest(),
  usedFrom,
});

export async function aSigningKey(usedFrom: Date | null = null): Promise<SigningKey> {
  return { ...openSigningKey(await newSigningKey('ES256')), usedFrom };
}

export const ringOf = ({
  pepper = ['pepper-1'],
  vault = ['vault-1'],
  evidence = ['evidence-1'],
}: { pepper?: string[]; vault?: string[]; evidence?: string[] } = {}): KeyRing => ({
  pepper: pepper.map((id) => keyNamed(id)),
  vault: vault.map((id) => keyNamed(id)),
  sign: [],
  evidence: evidence.map((id) => keyNamed(id)),
});

/** Settings of which a spec needs only the keys. */
export const settingsWith = (keyRing: KeyRing, keyRingFile: string | null = null) =>
  new Settings({ keyRing, keyRingFile, accessTokenAlgorithm: 'ES256' } as ConstructorParameters<typeof Settings>[0]);

export const keysOf = (keyRing: KeyRing, now = () => new Date()) => new Keys(settingsWith(keyRing), { now });
