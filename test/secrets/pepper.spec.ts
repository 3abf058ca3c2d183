import { createHmac } from 'node:crypto';
import { newSecret } from '../../src/secrets/format.js';
import { Pepper } from '../../src/secrets/pepper.js';
import { keyNamed, keysOf, ringOf } from '../support/keys.js';

const pepperOf = (...ids: string[]) => new Pepper(keysOf(ringOf({ pepper: ids })));
const secret = newSecret('lk_pat_');

describe('one pepper in the ring', () => {
  const pepper = pepperOf('pepper-1');

  it('hashes by HMAC-SHA-256 under it', () => {
    const expected = createHmac('sha256', keyNamed('pepper-1').key).update(secret).digest('base64url');
    expect(pepper.hash(secret)).toEqual({ hash: expected, pepperId: 'pepper-1' });
    expect(pepper.hashes(secret)).toEqual([pepper.hash(secret)]);
  });

  it('shows nothing of the secret (promise: nothing that is stored gives a secret away)', () => {
    const { hash } = pepper.hash(secret);
    expect(Buffer.from(hash, 'base64url')).toHaveLength(32);
    expect(hash).not.toContain(secret.slice(-8));
  });

  it('matches the secret and no other', () => {
    const stored = pepper.hash(secret);
    expect(pepper.matches(secret, stored)).toBe(true);
    expect(pepper.matches(newSecret('lk_pat_'), stored)).toBe(false);
    expect(pepper.matches(`${secret}\n`, stored)).toBe(false);
    expect(pepper.matches('', stored)).toBe(false);
  });

  it('matches no hash of an unknown pepper, even if it is the right one by chance', () => {
    expect(pepper.matches(secret, { ...pepper.hash(secret), pepperId: 'pepper-0' })).toBe(false);
  });
});

describe('two peppers in the ring (promise: a pepper is replaced without stopping a credential)', () => {
  const before = pepperOf('pepper-1');
  const during = pepperOf('pepper-2', 'pepper-1');
  const after = pepperOf('pepper-2');

  it('hashes what is new under the first', () => {
    expect(during.hash(secret)).toEqual(after.hash(secret));
    expect(during.hash(secret).pepperId).toBe('pepper-2');
  });

  it('matches what was hashed before', () => {
    expect(during.matches(secret, before.hash(secret))).toBe(true);
  });

  it('looks for a secret under both', () => {
    expect(during.hashes(secret)).toEqual([after.hash(secret), before.hash(secret)]);
  });

  it('does not take the hash of one for that of the other', () => {
    expect(during.matches(secret, { ...before.hash(secret), pepperId: 'pepper-2' })).toBe(false);
  });

  it('matches nothing of the old one once that has left the ring', () => {
    expect(after.matches(secret, before.hash(secret))).toBe(false);
  });
});

describe('a pepper whose moment is yet to come (promise: instances may be ahead of each other)', () => {
  const moment = new Date('2026-03-02T10:00:00.000Z');
  const ring = { ...ringOf(), pepper: [keyNamed('pepper-2', moment), keyNamed('pepper-1')] };
  const behind = new Pepper(keysOf(ring, () => new Date(moment.getTime() - 1)));
  const ahead = new Pepper(keysOf(ring, () => moment));

  it('hashes nothing before, everything new from then on', () => {
    expect(behind.hash(secret).pepperId).toBe('pepper-1');
    expect(ahead.hash(secret).pepperId).toBe('pepper-2');
  });

  it('matches, and is looked for, before and after', () => {
    for (const pepper of [behind, ahead]) {
      expect(pepper.matches(secret, behind.hash(secret))).toBe(true);
      expect(pepper.matches(secret, ahead.hash(secret))).toBe(true);
      expect(pepper.hashes(secret)).toEqual([ahead.hash(secret), behind.hash(secret)]);
    }
  });
});

describe('a stored hash that is damaged', () => {
  const pepper = pepperOf('pepper-1');
  const { hash, pepperId } = pepper.hash(secret);

  it.each([
    { title: 'empty', damaged: '' },
    { title: 'cut off', damaged: hash.slice(0, -4) },
    { title: 'a beginning of the right one', damaged: hash.slice(0, 4) },
    { title: 'longer than it should be', damaged: `${hash}AAAA` },
    { title: 'no base64', damaged: '*'.repeat(43) },
    { title: 'in hexadecimal', damaged: Buffer.from(hash, 'base64url').toString('hex') },
  ])('matches nothing and breaks nothing: $title', ({ damaged }) => {
    expect(pepper.matches(secret, { hash: damaged, pepperId })).toBe(false);
  });
});
