import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { sha256 } from './merkle.js';

// Notes signed with Ed25519: https://c2sp.org/signed-note

/** Says which key signed: a name without spaces and `+`, and the bytes of an Ed25519 public key. */
export type VerifierKey = { readonly name: string; readonly publicKey: Buffer };

const ED25519 = Buffer.of(1);
const ID_BYTES = 4;
const SEED_DER = Buffer.from('302e020100300506032b657004220420', 'hex');
const PUBLIC_DER = Buffer.from('302a300506032b6570032100', 'hex');
const NAME = /^[^\s+]+$/u;
const VERIFIER_KEY = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;
const SIGNATURE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const MOST_SIGNATURES = 100;

/** A text that ends with a line end becomes a note. `seed`: 32 bytes, the private key of https://www.rfc-editor.org/rfc/rfc8032 */
export function signNote(text: string, name: string, seed: Buffer): string {
  if (!NAME.test(name)) throw new Error('The name of a key has no spaces and no +.');
  const key = { name, publicKey: publicKeyOf(seed) };
  const signature = sign(null, Buffer.from(text), privateKeyOf(seed));
  return `${text}\n— ${name} ${Buffer.concat([idOf(key), signature]).toString('base64')}\n`;
}

/** The text of a note that one of the keys has signed, and that key. Throws a sentence when none has, or one of them did not sign this. */
export function openNote(note: string, keys: readonly VerifierKey[]): { text: string; key: VerifierKey } {
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const lines = note.slice(end + 2).split('\n');
  if (end < 0 || lines.pop() !== '' || lines.length === 0) throw new Error('It is no signed note.');
  if (lines.length > MOST_SIGNATURES) throw new Error('The note has too many signatures.');
  if (/[^\P{Cc}\n]/u.test(note)) throw new Error('The note has control characters.');

  let signer: VerifierKey | undefined;
  for (const line of lines) {
    const [, name, encoded = ''] = SIGNATURE.exec(line) ?? [];
    const bytes = Buffer.from(encoded, 'base64');
    if (name === undefined || bytes.length <= ID_BYTES) throw new Error('The note has a signature line that is none.');
    const key = keys.find((each) => each.name === name && idOf(each).equals(bytes.subarray(0, ID_BYTES)));
    // Others may have signed as well: who knows their keys can look.
    if (!key) continue;
    if (!verify(null, Buffer.from(text), publicKeyObject(key), bytes.subarray(ID_BYTES)))
      throw new Error(`The signature of ${name} does not fit the note.`);
    signer ??= key;
  }
  if (!signer) throw new Error('The note is not signed with the key given.');
  return { text, key: signer };
}

export const writeVerifierKey = (key: VerifierKey): string =>
  `${key.name}+${idOf(key).toString('hex')}+${Buffer.concat([ED25519, key.publicKey]).toString('base64')}`;

/** Throws a sentence when it is none. */
export function parseVerifierKey(text: string): VerifierKey {
  const [, name, id, encoded = ''] = VERIFIER_KEY.exec(text) ?? [];
  const bytes = Buffer.from(encoded, 'base64');
  if (name === undefined || bytes.length !== 33 || bytes[0] !== 1)
    throw new Error('It is no Ed25519 verifier key: name+hash+key.');
  const key = { name, publicKey: bytes.subarray(1) };
  if (idOf(key).toString('hex') !== id)
    throw new Error('The hash in the verifier key is not that of its name and key.');
  return key;
}

export const publicKeyOf = (seed: Buffer): Buffer =>
  createPublicKey(privateKeyOf(seed)).export({ format: 'der', type: 'spki' }).subarray(PUBLIC_DER.length);

const idOf = ({ name, publicKey }: VerifierKey): Buffer =>
  sha256(Buffer.concat([Buffer.from(`${name}\n`), ED25519, publicKey])).subarray(0, ID_BYTES);

const privateKeyOf = (seed: Buffer): KeyObject =>
  createPrivateKey({ key: Buffer.concat([SEED_DER, seed]), format: 'der', type: 'pkcs8' });

const publicKeyObject = ({ publicKey }: VerifierKey): KeyObject =>
  createPublicKey({ key: Buffer.concat([PUBLIC_DER, publicKey]), format: 'der', type: 'spki' });
