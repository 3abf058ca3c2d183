import { strings } from '../strings.js';
import { base64Of, bytesOf, sha256, type Head } from './evidence.js';

const VERIFIER_KEY = /^([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]+={0,2})$/u;
const SIGNATURE = /^— ([^\s+]+) ([A-Za-z0-9+/]+={0,2})$/u;
const ID_BYTES = 4;
const ED25519 = 1;

const { badNote, badSignature, noEd25519 } = strings.audit.verify;

/** The head that a note tells of, once the key has proved to have signed it. Throws a sentence. */
export async function openSignedHead(note: string, verifierKey: string): Promise<Head> {
  const [, name = '', , encodedKey = ''] = VERIFIER_KEY.exec(verifierKey) ?? [];
  const key = encodedKey ? bytesOf(encodedKey) : new Uint8Array();
  const end = note.lastIndexOf('\n\n');
  const text = note.slice(0, end + 1);
  const [origin, size, root] = text.split('\n');
  if (end < 0 || key[0] !== ED25519 || origin !== name || !size || !root) throw new Error(badNote);

  const keyId = base64Of((await sha256(`${name}\n`, key)).slice(0, ID_BYTES));
  const signatures = note
    .slice(end + 2)
    .split('\n')
    .map(signatureIn);
  const ours = signatures.find((each) => each?.name === name && each.keyId === keyId);
  if (!ours || !(await isSigned(text, ours.bytes, key.slice(1)))) throw new Error(badSignature);
  return { origin, size: Number(size), root };
}

function signatureIn(line: string) {
  const [, name, encoded] = SIGNATURE.exec(line) ?? [];
  if (!name || !encoded) return null;
  const bytes = bytesOf(encoded);
  return { name, keyId: base64Of(bytes.slice(0, ID_BYTES)), bytes: bytes.slice(ID_BYTES) };
}

async function isSigned(text: string, signature: Uint8Array<ArrayBuffer>, key: Uint8Array<ArrayBuffer>) {
  const publicKey = await crypto.subtle.importKey('raw', key, 'Ed25519', false, ['verify']).catch(() => null);
  if (!publicKey) throw new Error(noEd25519);
  return crypto.subtle.verify('Ed25519', publicKey, signature, new TextEncoder().encode(text));
}
