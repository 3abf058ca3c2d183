import { randomInt } from 'node:crypto';
import { crc32 } from 'node:zlib';

const ALPHABET = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const BODY_LENGTH = 43;
const CHECKSUM_LENGTH = 6;
const UUID_LENGTH = 22;

export type SecretPrefix = 'lk_pat_' | 'lk_sec_';

/** What a scanner looks for. Published in the documentation. */
export const SECRET_PATTERN = /lk_(?:pat|sec)_[0-9A-Za-z]{49}\b/;

/** 43 base62 characters hold 256 random bits; `randomInt` has no modulo bias. */
export function newSecret(prefix: SecretPrefix): string {
  const body = Array.from({ length: BODY_LENGTH }, () => ALPHABET.charAt(randomInt(ALPHABET.length))).join('');
  return withChecksum(prefix + body);
}

/** Whether a text is a secret of ours that was not mistyped: no look-up is needed to refuse one that was. */
export function isWellFormed(text: string, prefix: SecretPrefix): boolean {
  if (text.length !== prefix.length + BODY_LENGTH + CHECKSUM_LENGTH || !text.startsWith(prefix)) return false;
  if (!/^[0-9A-Za-z]+$/.test(text.slice(prefix.length))) return false;
  return withChecksum(text.slice(0, -CHECKSUM_LENGTH)) === text;
}

/** The checksum covers the prefix too, so that a swapped prefix shows. */
export function withChecksum(prefixAndBody: string): string {
  return prefixAndBody + base62(BigInt(crc32(prefixAndBody)), CHECKSUM_LENGTH);
}

/** Enough of a secret for its owner to recognise it, nothing of use to anybody else: the end of its checksum. */
export const hintOf = (secret: string) => secret.slice(-4);

/** Client ids have a name space of their own: one is never equal to a user's id. */
export const clientIdOf = (appId: string) => `lk_app_${base62OfUuid(appId)}`;

/** Whether a text could be a client id at all. */
export const isClientId = (text: string) => /^lk_app_[0-9A-Za-z]{22}$/.test(text);

/** A token's public name; it authenticates nobody. */
export const identifierOf = (tokenId: string) => `lk_id_${base62OfUuid(tokenId)}`;

const base62OfUuid = (uuid: string) => base62(BigInt(`0x${uuid.replaceAll('-', '')}`), UUID_LENGTH);

function base62(value: bigint, length: number): string {
  let digits = '';
  for (let rest = value; digits.length < length; rest /= 62n) digits = ALPHABET.charAt(Number(rest % 62n)) + digits;
  return digits;
}
