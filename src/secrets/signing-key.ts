import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPair,
  type JsonWebKey,
  type KeyObject,
} from 'node:crypto';
import { promisify } from 'node:util';
import { calculateJwkThumbprint } from 'jose';

export const SIGNING_ALGORITHMS = ['ES256', 'RS256'] as const;
export type SigningAlgorithm = (typeof SIGNING_ALGORITHMS)[number];

/** What everybody may know of a signing key: https://www.rfc-editor.org/rfc/rfc7517 */
export type PublicJwk = JsonWebKey & { kid: string; alg: SigningAlgorithm; use: 'sig' };

export type SigningKey = {
  /** Its `kid`: the thumbprint of https://www.rfc-editor.org/rfc/rfc7638 */
  readonly id: string;
  readonly alg: SigningAlgorithm;
  readonly privateKey: KeyObject;
  readonly publicJwk: PublicJwk;
  /** From when on it signs; `null` is always. */
  readonly usedFrom: Date | null;
};

/** A key as the ring has it: PKCS #8 in DER in base64. */
type WrittenKey = { id: string; alg: SigningAlgorithm; key: string };

const RSA_BITS = 2_048;
const BASE64 = /^[\w+/-]+={0,2}$/;

/** Throws a sentence that says what is wrong, and shows nothing of the key. */
export function openSigningKey({ id, alg, key }: WrittenKey): Omit<SigningKey, 'usedFrom'> {
  const privateKey = privateKeyIn(key);
  if (alg === 'ES256' && !isP256(privateKey)) throw new Error('must be a key on the curve P-256 for ES256');
  if (alg === 'RS256' && !isLongRsa(privateKey))
    throw new Error(`must be an RSA key of at least ${RSA_BITS} bits for RS256`);

  const members = publicMembers(privateKey);
  if (id !== thumbprint(members)) throw new Error('is not the key whose thumbprint is its id');
  return { id, alg, privateKey, publicJwk: { ...members, kid: id, alg, use: 'sig' } };
}

export async function newSigningKey(alg: SigningAlgorithm): Promise<WrittenKey> {
  const { privateKey, publicKey } = await newKeyPair(alg);
  const id = await calculateJwkThumbprint(publicKey.export({ format: 'jwk' }));
  return { id, alg, key: privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64') };
}

function privateKeyIn(text: string): KeyObject {
  try {
    if (!BASE64.test(text)) throw new Error();
    return createPrivateKey({ key: Buffer.from(text, 'base64'), format: 'der', type: 'pkcs8' });
  } catch {
    throw new Error('must be a private key, PKCS #8 in DER in base64');
  }
}

const isP256 = (key: KeyObject) => key.asymmetricKeyDetails?.namedCurve === 'prime256v1';

const isLongRsa = (key: KeyObject) =>
  key.asymmetricKeyType === 'rsa' && (key.asymmetricKeyDetails?.modulusLength ?? 0) >= RSA_BITS;

/** The members that make the key, in the order in which the thumbprint wants them. */
function publicMembers(privateKey: KeyObject): JsonWebKey {
  const { kty, crv, x, y, n, e } = createPublicKey(privateKey).export({ format: 'jwk' });
  return crv ? { crv, kty, x, y } : { e, kty, n };
}

const thumbprint = (members: JsonWebKey) => createHash('sha256').update(JSON.stringify(members)).digest('base64url');

const generate = promisify(generateKeyPair);

const newKeyPair = (alg: SigningAlgorithm) =>
  alg === 'ES256' ? generate('ec', { namedCurve: 'P-256' }) : generate('rsa', { modulusLength: RSA_BITS });
