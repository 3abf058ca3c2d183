import { LONGEST_TOKEN_LIFETIME } from '../config.js';
import { isUsed } from './key-ring.js';
import type { SigningKey } from './signing-key.js';

type Used = { readonly usedFrom: Date | null };

/** How far the clocks of two machines may be apart. */
const CLOCK_TOLERANCE = 10 * 60_000;

/** The one that what is new uses: of those whose time has come the last, of several such the first in the ring. */
export function currentOf<Each extends Used>(keys: readonly Each[], now: Date): Each | undefined {
  return keys.filter((key) => isUsed(key, now)).toSorted((a, b) => startOf(b) - startOf(a))[0];
}

export const currentSigningKey = ({ alg }: Pick<SigningKey, 'alg'>, keys: readonly SigningKey[], now: Date) =>
  currentOf(
    keys.filter((key) => key.alg === alg),
    now,
  );

/**
 * Whether no token that it signed can be alive: a successor has signed for longer than any token lives. A successor without
 * `usedFrom` retires nothing, since nobody knows how long it has been there.
 */
export function isRetired(key: SigningKey, keys: readonly SigningKey[], now: Date): boolean {
  const then = new Date(now.getTime() - LONGEST_TOKEN_LIFETIME - CLOCK_TOLERANCE - 1);
  const successor = currentSigningKey(key, keys, then);
  return isUsed(key, then) && successor !== key && successor?.usedFrom !== null;
}

export type KeyState = 'next' | 'in use' | 'kept' | 'retired';

/** Each with the keys that it takes over from, and that take over from it. */
export function stateOf<Each extends Used>(key: Each, keys: readonly Each[], now: Date): KeyState {
  if (!isUsed(key, now)) return 'next';
  return currentOf(keys, now) === key ? 'in use' : 'kept';
}

export function stateOfSigningKey(key: SigningKey, keys: readonly SigningKey[], now: Date): KeyState {
  if (isRetired(key, keys, now)) return 'retired';
  return stateOf(
    key,
    keys.filter(({ alg }) => alg === key.alg),
    now,
  );
}

const startOf = ({ usedFrom }: Used) => usedFrom?.getTime() ?? 0;
