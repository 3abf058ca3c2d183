import { generateKeyRing, newestKey, parseKeyRing } from '../../src/secrets/key-ring.js';
import { keyNamed } from '../support/keys.js';

const KEY = keyNamed('some key').key.toString('base64');
const OTHER_KEY = keyNamed('some other key').key.toString('base64');
const good = { pepper: [{ id: 'pepper-1', key: KEY }], vault: [{ id: 'vault-1', key: OTHER_KEY }] };

const parse = (ring: unknown) => parseKeyRing(typeof ring === 'string' ? ring : JSON.stringify(ring));

describe('a good key ring', () => {
  it('gives the keys of each purpose as bytes, in their order', () => {
    const ring = parse({ ...good, pepper: [{ id: 'pepper-2', key: OTHER_KEY }, ...good.pepper] });
    expect(ring.pepper.map(({ id }) => id)).toEqual(['pepper-2', 'pepper-1']);
    expect(ring.pepper.map(({ key }) => key.toString('base64'))).toEqual([OTHER_KEY, KEY]);
    expect(newestKey(ring.pepper).id).toBe('pepper-2');
    expect(newestKey(ring.vault).key).toHaveLength(32);
  });

  it('may have its keys in base64 for addresses, and without padding', () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
    for (const text of [bytes.toString('base64'), bytes.toString('base64url')])
      expect(newestKey(parse({ ...good, vault: [{ id: 'v', key: text }] }).vault).key.equals(bytes)).toBe(true);
  });
});

describe('a generated key ring', () => {
  it('is a good one, with keys of its own each time', () => {
    const [one, two] = [parseKeyRing(generateKeyRing()), parseKeyRing(generateKeyRing())];
    const keys = [one.pepper, one.vault, two.pepper, two.vault].map((list) => newestKey(list).key.toString('hex'));
    expect(new Set(keys).size).toBe(4);
    expect(keys.every((key) => key.length === 64)).toBe(true);
  });
});

describe('a bad key ring (promise: a weak one stops the start, and the sentence shows nothing of the keys)', () => {
  const pepper = (...keys: unknown[]) => ({ ...good, pepper: keys });

  it.each<{ title: string; ring: unknown; says: RegExp }>([
    { title: 'that is empty', ring: '', says: /is not JSON/ },
    { title: 'that is a bare key', ring: KEY, says: /is not JSON/ },
    { title: 'that is cut off', ring: JSON.stringify(good).slice(0, -5), says: /is not JSON/ },
    { title: 'that is null', ring: 'null', says: /expected object/ },
    { title: 'that is a list', ring: [good], says: /expected object/ },
    { title: 'that is a text', ring: JSON.stringify(KEY), says: /expected object/ },
    { title: 'without anything', ring: {}, says: /pepper/ },
    { title: 'without peppers', ring: { vault: good.vault }, says: /pepper/ },
    { title: 'without vault keys', ring: { pepper: good.pepper }, says: /vault/ },
    { title: 'with no pepper', ring: pepper(), says: /pepper needs at least one key/ },
    { title: 'with no vault key', ring: { ...good, vault: [] }, says: /vault needs at least one key/ },
    { title: 'with keys by name', ring: { ...good, pepper: { 'pepper-1': KEY } }, says: /pepper .*expected array/ },
    { title: 'with bare keys', ring: pepper(KEY), says: /pepper\.0 .*expected object/ },
    { title: 'with a key without an id', ring: pepper({ key: KEY }), says: /pepper\.0\.id/ },
    { title: 'with an empty id', ring: pepper({ id: '', key: KEY }), says: /pepper\.0\.id must be 1 to 50/ },
    { title: 'with a long id', ring: pepper({ id: 'x'.repeat(51), key: KEY }), says: /pepper\.0\.id must be 1 to 50/ },
    { title: 'with a blank in an id', ring: pepper({ id: 'a b', key: KEY }), says: /pepper\.0\.id must be 1 to 50/ },
    { title: 'with a line end after an id', ring: pepper({ id: 'a\n', key: KEY }), says: /pepper\.0\.id must be/ },
    { title: 'with an id and no key', ring: pepper({ id: 'a' }), says: /pepper\.0\.key/ },
    { title: 'with a number as key', ring: pepper({ id: 'a', key: 123456789 }), says: /pepper\.0\.key/ },
    { title: 'with an empty key', ring: pepper({ id: 'a', key: '' }), says: /pepper\.0\.key must be 32 bytes/ },
    { title: 'with a short key', ring: pepper({ id: 'a', key: KEY.slice(0, 42) }), says: /key must be 32 bytes/ },
    { title: 'with a long key', ring: pepper({ id: 'a', key: `AAAA${KEY}` }), says: /key must be 32 bytes/ },
    {
      title: 'with a key in hexadecimal',
      ring: pepper({ id: 'a', key: '0123456789abcdef'.repeat(4) }),
      says: /32 bytes/,
    },
    {
      title: 'with a key and something behind',
      ring: pepper({ id: 'a', key: `${KEY}!!` }),
      says: /32 bytes in base64/,
    },
    { title: 'with a line end in a key', ring: pepper({ id: 'a', key: `${KEY}\n` }), says: /32 bytes in base64/ },
    { title: 'with a passphrase', ring: pepper({ id: 'a', key: 'correct horse battery staple' }), says: /32 bytes/ },
    {
      title: 'with a key of zeros',
      ring: pepper({ id: 'a', key: Buffer.alloc(32).toString('base64') }),
      says: /too weak/,
    },
    {
      title: 'with a key of few different bytes',
      ring: pepper({ id: 'a', key: Buffer.from('abcdefg'.repeat(5).slice(0, 32)).toString('base64') }),
      says: /pepper\.0\.key is too weak/,
    },
    {
      title: 'with two keys of one id',
      ring: pepper({ id: 'a', key: KEY }, { id: 'a', key: OTHER_KEY }),
      says: /pepper has two keys with the same id/,
    },
    {
      title: 'whose second vault key is bad',
      ring: { ...good, vault: [...good.vault, { id: 'v', key: 'AAAA' }] },
      says: /vault\.1\.key must be 32 bytes/,
    },
    { title: 'with an unknown part', ring: { ...good, signing: [] }, says: /neither pepper nor vault/ },
    { title: 'with a key as a part', ring: { ...good, [KEY]: 'pepper-1' }, says: /neither pepper nor vault/ },
  ])('$title is refused', ({ ring, says }) => {
    let sentence = '';
    try {
      parse(ring);
    } catch (error) {
      sentence = (error as Error).message;
    }
    expect(sentence).toMatch(says);
    expect(sentence).toMatch(/^is not (JSON|a good key ring)/);
    for (const key of [KEY, OTHER_KEY, KEY.slice(0, 12), '123456789', 'correct horse'])
      expect(sentence).not.toContain(key);
  });
});

describe('an empty list of keys', () => {
  it('has no newest one', () => {
    expect(() => newestKey([])).toThrow('The key ring is empty.');
  });
});
