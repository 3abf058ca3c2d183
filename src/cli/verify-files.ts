import { open, readFile } from 'node:fs/promises';
import { linesOf } from '../audit/evidence/lines.js';
import { parseVerifierKey, type VerifierKey } from '../audit/evidence/signed-note.js';
import { told, verifyExport } from '../audit/evidence/verify-export.js';
import { UsageError, type Told } from './command.js';

const KEY = /^[^\s+]+\+[0-9a-f]{8}\+/u;

/** Whether an export is what a head was signed of. `key` is the key itself or a file of keys. Throws a sentence when it is not. */
export async function verifyFiles(path: string, notePath: string, key: string): Promise<Told> {
  const keys = await keysIn(key);
  const note = await usable(readFile(notePath, 'utf8'));
  const file = await usable(open(path));
  if ((await file.stat()).isDirectory()) throw new UsageError(`${path} is a directory.`);
  const { checkpoint, uncovered } = await verifyExport(linesOf(file.createReadStream()), note, keys);
  const rootHash = checkpoint.rootHash.toString('base64');
  const rest = uncovered > 0 ? `\nnot covered by this checkpoint yet: ${told(uncovered)}` : '';
  return {
    text: `verified: ${told(checkpoint.size)}, root ${rootHash}${rest}`,
    json: { verified: checkpoint.size, uncovered, origin: checkpoint.origin, rootHash },
  };
}

async function keysIn(given: string): Promise<VerifierKey[]> {
  const text = KEY.test(given) ? given : await usable(readFile(given, 'utf8'));
  try {
    return text
      .split('\n')
      .filter((line) => line.trim())
      .map((line) => parseVerifierKey(line.trim()));
  } catch (error) {
    throw new UsageError(`The key cannot be used. ${(error as Error).message}`, { cause: error });
  }
}

/** A file that cannot be opened was named wrongly. */
async function usable<Opened>(opening: Promise<Opened>): Promise<Opened> {
  return opening.catch((error: unknown) => {
    throw new UsageError((error as Error).message, { cause: error });
  });
}
