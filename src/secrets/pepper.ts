import { Injectable } from '@nestjs/common';
import { hash, timingSafeEqual } from 'node:crypto';
import type { Key } from './key-ring.js';
import { Keys } from './keys.js';

export type PepperedHash = { hash: string; pepperId: string };

/** HMAC-SHA-256 under a pepper. No slow hash: our secrets have full entropy, there is nothing to guess. */
@Injectable()
export class Pepper {
  constructor(private readonly keys: Keys) {}

  hash(secret: string): PepperedHash {
    const current = this.keys.current('pepper');
    return { hash: hmac(current, secret), pepperId: current.id };
  }

  /** What the secret may be stored as: under each pepper of the ring, since another instance may use the next one already. */
  hashes(secret: string): PepperedHash[] {
    return this.keys.all('pepper').map((key) => ({ hash: hmac(key, secret), pepperId: key.id }));
  }

  /** Whether the secret is stored as one of these. As much is hashed whatever is stored, and the comparison takes constant time. */
  matches(secret: string, ...stored: PepperedHash[]): boolean {
    const given = this.hashes(secret);
    return stored.some(({ hash, pepperId }) => {
      const candidate = given.find((each) => each.pepperId === pepperId);
      return candidate !== undefined && isEqual(candidate.hash, hash);
    });
  }
}

function isEqual(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/**
 * HMAC-SHA-256 (RFC 2104) for keys of up to a block, as its two hashes: an `Hmac` object of Node's lives on until it is collected,
 * which shows in a process that makes thousands a second.
 */
function hmac(key: Key, secret: string): string {
  const { inner, outer } = padded(key);
  // As text, since the memory of a buffer that is handed over is given back late.
  const digest = Buffer.from(hash('sha256', Buffer.concat([inner, Buffer.from(secret)]), 'binary'), 'binary');
  return hash('sha256', Buffer.concat([outer, digest]), 'base64url');
}

const BLOCK_BYTES = 64;
const made = new WeakMap<Key, { inner: Uint8Array; outer: Uint8Array }>();

function padded(key: Key) {
  const known = made.get(key);
  if (known) return known;
  const block = Buffer.concat([key.key], BLOCK_BYTES);
  const pads = { inner: block.map((byte) => byte ^ 0x36), outer: block.map((byte) => byte ^ 0x5c) };
  made.set(key, pads);
  return pads;
}
