import fc from 'fast-check';
import {
  clientIdOf,
  hintOf,
  identifierOf,
  isWellFormed,
  newSecret,
  SECRET_PATTERN,
  withChecksum,
  type SecretPrefix,
} from '../../src/secrets/format.js';

/** Whatever a text can hold, NUL and halves of pairs included. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY = 'Kq3ZtW9sVb1NfYx7RmEaPd5HuCj2LgTo8iXkBv6nQwM';
const prefixes: SecretPrefix[] = ['lk_pat_', 'lk_sec_'];
const other = (prefix: SecretPrefix): SecretPrefix => (prefix === 'lk_pat_' ? 'lk_sec_' : 'lk_pat_');

// Worked out by hand in the description of the format, not by this code.
const vectors: { prefix: SecretPrefix; body: string; checksum: string }[] = [
  { prefix: 'lk_pat_', body: '0'.repeat(43), checksum: '1xjI4E' },
  { prefix: 'lk_pat_', body: BODY, checksum: '0BR0n6' },
  { prefix: 'lk_sec_', body: BODY, checksum: '23AxF8' },
];

describe('the checksum', () => {
  it.each(vectors)('of $prefix$body is $checksum', ({ prefix, body, checksum }) => {
    expect(withChecksum(prefix + body)).toBe(prefix + body + checksum);
    expect(isWellFormed(prefix + body + checksum, prefix)).toBe(true);
  });
});

describe.each(prefixes)('a secret with %s', (prefix) => {
  const secret = newSecret(prefix);

  it('is well formed as new, and has the published pattern', () => {
    for (let i = 0; i < 200; i += 1) {
      const each = newSecret(prefix);
      expect(isWellFormed(each, prefix)).toBe(true);
      expect(each).toMatch(new RegExp(`^${SECRET_PATTERN.source}$`));
    }
  });

  it('is found by the published pattern in the middle of a line', () => {
    expect(`Authorization: Bearer ${secret}\n`).toMatch(SECRET_PATTERN);
    expect(`token="${secret}"`).toMatch(SECRET_PATTERN);
    // In JSON and in addresses a letter may stand before it.
    expect(`\\n${secret}%0A`).toMatch(SECRET_PATTERN);
    expect(`${secret}x`).not.toMatch(SECRET_PATTERN);
  });

  it('is not one of the other kind, nor after its prefix was swapped', () => {
    expect(isWellFormed(secret, other(prefix))).toBe(false);
    expect(isWellFormed(secret.replace(prefix, other(prefix)), other(prefix))).toBe(false);
  });

  // One `expect` for all: thousands of them take seconds.
  const wellFormedAmong = (texts: string[]) => texts.filter((text) => isWellFormed(text, prefix));
  const positions = Array.from({ length: secret.length }, (_, at) => at);

  it('is not well formed with any one character changed', () => {
    const changed = positions.flatMap((at) =>
      [...`${ALPHABET}_-`].map((character) => secret.slice(0, at) + character + secret.slice(at + 1)),
    );
    expect(changed).toHaveLength(secret.length * 64);
    expect(wellFormedAmong(changed.filter((text) => text !== secret))).toEqual([]);
  });

  it('is not well formed with two neighbours exchanged', () => {
    const exchanged = positions.map(
      (at) => secret.slice(0, at) + secret.charAt(at + 1) + secret.charAt(at) + secret.slice(at + 2),
    );
    expect(wellFormedAmong(exchanged.filter((text) => text !== secret))).toEqual([]);
  });

  it('is not well formed when it is cut off anywhere', () => {
    expect(wellFormedAmong(positions.map((length) => secret.slice(0, length)))).toEqual([]);
  });

  it.each([
    { title: 'in upper case', text: secret.toUpperCase() },
    { title: 'in lower case', text: secret.toLowerCase() },
    { title: 'with an upper-case prefix', text: prefix.toUpperCase() + secret.slice(prefix.length) },
    { title: 'with a line end', text: `${secret}\n` },
    { title: 'with a space before', text: ` ${secret}` },
    { title: 'with a line end in place of its last character', text: `${secret.slice(0, -1)}\n` },
    { title: 'with a NUL behind', text: `${secret}\0` },
    { title: 'with a NUL within', text: `${secret.slice(0, 20)}\0${secret.slice(21)}` },
    { title: 'twice', text: secret + secret },
    { title: 'a megabyte long', text: prefix + '0'.repeat(1_000_000) },
    { title: 'with nothing behind its prefix', text: prefix },
    { title: 'with nothing at all', text: '' },
    // A checksum proves nothing about what it was made over.
    { title: 'with a right checksum over what is no base62', text: withChecksum(prefix + '\0'.repeat(43)) },
    { title: 'with a right checksum over blanks', text: withChecksum(prefix + ' '.repeat(43)) },
    { title: 'with a right checksum over other letters', text: withChecksum(prefix + 'é'.repeat(43)) },
    { title: 'with a right checksum over too few characters', text: withChecksum(prefix + '0'.repeat(42)) },
  ])('is not well formed $title', ({ text }) => {
    expect(isWellFormed(text, prefix)).toBe(false);
  });

  it('is no text that somebody might send', () => {
    fc.assert(fc.property(fc.string({ unit: anyUnit }), (text) => !isWellFormed(text, prefix)));
    fc.assert(fc.property(fc.string({ unit: anyUnit }), (text) => !isWellFormed(prefix + text, prefix)));
  });

  it('gives away no more than the end of its checksum as a hint', () => {
    expect(hintOf(secret)).toBe(secret.slice(-4));
    expect(hintOf(secret)).toHaveLength(4);
  });
});

describe('new secrets (promise: 256 random bits, nothing to guess)', () => {
  const AMOUNT = 5_000;
  const bodies = Array.from({ length: AMOUNT }, () => newSecret('lk_sec_').slice('lk_sec_'.length, -6));

  it('are never the same', () => {
    expect(new Set(bodies).size).toBe(AMOUNT);
  });

  it('have 43 characters of 62, which hold 256 bits', () => {
    expect(bodies.every((body) => /^[0-9A-Za-z]{43}$/.test(body))).toBe(true);
    expect(43 * Math.log2(62)).toBeGreaterThan(256);
  });

  it('use all characters evenly', () => {
    const counts = new Map<string, number>();
    for (const character of bodies.join('')) counts.set(character, (counts.get(character) ?? 0) + 1);
    const expected = (AMOUNT * 43) / 62;
    // Ten standard deviations: chance does not get there; a byte modulo 62 is 12 beyond its mark for eight of the characters.
    const most = 10 * Math.sqrt(expected);
    for (const character of ALPHABET) expect(Math.abs((counts.get(character) ?? 0) - expected)).toBeLessThan(most);
  });

  it('begin with any character', () => {
    expect(new Set(bodies.map((body) => body[0])).size).toBe(62);
  });
});

describe('the public name of an app or a token', () => {
  it.each([
    { uuid: '00000000-0000-0000-0000-000000000000', digits: '0'.repeat(22) },
    { uuid: '00000000-0000-0000-0000-00000000003d', digits: `${'0'.repeat(21)}z` },
    { uuid: '00000000-0000-0000-0000-00000000003e', digits: `${'0'.repeat(20)}10` },
    // 2^128 - 1 in base 62.
    { uuid: 'ffffffff-ffff-ffff-ffff-ffffffffffff', digits: '7n42DGM5Tflk9n8mt7Fhc7' },
  ])('is $digits for $uuid', ({ uuid, digits }) => {
    expect(clientIdOf(uuid)).toBe(`lk_app_${digits}`);
    expect(identifierOf(uuid)).toBe(`lk_id_${digits}`);
  });

  it('can be read back, so that no two are the same', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 128n - 1n }), (number) => {
        const uuid = number
          .toString(16)
          .padStart(32, '0')
          .replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
        const digits = clientIdOf(uuid).slice('lk_app_'.length);
        expect(digits).toMatch(/^[0-9A-Za-z]{22}$/);
        expect([...digits].reduce((value, digit) => value * 62n + BigInt(ALPHABET.indexOf(digit)), 0n)).toBe(number);
      }),
    );
  });

  it('is the same in either letter case of the id', () => {
    const uuid = 'abcdefab-cdef-4abc-8def-abcdefabcdef';
    expect(clientIdOf(uuid.toUpperCase())).toBe(clientIdOf(uuid));
  });

  it('authenticates nobody (promise)', () => {
    const uuid = '11111111-1111-4111-8111-111111111111';
    for (const name of [identifierOf(uuid), clientIdOf(uuid)]) {
      expect(prefixes.some((prefix) => isWellFormed(name, prefix))).toBe(false);
      expect(name).not.toMatch(SECRET_PATTERN);
    }
  });
});
