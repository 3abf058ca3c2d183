import { randomBytes } from 'node:crypto';
import { z } from 'zod';

const KEY_BYTES = 32;
const BASE64 = /^[\w+/-]+=?$/;

const key = z.object({
  id: z.string().regex(/^[\w-]{1,50}$/, 'must be 1 to 50 letters, digits, _ or -'),
  key: z.string().transform((text, context) => {
    const bytes = Buffer.from(text, 'base64');
    // Node reads over what is not base64.
    if (bytes.length !== KEY_BYTES || !BASE64.test(text)) context.addIssue(`must be ${KEY_BYTES} bytes in base64`);
    else if (new Set(bytes).size < 8) context.addIssue('is too weak: make it with a random generator');
    return bytes;
  }),
});

const keys = z
  .array(key)
  .min(1, 'needs at least one key')
  .refine((list) => new Set(list.map(({ id }) => id)).size === list.length, 'has two keys with the same id');

const keyRing = z.strictObject(
  { pepper: keys, vault: keys },
  // The usual sentence shows the name of the unknown part: it may be a key.
  { error: ({ code }) => (code === 'unrecognized_keys' ? 'has a part that is neither pepper nor vault' : undefined) },
);

export type Key = { readonly id: string; readonly key: Buffer };

/** Per purpose the newest key first: it is used for what is new, the others still open what they closed. */
export type KeyRing = { readonly pepper: readonly Key[]; readonly vault: readonly Key[] };

/** Throws a sentence that says what is wrong, and shows nothing of the keys. */
export function parseKeyRing(text: string): KeyRing {
  const parsed = keyRing.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new Error(`is not a good key ring: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`);
}

/** A new ring as the JSON text that `parseKeyRing` reads. */
export function generateKeyRing(): string {
  const fresh = (id: string) => [{ id, key: randomBytes(KEY_BYTES).toString('base64') }];
  return JSON.stringify({ pepper: fresh('pepper-1'), vault: fresh('vault-1') }, null, 2);
}

export function newestKey(keys: readonly Key[]): Key {
  const [newest] = keys;
  if (!newest) throw new Error('The key ring is empty.');
  return newest;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Error('is not JSON');
  }
}
