import { Pepper } from '../../src/secrets/pepper.js';
import { seal, unseal } from '../../src/secrets/seal.js';
import { aSigningKey, keyNamed, keysOf, ringOf } from '../support/keys.js';

const START = new Date('2026-03-02T10:00:00.000Z');
const MINUTE = 60_000;
const after = (milliseconds: number) => new Date(START.getTime() + milliseconds);

let now: Date;
beforeEach(() => {
  now = START;
});
const movable = { now: () => now };
const ids = (keys: readonly { id: string }[]) => keys.map(({ id }) => id);

describe.each(['pepper', 'vault'] as const)('a %s key with a usedFrom', (part) => {
  const next = keyNamed('next', after(MINUTE));
  const ring = { ...ringOf(), [part]: [next, keyNamed('old')] };
  const keys = keysOf(ring, movable.now);

  it('is known before it is used, and used from exactly that moment (promise: instances learn of a key before it is used)', () => {
    expect(keys.current(part).id).toBe('old');
    expect(keys.find(part, 'next')).toBe(next);
    expect(ids(keys.all(part))).toEqual(['next', 'old']);
    now = after(MINUTE - 1);
    expect(keys.current(part).id).toBe('old');
    now = after(MINUTE);
    expect(keys.current(part).id).toBe('next');
    expect(keys.find(part, 'old')?.id).toBe('old');
  });

  it('opens and matches before it is used what another instance made with it', () => {
    const ahead = keysOf(ring, () => after(MINUTE));
    expect(ahead.current(part)).toBe(next);
    if (part === 'vault') expect(unseal(seal('secret', 'context', ahead), 'context', keys)).toBe('secret');
    else expect(new Pepper(keys).matches('secret', new Pepper(ahead).hash('secret'))).toBe(true);
  });
});

describe('of several keys', () => {
  const current = (...vault: ReturnType<typeof keyNamed>[]) =>
    keysOf({ ...ringOf(), vault }, movable.now).current('vault').id;

  it('the one whose moment came last is used, wherever it stands', () => {
    expect(current(keyNamed('a'), keyNamed('b', after(-2)), keyNamed('c', after(-1)), keyNamed('d', after(1)))).toBe(
      'c',
    );
  });

  it('the first of those with the same moment is used', () => {
    expect(current(keyNamed('a'), keyNamed('b'))).toBe('a');
    expect(current(keyNamed('a', after(-1)), keyNamed('b', after(-1)))).toBe('a');
  });

  it('none is used when no moment has come', () => {
    expect(() => current(keyNamed('a', after(1)))).toThrow('The key ring has no vault key that is used by now.');
  });
});

describe('signing keys', () => {
  it('sign from exactly their moment, each for its algorithm', async () => {
    const [next, old] = [await aSigningKey(after(MINUTE)), await aSigningKey()];
    const keys = keysOf({ ...ringOf(), sign: [next, old] }, movable.now);
    expect(keys.signing('ES256')).toBe(old);
    now = after(MINUTE - 1);
    expect(keys.signing('ES256')).toBe(old);
    now = after(MINUTE);
    expect(keys.signing('ES256')).toBe(next);
    expect(() => keys.signing('RS256')).toThrow('The key ring has no key that signs with RS256 by now.');
  });

  // The longest life of a token, and ten minutes for clocks.
  const RETIRING = 70 * MINUTE;

  it('are published before they sign, and until no token of theirs can be alive', async () => {
    const [next, old] = [await aSigningKey(after(MINUTE)), await aSigningKey()];
    const keys = keysOf({ ...ringOf(), sign: [next, old] }, movable.now);
    for (const moment of [0, MINUTE, MINUTE + RETIRING]) {
      now = after(moment);
      expect(keys.published()).toEqual([next, old]);
    }
    now = after(MINUTE + RETIRING + 1);
    expect(keys.published()).toEqual([next]);
  });

  it('are not retired by one of another algorithm, one that is yet to come, or one of which nobody knows since when', async () => {
    const other = { ...(await aSigningKey(after(0))), alg: 'RS256' as const };
    const sign = [await aSigningKey(after(30 * RETIRING)), other, await aSigningKey(), await aSigningKey()];
    const keys = keysOf({ ...ringOf(), sign }, movable.now);
    now = after(2 * RETIRING);
    expect(keys.published()).toEqual(sign);
  });

  it('stay retired when the next rotation is under way', async () => {
    const sign = [await aSigningKey(after(RETIRING)), await aSigningKey(after(0)), await aSigningKey()];
    const keys = keysOf({ ...ringOf(), sign }, movable.now);
    now = after(RETIRING + 1);
    expect(keys.published()).toEqual(sign.slice(0, 2));
  });
});
