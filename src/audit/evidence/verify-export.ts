import { parseCheckpoint, type Checkpoint } from './checkpoint.js';
import { checkLine } from './exported-line.js';
import { GrowingTree } from './merkle.js';
import { openNote, type VerifierKey } from './signed-note.js';

export type Verified = {
  readonly checkpoint: Checkpoint;
  /** How many entries of the export came after the checkpoint was signed. */
  readonly uncovered: number;
};

/** Whether an export is what a head was signed of. Throws a sentence that says which line is not, or what else is wrong. */
export async function verifyExport(
  lines: AsyncIterable<string>,
  note: string,
  keys: readonly VerifierKey[],
): Promise<Verified> {
  const checkpoint = openCheckpoint(note, keys);
  const tree = new GrowingTree();
  let root = tree.root();
  for await (const line of lines) {
    try {
      tree.add(checkLine(line, tree.size));
    } catch (error) {
      throw new Error(`Line ${tree.size + 1} ${(error as Error).message}`, { cause: error });
    }
    if (tree.size === checkpoint.size) root = tree.root();
  }

  if (tree.size < checkpoint.size)
    throw new Error(
      `The export ends after ${told(tree.size)}, the checkpoint was signed of ${checkpoint.size}: the last ones are missing.`,
    );
  if (!root.equals(checkpoint.rootHash)) throw new Error(disagreement(root, checkpoint));
  return { checkpoint, uncovered: tree.size - checkpoint.size };
}

function openCheckpoint(note: string, keys: readonly VerifierKey[]): Checkpoint {
  const { text, key } = openNote(note, keys);
  const checkpoint = parseCheckpoint(text);
  if (checkpoint.origin !== key.name)
    throw new Error(`The checkpoint is about ${checkpoint.origin}, the key that signed it is for ${key.name}.`);
  return checkpoint;
}

const disagreement = (root: Buffer, { size, rootHash }: Checkpoint) =>
  `Each line fits its own leafHash, yet the first ${told(size)} make the root ${root.toString('base64')}, and ` +
  `${rootHash.toString('base64')} was signed: entries were changed, removed or put in together with their hashes. ` +
  'An older checkpoint that still fits tells up to where the export is sound.';

export const told = (entries: number) => `${entries.toLocaleString('en')} ${entries === 1 ? 'entry' : 'entries'}`;
