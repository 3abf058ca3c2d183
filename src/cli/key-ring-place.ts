import { join } from 'node:path';
import { dataDir } from '../config.js';
import { KEY_RING_FILE } from '../secrets/key-ring-file.js';
import { isRingItself } from '../secrets/key-ring-setting.js';
import { UsageError } from './command.js';

/** The file of a key ring, and what named it: the path itself is not shown, it may be a key that was meant as a ring. */
export type KeyRingPlace = { path: string; named: string };

/** `--file`, else what the settings name. */
export function keyRingPlace({ file }: { file?: unknown }): KeyRingPlace {
  if (typeof file === 'string') return { path: file, named: '--file' };
  const ring = process.env['KEY_RING'] ?? '';
  if (isRingItself(ring))
    throw new UsageError('KEY_RING is the ring itself. Write it to a file, and name that with --file.');
  if (ring) return { path: ring, named: 'The file that KEY_RING names' };
  // An empty setting is how compose files say "not set".
  const directory = dataDir.parse(process.env['DATA_DIR'] === '' ? undefined : process.env['DATA_DIR']);
  return { path: join(directory, KEY_RING_FILE), named: `${KEY_RING_FILE} in DATA_DIR` };
}

/** Does something with the ring. What is wrong with it becomes a sentence that says where it is. */
export async function withKeyRing<Result>({ named }: KeyRingPlace, use: () => Promise<Result>): Promise<Result> {
  try {
    return await use();
  } catch (error) {
    throw new UsageError(`${named} ${(error as Error).message}.`, { cause: error });
  }
}
