// The head of a tree as text: https://c2sp.org/tlog-checkpoint

export type Checkpoint = { readonly origin: string; readonly size: number; readonly rootHash: Buffer };

/** Names a tenant's tree, and the key that signs its heads: it holds neither spaces nor `+`. */
export const originOf = (publicUrl: string, tenantId: string): string =>
  `${publicUrl.replace(/^https?:\/\//, '')}/${encodeURIComponent(tenantId)}`;

export const writeCheckpoint = ({ origin, size, rootHash }: Checkpoint): string =>
  `${origin}\n${size}\n${rootHash.toString('base64')}\n`;

const SIZE = /^(0|[1-9]\d{0,15})$/;
const ROOT_HASH = /^[A-Za-z0-9+/]{43}=$/;

/** Lines after the third are extensions of others, and no business of ours. Throws a sentence when it is no checkpoint. */
export function parseCheckpoint(text: string): Checkpoint {
  const [origin = '', size = '', rootHash = ''] = text.split('\n');
  if (!origin || !SIZE.test(size) || !ROOT_HASH.test(rootHash) || !Number.isSafeInteger(Number(size)))
    throw new Error('The note is no checkpoint: origin, size and root hash, a line each.');
  return { origin, size: Number(size), rootHash: Buffer.from(rootHash, 'base64') };
}
