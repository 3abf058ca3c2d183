import { rootOf, type Range, type Subtree } from './merkle.js';

// Of a tree, the hashes of every fourth level are kept: the leaves, the roots over 16 of them, over 256, and so on. One row for
// fifteen leaves, and what lies between is never more than eight hashes away.

const LEVELS = 4;
const WIDTH = 2 ** LEVELS;

/** Kept hashes of one level that lie side by side: the roots of the subtrees `from` up to `to`, which is not one of them. */
export type KeptHashes = Range & { readonly level: number };

export type KeptHash = Subtree & { readonly hash: Buffer };

/** The kept hashes that the root of a complete subtree is made from. */
export function keptUnder({ level, index }: Subtree): KeptHashes {
  const below = level % LEVELS;
  const width = 2 ** below;
  return { level: level - below, from: index * width, to: (index + 1) * width };
}

/** Of each level of a tree, the kept hashes that do not make one of the next level yet. */
export function edgeOf(size: number): KeptHashes[] {
  const edge: KeptHashes[] = [];
  for (let [level, count] = [0, size]; count > 0; level += LEVELS, count = Math.floor(count / WIDTH))
    edge.push({ level, from: count - (count % WIDTH), to: count });
  return edge;
}

/** What is to be kept of the levels above the leaves when these leaves are added to a tree, of which `edge` are the hashes at its edge. */
export function keptOfGrowth(
  size: number,
  edge: readonly (readonly Buffer[])[],
  leaves: readonly Buffer[],
): KeptHash[] {
  const kept: KeptHash[] = [];
  let [added, count] = [leaves, size];
  for (let height = 0; added.length > 0; height += 1, count = Math.floor(count / WIDTH)) {
    const waiting = [...(edge[height] ?? []), ...added];
    const first = Math.floor(count / WIDTH);
    added = Array.from({ length: Math.floor(waiting.length / WIDTH) }, (_, group) =>
      rootOf(waiting.slice(group * WIDTH, (group + 1) * WIDTH)),
    );
    const level = (height + 1) * LEVELS;
    kept.push(...added.map((hash, group) => ({ level, index: first + group, hash })));
  }
  return kept;
}
