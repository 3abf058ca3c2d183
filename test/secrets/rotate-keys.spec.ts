import { generateKeyRing, parseKeyRing, type KeyRing } from '../../src/secrets/key-ring.js';
import { currentOf, currentSigningKey, isRetired } from '../../src/secrets/key-use.js';
import { rotateKeys } from '../../src/secrets/rotate-keys.js';
import { SIGNING_ALGORITHMS } from '../../src/secrets/signing-key.js';

const RING = await generateKeyRing();

describe('signing keys that have retired', () => {
  const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
  const ids = ({ sign }: KeyRing) => sign.map(({ id }) => id);

  it('leave the ring at the next rotation, not before', async () => {
    const first = parseKeyRing(RING);
    const second = await rotateKeys(RING, ['sign'], hours(0), hours(0));
    const early = await rotateKeys(second, ['pepper'], hours(1), hours(1.1));
    expect(ids(parseKeyRing(early, hours(2)))).toEqual(expect.arrayContaining(ids(first)));

    const third = parseKeyRing(await rotateKeys(second, ['sign'], hours(3), hours(2)), hours(2));
    expect(third.sign).toHaveLength(4);
    expect(ids(third).slice(2)).toEqual(ids(parseKeyRing(second)).slice(0, 2));
  });
});

it('a key that waits is overtaken by one that is needed at once, and is never used', async () => {
  const at = (minutes: number) => new Date(Date.now() + minutes * 60_000);
  const prepared = await rotateKeys(RING, ['sign', 'pepper', 'vault', 'evidence'], at(60), at(0));
  const stolen = parseKeyRing(prepared);
  const ring = parseKeyRing(await rotateKeys(prepared, ['sign', 'pepper', 'vault', 'evidence'], at(0), at(0)));

  for (const minutes of [1, 61, 1_000]) {
    for (const part of ['pepper', 'vault', 'evidence'] as const) {
      const current = currentOf(ring[part], at(minutes))!;
      expect(stolen[part].map(({ id }) => id)).not.toContain(current.id);
    }
    for (const alg of SIGNING_ALGORITHMS)
      expect(stolen.sign.map(({ id }) => id)).not.toContain(currentSigningKey({ alg }, ring.sign, at(minutes))!.id);
  }
  expect(ring.pepper).toHaveLength(3);
  const retired = ring.sign.filter((key) => isRetired(key, ring.sign, at(120)));
  expect(retired.map(({ id }) => id).sort()).toEqual(stolen.sign.map(({ id }) => id).sort());
});
