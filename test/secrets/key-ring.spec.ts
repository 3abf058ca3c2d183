import { createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify, type KeyObject } from 'node:crypto';
import { generateKeyRing, parseKeyRing } from '../../src/secrets/key-ring.js';
import { newSigningKey } from '../../src/secrets/signing-key.js';
import { keyNamed } from '../support/keys.js';

const KEY = keyNamed('some key').key.toString('base64');
const OTHER_KEY = keyNamed('some other key').key.toString('base64');
const good = { pepper: [{ id: 'pepper-1', key: KEY }], vault: [{ id: 'vault-1', key: OTHER_KEY }] };

const NOW = new Date('2026-03-02T10:00:00.000Z');
const parse = (ring: unknown) => parseKeyRing(typeof ring === 'string' ? ring : JSON.stringify(ring), NOW);

const pkcs8 = (key: KeyObject) => key.export({ format: 'der', type: 'pkcs8' }).toString('base64');
const privateKeyOf = (text: string) =>
  createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
const SIGNING_KEY = await newSigningKey('ES256');
const GENERATED = await generateKeyRing();

describe('a good key ring', () => {
  it('gives the keys of each purpose as bytes, in their order', () => {
    const ring = parse({ ...good, pepper: [{ id: 'pepper-2', key: OTHER_KEY }, ...good.pepper] });
    expect(ring.pepper.map(({ id }) => id)).toEqual(['pepper-2', 'pepper-1']);
    expect(ring.pepper.map(({ key }) => key.toString('base64'))).toEqual([OTHER_KEY, KEY]);
    expect(ring.vault[0]?.key).toHaveLength(32);
  });

  it('may have its keys in base64 for addresses, and without padding', () => {
    const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 255 - index));
    for (const text of [bytes.toString('base64'), bytes.toString('base64url')])
      expect(parse({ ...good, vault: [{ id: 'v', key: text }] }).vault[0]?.key.equals(bytes)).toBe(true);
  });

  it('says from when on a key is used, in any time zone; without that it is always', () => {
    const next = { id: 'pepper-2', key: OTHER_KEY, usedFrom: '2026-03-02T14:00:00+02:00' };
    const sign = [{ ...SIGNING_KEY, usedFrom: '2026-03-02T10:00:00Z' }];
    const ring = parse({ ...good, pepper: [next, ...good.pepper], sign });
    expect(ring.pepper.map(({ usedFrom }) => usedFrom)).toEqual([new Date('2026-03-02T12:00:00Z'), null]);
    expect(ring.sign[0]?.usedFrom).toEqual(NOW);
  });

  it('may be of a version that signed nothing', () => {
    expect(parse(good)).toMatchObject({ sign: [], evidence: [] });
  });
});

