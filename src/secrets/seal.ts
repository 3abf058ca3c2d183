import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { Keys } from './keys.js';

/** A secret under a data key of its own, and that key under a key of the ring. */
export type Sealed = { keyId: string; wrappedKey: Buffer; ciphertext: Buffer };

const ALGORITHM = 'aes-256-gcm';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `context` is bound to the result: opened under another context it fails. */
export function seal(secret: string, context: string, keys: Keys): Sealed {
  const dataKey = randomBytes(32);
  const ringKey = keys.current('vault');
  return {
    keyId: ringKey.id,
    wrappedKey: encrypt(dataKey, ringKey.key, context),
    ciphertext: encrypt(Buffer.from(secret), dataKey, context),
  };
}

export function unseal({ keyId, wrappedKey, ciphertext }: Sealed, context: string, keys: Keys): string {
  const ringKey = keys.find('vault', keyId);
  if (!ringKey) throw new Error(`The key ring has no vault key "${keyId}".`);
  return decrypt(ciphertext, decrypt(wrappedKey, ringKey.key, context), context).toString();
}

export function encrypt(plain: Buffer, key: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(Buffer.from(context));
  return Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
}

/** Throws when it was made with another key, in another context, or changed. */
export function decrypt(sealed: Buffer, key: Buffer, context: string): Buffer {
  const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES })
    .setAAD(Buffer.from(context))
    .setAuthTag(sealed.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES, -TAG_BYTES)), decipher.final()]);
}
