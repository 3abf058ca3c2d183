import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import {
  newSigningKey,
  openSigningKey,
  SIGNING_ALGORITHMS,
  type SigningAlgorithm,
  type SigningKey,
} from './signing-key.js';

const KEY_BYTES = 32;
const BASE64 = /^[\w+/-]+=?$/;

export const PARTS = ['pepper', 'vault', 'sign', 'evidence'] as const;
export type Part = (typeof PARTS)[number];
/** Those whose keys are 32 bytes and no more. */
export type PlainPart = Exclude<Part, 'sign'>;

/** `usedFrom` is when it begins to be used for what is new; `null` is always. Before, it opens and verifies already. */
export type Key = { readonly id: string; readonly key: Buffer; readonly usedFrom: Date | null };

/** Per purpose the newest key first: what is new uses the last one whose time has come, the others still open what they closed. */
export type KeyRing = {
  readonly pepper: readonly Key[];
  readonly vault: readonly Key[];
  readonly sign: readonly SigningKey[];
  /** Ed25519 private keys, which sign the heads of audit trails. */
  readonly evidence: readonly Key[];
};

const id = z.string().regex(/^[\w-]{1,50}$/, 'must be 1 to 50 letters, digits, _ or -');

const usedFrom = z.iso
  .datetime({ offset: true, error: 'must be a moment such as 2026-01-31T12:00:00Z' })
  .transform((text) => new Date(text))
  .optional();

const key = z
  .object({
    id,
    key: z.string().transform((text, context) => {
      const bytes = Buffer.from(text, 'base64');
      // Node reads over what is not base64.
      if (bytes.length !== KEY_BYTES || !BASE64.test(text)) context.addIssue(`must be ${KEY_BYTES} bytes in base64`);
      else if (new Set(bytes).size < 8) context.addIssue('is too weak: make it with a random generator');
      return bytes;
    }),
    usedFrom,
  })
  .transform((read): Key => ({ ...read, usedFrom: read.usedFrom ?? null }));

const signingKey = z
  .object({
    id,
    alg: z.enum(SIGNING_ALGORITHMS, `must be one of ${SIGNING_ALGORITHMS.join(', ')}`),
    key: z.string(),
    usedFrom,
  })
  .transform((read, context): SigningKey => {
    try {
      return { ...openSigningKey(read), usedFrom: read.usedFrom ?? null };
    } catch (error) {
      context.addIssue({ code: 'custom', path: ['key'], message: (error as Error).message });
      return z.NEVER;
    }
  });

const listOf = <Schema extends z.ZodType<{ id: string }>>(schema: Schema) =>
  z
    .array(schema)
    .min(1, 'needs at least one key')
    .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'has two keys with the same id');

const keyRing = z.strictObject(
  // Versions that signed no tokens, or no heads, wrote rings without these keys.
  {
    pepper: listOf(key),
    vault: listOf(key),
    sign: listOf(signingKey).default([]),
    evidence: listOf(key).default([]),
  },
  // The usual sentence shows the name of the unknown part: it may be a key.
  {
    error: ({ code }) => (code === 'unrecognized_keys' ? `has a part that is none of ${PARTS.join(', ')}` : undefined),
  },
);

/** The ring as it is in JSON. */
export type WrittenKeyRing = z.input<typeof keyRing>;

/** Throws a sentence that says what is wrong, and shows nothing of the keys. */
export function parseKeyRing(text: string, now = new Date()): KeyRing {
  const { data: ring, error } = keyRing.safeParse(parseJson(text));
  if (!ring) throw new Error(`is not a good key ring: ${error.issues[0]?.path.join('.')} ${error.issues[0]?.message}`);

  const idle = PARTS.find((part) => ring[part].length > 0 && !ring[part].some((each) => isUsed(each, now)));
  if (idle) throw new Error(`is not a good key ring: ${idle} has no key that is used by now`);
  return ring;
}

/** Whether its time has come; a newer key may have taken over from it since. */
export const isUsed = ({ usedFrom }: { usedFrom: Date | null }, now: Date) => usedFrom === null || usedFrom <= now;

/** Whether new tokens can be signed with the algorithm. */
export const signsWith = ({ sign }: KeyRing, alg: SigningAlgorithm, now: Date) =>
  sign.some((key) => key.alg === alg && isUsed(key, now));

/** A new ring as the JSON text that `parseKeyRing` reads. */
export async function generateKeyRing(): Promise<string> {
  const sign = await Promise.all(SIGNING_ALGORITHMS.map(newSigningKey));
  const [pepper, vault, evidence] = [[newKey('pepper-1')], [newKey('vault-1')], [newKey('evidence-1')]];
  return writeKeyRing({ pepper, vault, sign, evidence });
}

export const newKey = (id: string) => ({ id, key: randomBytes(KEY_BYTES).toString('base64') });

export const writeKeyRing = (ring: WrittenKeyRing) => JSON.stringify(ring, null, 2);

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
}