describe('a generated key ring', () => {
  const ring = parse(GENERATED);

  it('has a key for each purpose and algorithm, used at once', () => {
    expect(ring.pepper.map(({ id }) => id)).toEqual(['pepper-1']);
    expect(ring.vault.map(({ id }) => id)).toEqual(['vault-1']);
    expect(ring.sign.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    expect(ring.evidence.map(({ id }) => id)).toEqual(['evidence-1']);
    expect(
      [...ring.pepper, ...ring.vault, ...ring.sign, ...ring.evidence].every(({ usedFrom }) => usedFrom === null),
    ).toBe(true);
    expect(ring.pepper[0]?.key.equals(ring.vault[0]!.key)).toBe(false);
  });

  it('publishes of a signing key what verifies, and nothing that signs', () => {
    const members = ring.sign.map(({ publicJwk }) => Object.keys(publicJwk).toSorted());
    expect(members).toEqual([
      ['alg', 'crv', 'kid', 'kty', 'use', 'x', 'y'],
      ['alg', 'e', 'kid', 'kty', 'n', 'use'],
    ]);
    for (const { id, alg, privateKey, publicJwk } of ring.sign) {
      expect(publicJwk).toMatchObject({ kid: id, alg, use: 'sig' });
      const signature = sign('sha256', Buffer.from('text'), privateKey);
      const publicKey = createPublicKey({ key: publicJwk, format: 'jwk' });
      expect(verify('sha256', Buffer.from('text'), publicKey, signature)).toBe(true);
    }
  });
});

describe('a bad key ring (promise: a weak one stops the start, and the sentence shows nothing of the keys)', () => {
  const pepper = (...keys: unknown[]) => ({ ...good, pepper: keys });
  const signing = (change: object) => ({ ...good, sign: [{ ...SIGNING_KEY, ...change }] });
  const later = '2026-03-02T10:00:00.001Z';

  const p384 = pkcs8(generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey);
  const ed25519 = pkcs8(generateKeyPairSync('ed25519').privateKey);
  const shortRsa = pkcs8(generateKeyPairSync('rsa', { modulusLength: 1_024 }).privateKey);
  const encrypted = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({
    format: 'der',
    type: 'pkcs8',
    cipher: 'aes-256-cbc',
    passphrase: 'x',
  });
  const spki = createPublicKey(privateKeyOf(SIGNING_KEY.key))
    .export({ format: 'der', type: 'spki' })
    .toString('base64');
  const rsa = (JSON.parse(GENERATED) as { sign: { id: string; key: string }[] }).sign[1]!;

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
    { title: 'with an unknown part', ring: { ...good, signing: [] }, says: /none of pepper, vault, sign, evidence/ },
    {
      title: 'with a key as a part',
      ring: { ...good, [KEY]: 'pepper-1' },
      says: /none of pepper, vault, sign, evidence/,
    },
    {
      title: 'with a usedFrom that is a day',
      ring: pepper({ id: 'a', key: KEY, usedFrom: '2026-03-02' }),
      says: /moment/,
    },
    { title: 'with a usedFrom without a zone', ring: signing({ usedFrom: '2026-03-02T10:00:00' }), says: /moment/ },
    { title: 'with a usedFrom that never is', ring: signing({ usedFrom: '2026-02-30T10:00:00Z' }), says: /moment/ },
    { title: 'with a usedFrom that is a key', ring: pepper({ id: 'a', key: KEY, usedFrom: KEY }), says: /moment/ },
    { title: 'with a number as usedFrom', ring: pepper({ id: 'a', key: KEY, usedFrom: 0 }), says: /moment/ },
    { title: 'whose only pepper is for later', ring: pepper({ id: 'a', key: KEY, usedFrom: later }), says: /by now$/ },
    {
      title: 'whose only signing key is for later',
      ring: signing({ usedFrom: later }),
      says: /sign has no key .* by now$/,
    },
    { title: 'with an empty list of signing keys', ring: { ...good, sign: [] }, says: /sign needs at least one key/ },
    { title: 'with a signing key twice', ring: { ...good, sign: [SIGNING_KEY, SIGNING_KEY] }, says: /the same id/ },
    {
      title: 'with an unknown algorithm',
      ring: signing({ alg: 'HS256' }),
      says: /sign\.0\.alg must be one of ES256, RS256/,
    },
    {
      title: 'with a key of P-256 for RS256',
      ring: signing({ alg: 'RS256' }),
      says: /sign\.0\.key must be an RSA key/,
    },
    {
      title: 'with an RSA key for ES256',
      ring: signing({ ...rsa, alg: 'ES256' }),
      says: /sign\.0\.key must be .* P-256/,
    },
    { title: 'with a key on another curve', ring: signing({ key: p384 }), says: /sign\.0\.key must be .* P-256/ },
    { title: 'with a key of another kind', ring: signing({ key: ed25519 }), says: /sign\.0\.key must be .* P-256/ },
    { title: 'with a short RSA key', ring: signing({ alg: 'RS256', key: shortRsa }), says: /at least 2048 bits/ },
    { title: 'with another id than the thumbprint', ring: signing({ id: rsa.id }), says: /whose thumbprint is its id/ },
    { title: 'with a public key', ring: signing({ key: spki }), says: /sign\.0\.key must be a private key/ },
    {
      title: 'with an encrypted key',
      ring: signing({ key: encrypted.toString('base64') }),
      says: /must be a private key/,
    },
    {
      title: 'with a cut-off key',
      ring: signing({ key: SIGNING_KEY.key.slice(0, 80) }),
      says: /must be a private key/,
    },
    { title: 'with a signing key of 32 bytes', ring: signing({ key: KEY }), says: /must be a private key/ },
    { title: 'with a key as PEM', ring: signing({ key: `-----BEGIN PRIVATE KEY-----\n${KEY}` }), says: /private key/ },
  ])('$title is refused', ({ ring, says }) => {
    let sentence = '';
    try {
      parse(ring);
    } catch (error) {
      sentence = (error as Error).message;
    }
    expect(sentence).toMatch(says);
    expect(sentence).toMatch(/^is not (JSON|a good key ring)/);
    const keys = [KEY, OTHER_KEY, SIGNING_KEY.key, p384, shortRsa, rsa.key].map((key) => key.slice(0, 12));
    for (const key of [...keys, '123456789', 'correct horse']) expect(sentence).not.toContain(key);
  });
});
