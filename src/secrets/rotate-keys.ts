import {
  newKey,
  parseKeyRing,
  signsWith,
  writeKeyRing,
  type Part,
  type PlainPart,
  type WrittenKeyRing,
} from './key-ring.js';
import { isRetired } from './key-use.js';
import { newSigningKey, SIGNING_ALGORITHMS } from './signing-key.js';

/**
 * A ring with a new key in front of each of the parts, to be used from `usedFrom` on: instances get to know it before one of them
 * uses it. Where nothing signs yet, with an algorithm or heads, the key is used at once. Signing keys that have retired are dropped; every
 * other key stays. One that waits for a later moment is overtaken: what was prepared before is not to follow upon the new key.
 */
export async function rotateKeys(text: string, parts: readonly Part[], usedFrom: Date, now: Date): Promise<string> {
  const { ring, written } = read(text, now);
  const from = { usedFrom: usedFrom.toISOString() };
  // Of keys that are used from the same moment on, the first is.
  const overtaken = <Written extends { usedFrom?: string | undefined }>(key: Written): Written =>
    key.usedFrom !== undefined && new Date(key.usedFrom) > usedFrom ? { ...key, ...from } : key;
  const rotated = (part: PlainPart) => {
    const keys = written[part] ?? [];
    if (!parts.includes(part)) return keys;
    const key = newKey(nextId(part, keys));
    return [keys.length > 0 ? { ...key, ...from } : key, ...keys.map(overtaken)];
  };

  const added = parts.includes('sign') ? await Promise.all(SIGNING_ALGORITHMS.map(newSigningKey)) : [];
  const retired = ring.sign.filter((key) => isRetired(key, ring.sign, now)).map(({ id }) => id);
  const sign = [
    ...added.map((key) => (signsWith(ring, key.alg, now) ? { ...key, ...from } : key)),
    ...(written.sign ?? [])
      .filter(({ id }) => !retired.includes(id))
      .map((key) => (parts.includes('sign') ? overtaken(key) : key)),
  ];
  const evidence = rotated('evidence');
  return writeKeyRing({
    pepper: rotated('pepper'),
    vault: rotated('vault'),
    ...(sign.length > 0 && { sign }),
    ...(evidence.length > 0 && { evidence }),
  });
}

/** Gives a ring that an older version wrote what signs. */
export async function addMissingKeys(text: string, now: Date): Promise<string> {
  const { ring, written } = read(text, now);
  const missing = SIGNING_ALGORITHMS.filter((alg) => !signsWith(ring, alg, now));
  const added = await Promise.all(missing.map(newSigningKey));
  return writeKeyRing({
    ...written,
    sign: [...added, ...(written.sign ?? [])],
    evidence: written.evidence ?? [newKey('evidence-1')],
  });
}

function read(text: string, now: Date) {
  const ring = parseKeyRing(text, now);
  return { ring, written: JSON.parse(text) as WrittenKeyRing };
}

/** Beyond the highest number: the lower ones may have been those of keys that are no longer in the ring. */
function nextId(part: Part, keys: readonly { id: string }[]): string {
  const numbers = keys.map(({ id }) => Number(new RegExp(`^${part}-(\\d{1,9})$`).exec(id)?.[1] ?? 0));
  return `${part}-${Math.max(0, ...numbers) + 1}`;
}
