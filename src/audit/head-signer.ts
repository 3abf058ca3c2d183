import { Injectable } from '@nestjs/common';
import type { Head } from '../../projections/evidence.js';
import { publicUrlOf, Settings } from '../config.js';
import { DomainError } from '../domain-error.js';
import { Keys } from '../secrets/keys.js';
import { originOf, writeCheckpoint } from './evidence/checkpoint.js';
import { publicKeyOf, signNote, writeVerifierKey } from './evidence/signed-note.js';

export type SignedHead = { size: number; rootHash: string; note: string; publicKey: string };

/** Signs the heads of the tenants' trees with the key of the ring. */
@Injectable()
export class HeadSigner {
  constructor(
    private readonly settings: Settings,
    private readonly keys: Keys,
  ) {}

  /** Throws UNAVAILABLE when there is no key. */
  sign(tenantId: string, { size, rootHash }: Head): SignedHead {
    const key = this.keys.evidence();
    if (!key)
      throw new DomainError(
        'UNAVAILABLE',
        'KEY_RING has no key that signs evidence by now. Add one with: npm run keys -- rotate evidence',
      );
    const origin = this.#originOf(tenantId);
    return {
      size,
      rootHash: rootHash.toString('base64'),
      note: signNote(writeCheckpoint({ origin, size, rootHash }), origin, key.key),
      publicKey: writeVerifierKey({ name: origin, publicKey: publicKeyOf(key.key) }),
    };
  }

  /** The verifier keys of a tenant's notes, the old ones too. */
  verifierKeysOf(tenantId: string): string[] {
    const name = this.#originOf(tenantId);
    return this.keys.all('evidence').map(({ key }) => writeVerifierKey({ name, publicKey: publicKeyOf(key) }));
  }

  #originOf(tenantId: string): string {
    return originOf(publicUrlOf(this.settings), tenantId);
  }
}
