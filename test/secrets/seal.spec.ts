import { newSecret } from '../../src/secrets/format.js';
import { seal, unseal, type Sealed } from '../../src/secrets/seal.js';
import { keyNamed, keysOf, ringOf } from '../support/keys.js';

const secret = newSecret('lk_sec_');
const CONTEXT = JSON.stringify([1, 'demo', 'app', 'secret']);
const keysNamed = (...vault: string[]) => keysOf(ringOf({ vault }));
const keys = keysNamed('vault-1');

describe('a sealed secret', () => {
  const sealed = seal(secret, CONTEXT, keys);

  it('opens under its key in its context', () => {
    expect(unseal(sealed, CONTEXT, keys)).toBe(secret);
  });

  it('contains no part of the secret (promise: what is stored shows nothing)', () => {
    const stored = Buffer.concat([sealed.wrappedKey, sealed.ciphertext]);
    expect(stored.includes(secret)).toBe(false);
    expect(stored.includes(secret.slice(7, 15))).toBe(false);
  });

  it('is another each time it is sealed: it has a data key and a nonce of its own', () => {
    const again = seal(secret, CONTEXT, keys);
    expect(again.wrappedKey.equals(sealed.wrappedKey)).toBe(false);
    expect(again.ciphertext.equals(sealed.ciphertext)).toBe(false);
    expect(again.ciphertext.subarray(0, 12).equals(sealed.ciphertext.subarray(0, 12))).toBe(false);
  });

  it.each([
    { title: 'of another tenant', context: [1, 'other', 'app', 'secret'] },
    { title: 'of another app', context: [1, 'demo', 'other', 'secret'] },
    { title: 'of another version', context: [1, 'demo', 'app', 'other'] },
    { title: 'of parts that are split otherwise', context: [1, 'demo', 'ap', 'psecret'] },
  ])('does not open in the context $title (promise: a row cannot be moved)', ({ context }) => {
    expect(() => unseal(sealed, JSON.stringify(context), keys)).toThrow();
  });

  it('does not open in no context', () => {
    expect(() => unseal(sealed, '', keys)).toThrow();
  });

  it('does not open under another key of the same name', () => {
    expect(() =>
      unseal(sealed, CONTEXT, keysOf({ ...ringOf(), vault: [{ ...keyNamed('another'), id: 'vault-1' }] })),
    ).toThrow();
  });

  it('does not open under a key that the ring has not, and the sentence names that key', () => {
    expect(() => unseal(sealed, CONTEXT, keysNamed('vault-2'))).toThrow('The key ring has no vault key "vault-1".');
    expect(() => unseal(sealed, CONTEXT, keysNamed())).toThrow('The key ring has no vault key "vault-1".');
  });

  it.each(['wrappedKey', 'ciphertext'] as const)('does not open with one byte of its %s changed', (part) => {
    for (let at = 0; at < sealed[part].length; at += 1) {
      for (const mask of [0x01, 0x80, 0xff]) {
        const bytes = Buffer.from(sealed[part]);
        bytes.writeUInt8(bytes.readUInt8(at) ^ mask, at);
        expect(() => unseal({ ...sealed, [part]: bytes }, CONTEXT, keys)).toThrow();
      }
    }
  });

  it.each(['wrappedKey', 'ciphertext'] as const)('does not open with its %s cut off or prolonged', (part) => {
    const bytes = sealed[part];
    for (let length = 0; length < bytes.length; length += 1) {
      expect(() => unseal({ ...sealed, [part]: bytes.subarray(0, length) }, CONTEXT, keys)).toThrow();
      expect(() => unseal({ ...sealed, [part]: bytes.subarray(bytes.length - length) }, CONTEXT, keys)).toThrow();
    }
    expect(() => unseal({ ...sealed, [part]: Buffer.concat([bytes, Buffer.alloc(1)]) }, CONTEXT, keys)).toThrow();
  });

  it('does not open with the data key of another', () => {
    const { wrappedKey } = seal(secret, CONTEXT, keys);
    expect(() => unseal({ ...sealed, wrappedKey }, CONTEXT, keys)).toThrow();
  });

  it('says nothing of the secret when it does not open (promise: no secret in an error)', () => {
    const broken: Sealed = { ...sealed, ciphertext: Buffer.alloc(sealed.ciphertext.length) };
    try {
      unseal(broken, CONTEXT, keys);
      throw new Error('It opened.');
    } catch (error) {
      expect(String(error)).not.toContain('It opened');
      expect(String(error)).not.toContain(secret.slice(7));
    }
  });
});

describe('a ring with a new key first (promise: a key is replaced without losing a secret)', () => {
  const before = seal(secret, CONTEXT, keysNamed('vault-1'));
  const ring = keysNamed('vault-2', 'vault-1');

  it('still opens what the old key closed', () => {
    expect(unseal(before, CONTEXT, ring)).toBe(secret);
  });

  it('closes what is new with the new key', () => {
    const sealed = seal(secret, CONTEXT, ring);
    expect(sealed.keyId).toBe('vault-2');
    expect(unseal(sealed, CONTEXT, keysNamed('vault-2'))).toBe(secret);
    expect(() => unseal({ ...sealed, keyId: 'vault-1' }, CONTEXT, ring)).toThrow();
  });
});

describe('an empty ring', () => {
  it('seals nothing', () => {
    expect(() => seal(secret, CONTEXT, keysNamed())).toThrow('no vault key');
  });
});

describe('texts of any kind', () => {
  it.each(['', 'é€😀', '\0', 'x'.repeat(100_000)])('come out as they went in (%#)', (text) => {
    expect(unseal(seal(text, CONTEXT, keys), CONTEXT, keys)).toBe(text);
  });
});
