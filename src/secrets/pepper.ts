import { Injectable } from '@nestjs/common';
import { createHmac, timingSafeEqual } from 'node:crypto';
import { Settings } from '../config.js';
import { newestKey, type Key } from './key-ring.js';

export type PepperedHash = { hash: string; pepperId: string };

/** HMAC-SHA-256 under a pepper. No slow hash: our secrets have full entropy, there is nothing to guess. */
@Injectable()
export class Pepper {
  readonly #keys: readonly Key[];

  constructor(settings: Settings) {
    this.#keys = settings.keyRing.pepper;
  }

  hash(secret: string): PepperedHash {
    const newest = newestKey(this.#keys);
    return { hash: hmac(newest, secret), pepperId: newest.id };
  }

  /** What the secret may be stored as: under each pepper that is still in the ring. */
  hashes(secret: string): PepperedHash[] {
    return this.#keys.map((key) => ({ hash: hmac(key, secret), pepperId: key.id }));
  }

  matches(secret: string, stored: PepperedHash): boolean {
    const key = this.#keys.find(({ id }) => id === stored.pepperId);
    if (!key) return false;
    const expected = Buffer.from(stored.hash, 'base64url');
    const given = Buffer.from(hmac(key, secret), 'base64url');
    return expected.length === given.length && timingSafeEqual(expected, given);
  }
}

const hmac = ({ key }: Key, secret: string) => createHmac('sha256', key).update(secret).digest('base64url');
