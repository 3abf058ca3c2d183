import { createHash } from 'node:crypto';
import { Settings } from '../../src/config.js';
import type { Key, KeyRing } from '../../src/secrets/key-ring.js';

/** A key that is the same in every run, and another for each id. */
export const keyNamed = (id: string): Key => ({ id, key: createHash('sha256').update(id).digest() });

export const ringOf = ({
  pepper = ['pepper-1'],
  vault = ['vault-1'],
}: { pepper?: string[]; vault?: string[] } = {}) => ({
  pepper: pepper.map(keyNamed),
  vault: vault.map(keyNamed),
});

/** Settings of which a spec needs only the keys. */
export const settingsWith = (keyRing: KeyRing) =>
  new Settings({ keyRing } as ConstructorParameters<typeof Settings>[0]);
