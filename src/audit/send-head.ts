import { mkdir, open, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { sha256 } from './evidence/merkle.js';
import type { SignedHead } from './head-signer.js';

const PATIENCE_MILLISECONDS = 5_000;
const LONGEST_NAME = 150;

/** Puts a head where whoever controls the database cannot change it: into a directory (`file:`), or to an address that takes it by POST. */
export async function sendHead(
  to: string,
  tenantId: string,
  head: SignedHead,
  verifierKeys: readonly string[],
  signal: AbortSignal,
): Promise<void> {
  if (to.startsWith('file:')) await writeHead(fileURLToPath(to), nameOf(tenantId), head, verifierKeys);
  else await postHead(to, head, signal);
}

async function writeHead(
  directory: string,
  name: string,
  { size, note }: SignedHead,
  keys: readonly string[],
): Promise<void> {
  await mkdir(directory, { recursive: true });
  const path = join(directory, `${name}@${size}.note`);
  const before = await readFile(path, 'utf8').catch(() => note);
  if (textOf(before) !== textOf(note)) throw new Error(`Another head of ${size} entries was published there before.`);
  await replace(path, before);
  await replace(join(directory, `${name}.keys`), keys.map((key) => `${key}\n`).join(''));
  await replace(join(directory, `${name}.note`), note);
}

/** What is signed. */
const textOf = (note: string) => note.slice(0, note.lastIndexOf('\n\n'));

/** A tenant's name as a file can have it. */
function nameOf(tenantId: string): string {
  const name = encodeURIComponent(tenantId);
  return name.length <= LONGEST_NAME ? name : sha256(tenantId).toString('hex');
}

/** Whoever reads the file gets the text before or this one, whole. */
async function replace(path: string, text: string): Promise<void> {
  const draft = `${path}.new`;
  const file = await open(draft, 'w');
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, path);
}

async function postHead(to: string, { note }: SignedHead, signal: AbortSignal): Promise<void> {
  const response = await fetch(to, {
    method: 'POST',
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: note,
    redirect: 'error',
    signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MILLISECONDS)]),
  });
  await response.body?.cancel();
  if (!response.ok) throw new Error(`PUBLISH_AUDIT_HEADS_TO answers ${response.status}.`);
}
