import { canonicalJson } from '../../../src/canonical-json.js';

// What docs/audit.md defines, with the browser's own cryptography: leaves, proofs after RFC 9162, heads as signed notes.

type Bytes = Uint8Array<ArrayBuffer>;

/** What of an entry goes into its leaf, or into the hash of what tells of a person. */
export type ProvableEntry = {
  id: string;
  at: string;
  action: string;
  actor: { kind: string; id: string; name: string };
  targetType: string | null;
  targetId: string | null;
  targetName: string | null;
  reason: string | null;
  correlationId: string;
  details: Record<string, unknown>;
  ip: string | null;
  userAgent: string | null;
  /** What the leaf has of the person. */
  personal: string;
  /** `null` once what tells of the person was erased. */
  salt: string | null;
};

export type InclusionProof = { index: number; size: number; hashes: readonly string[] };
export type Head = { origin: string; size: number; root: string };

const encoder = new TextEncoder();

export const bytesOf = (base64: string): Bytes => Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
export const base64Of = (bytes: Bytes): string => btoa(String.fromCharCode(...bytes));

const concat = (...parts: readonly (Bytes | string)[]): Bytes => {
  const arrays = parts.map((part) => (typeof part === 'string' ? encoder.encode(part) : part));
  const whole = new Uint8Array(arrays.reduce((length, { byteLength }) => length + byteLength, 0));
  arrays.reduce((offset, array) => {
    whole.set(array, offset);
    return offset + array.byteLength;
  }, 0);
  return whole;
};

export const sha256 = async (...parts: readonly (Bytes | string)[]): Promise<Bytes> =>
  new Uint8Array(await crypto.subtle.digest('SHA-256', concat(...parts)));

const nodeHash = (left: Bytes, right: Bytes) => sha256('\u0001', left, right);

export async function leafHashOf(entry: ProvableEntry): Promise<Bytes> {
  const { id, action, actor, targetType, targetId, targetName, reason, correlationId, details } = entry;
  const personal = await personalIn(entry);
  const at = new Date(entry.at).toISOString();
  const who = { kind: actor.kind, id: actor.id };
  const told = { id, at, action, actor: who, targetType, targetId, targetName, reason, correlationId, details };
  return sha256('\0', canonicalJson({ v: 1, ...told, personal }));
}

/** What tells of the person is checked as it is shown; of an erased one nothing but the id may be shown. */
async function personalIn({ actor, ip, userAgent, personal, salt }: ProvableEntry): Promise<string> {
  if (salt !== null) return base64Of(await sha256(bytesOf(salt), canonicalJson({ ip, name: actor.name, userAgent })));
  return actor.name === actor.id && ip === null && userAgent === null ? personal : '';
}

const half = (number: number) => Math.floor(number / 2);

/** The root that a leaf and its path make, `null` when the path does not fit the tree: RFC 9162, section 2.1.3.2. */
export async function rootOfPath(leaf: Bytes, { index, size, hashes }: InclusionProof): Promise<string | null> {
  let [at, last, hash] = [index, size - 1, leaf];
  for (const other of hashes.map(bytesOf)) {
    if (last === 0) return null;
    const isRight = at % 2 === 1 || at === last;
    hash = isRight ? await nodeHash(other, hash) : await nodeHash(hash, other);
    while (isRight && at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    [at, last] = [half(at), half(last)];
  }
  return last === 0 ? base64Of(hash) : null;
}

/** Whether the tree of the old head is the beginning of that of the new one: RFC 9162, section 2.1.4.2. */
export async function isContinued(before: Head, now: Head, hashes: readonly string[]): Promise<boolean> {
  if (before.size === now.size) return before.root === now.root;
  let [at, last] = [before.size - 1, now.size - 1];
  while (at % 2 === 1) [at, last] = [half(at), half(last)];
  // The old tree is a complete one: its root is a node of the new tree.
  const [first, ...rest] = at === 0 ? [before.root, ...hashes] : hashes;
  if (first === undefined) return false;
  let [older, newer] = [bytesOf(first), bytesOf(first)];
  for (const other of rest.map(bytesOf)) {
    if (last === 0) return false;
    const isRight = at % 2 === 1 || at === last;
    if (isRight) older = await nodeHash(other, older);
    newer = isRight ? await nodeHash(other, newer) : await nodeHash(newer, other);
    while (isRight && at % 2 === 0 && at > 0) [at, last] = [half(at), half(last)];
    [at, last] = [half(at), half(last)];
  }
  return last === 0 && base64Of(older) === before.root && base64Of(newer) === now.root;
}
