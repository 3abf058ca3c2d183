import { openNote, parseVerifierKey } from '../../src/audit/evidence/signed-note.js';
import { HeadSigner } from '../../src/audit/head-signer.js';
import type { Settings } from '../../src/config.js';
import { keyNamed, keysOf, ringOf } from '../support/keys.js';

const NOW = new Date('2026-03-02T10:00:00.000Z');
const head = { size: 3, rootHash: keyNamed('root').key };
const signerWith = (ring: ReturnType<typeof ringOf>) =>
  new HeadSigner(
    { publicUrl: 'https://tokens.example.com', port: 3_000 } as Settings,
    keysOf(ring, () => NOW),
  );

describe('a head', () => {
  it('is signed with the key whose time has come last; older ones are still told', () => {
    const later = new Date(NOW.getTime() + 1);
    const evidence = [keyNamed('c', later), keyNamed('b', NOW), keyNamed('a')];
    const signer = signerWith({ ...ringOf(), evidence });
    const { note, publicKey } = signer.sign('acme', head);
    const keys = signer.verifierKeysOf('acme');
    expect(keys[1]).toBe(publicKey);
    expect(keys).toHaveLength(3);
    expect(openNote(note, keys.map(parseVerifierKey)).text).toBe(
      `tokens.example.com/acme\n3\n${head.rootHash.toString('base64')}\n`,
    );
  });

  it('is not signed while the key ring has no key for it, and the sentence names the cure', () => {
    const sign = () => signerWith(ringOf({ evidence: [] })).sign('acme', head);
    expect(sign).toThrow(expect.objectContaining({ code: 'UNAVAILABLE' }) as Error);
    expect(sign).toThrow('Add one with: npm run keys -- rotate evidence');
  });
});
