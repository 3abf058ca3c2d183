import { generateKeyRing, parseKeyRing, type KeyRing } from '../../src/secrets/key-ring.js';
import { rotateKeys } from '../../src/secrets/rotate-keys.js';

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
