import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { changeKeyRingFile, KEY_RING_FILE, readKeyRing } from '../secrets/key-ring-file.js';
import { generateKeyRing, signsWith, type KeyRing } from '../secrets/key-ring.js';
import { addMissingKeys } from '../secrets/rotate-keys.js';
import { SIGNING_ALGORITHMS } from '../secrets/signing-key.js';

/** The key ring in the data directory: made once, and given what later versions need more. */
export async function developmentKeyRing(dataDir: string): Promise<{ keyRing: KeyRing; keyRingFile: string }> {
  const path = join(dataDir, KEY_RING_FILE);
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  if (!existsSync(path)) await create(path);
  try {
    return { keyRing: await complete(path), keyRingFile: path };
  } catch (error) {
    throw new Error(`The key ring ${path} ${(error as Error).message}.`, { cause: error });
  }
}

/** Never overwritten: without its keys nothing in the vault opens, and no stored hash fits. */
async function create(path: string): Promise<void> {
  await writeFile(path, await generateKeyRing(), { mode: 0o600, flag: 'wx' }).catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  });
}

async function complete(path: string): Promise<KeyRing> {
  const now = new Date();
  const ring = await readKeyRing(path, now);
  if (ring.evidence.length > 0 && SIGNING_ALGORITHMS.every((alg) => signsWith(ring, alg, now))) return ring;
  await changeKeyRingFile(path, (text) => addMissingKeys(text, now));
  return readKeyRing(path, now);
}
