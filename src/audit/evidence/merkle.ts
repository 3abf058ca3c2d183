import { hash } from 'node:crypto';

// Merkle trees of https://www.rfc-editor.org/rfc/rfc9162#section-2.1 (the same as in RFC 6962). A hash is 32 bytes of SHA-256.

const NODE = Buffer.of(1);

export const sha256 = (data: Buffer | string): Buffer => hash('sha256', data, 'buffer');

export const leafHashOf = (text: string): Buffer => sha256(`\0${text}`);

const nodeHashOf = (left: Buffer, right: Buffer): Buffer => sha256(Buffer.concat([NODE, left, right]));

const EMPTY_ROOT = sha256('');

/** The leaves `from` up to `to`, which itself is not one of them. */
export type Range = { readonly from: number; readonly to: number };

/** The leaves from `index` * 2^`level` on, 2^`level` of them. */
export type Subtree = { readonly level: number; readonly index: number };

/** A tree that leaves are added to. Of what came before it keeps some twenty hashes for a million leaves. */
export class GrowingTree {
  size = 0;
  /** The roots of the complete subtrees that it consists of, the largest first. */
  readonly #subtrees: Buffer[] = [];

  add(leafHash: Buffer): void {
    let top = leafHash;
    // An odd number of subtrees of a size is an even one once the new one is there, and two of a size make the next.
    for (let rest = this.size; rest % 2 === 1; rest = (rest - 1) / 2) {
      const left = this.#subtrees.pop();
      if (left) top = nodeHashOf(left, top);
    }
    this.#subtrees.push(top);
    this.size += 1;
  }

  root(): Buffer {
    return rootOver(this.#subtrees);
  }
}

/** The root over the roots of complete subtrees that lie side by side, each smaller than the one before. */
export const rootOver = (subtrees: readonly Buffer[]): Buffer =>
  subtrees.length > 0 ? subtrees.reduceRight((right, left) => nodeHashOf(left, right)) : EMPTY_ROOT;

/** The root over leaves, or over the roots of subtrees of one size. */
export function rootOf(hashes: Iterable<Buffer>): Buffer {
  const tree = new GrowingTree();
  for (const each of hashes) tree.add(each);
  return tree.root();
}

/** The complete subtrees that make a range of a path, the largest first. */
export function subtreesOf({ from, to }: Range): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let start = from; start < to;) {
    const { level, width } = largestWithin(to - start);
    subtrees.push({ level, index: start / width });
    start += width;
  }
  return subtrees;
}

/** The ranges whose roots lead from a leaf to the root of the tree, the leaf's neighbour first. */
export function inclusionPath(leaf: number, tree: Range): Range[] {
  if (tree.to - tree.from === 1) return [];
  const [left, right] = halvesOf(tree);
  if (leaf < right.from) return [...inclusionPath(leaf, left), right];
  return [...inclusionPath(leaf, right), left];
}

/** The ranges whose roots show that the tree of the first `size` leaves is the beginning of a tree; `size` is at least 1. */
export function consistencyPath(size: number, tree: Range, isKnown = true): Range[] {
  if (size === tree.to) return isKnown ? [] : [tree];
  const [left, right] = halvesOf(tree);
  if (size <= left.to) return [...consistencyPath(size, left, isKnown), right];
  return [...consistencyPath(size, right, false), left];
}

/** Split where RFC 9162 does: at the largest power of two that is smaller than the tree. */
function halvesOf({ from, to }: Range): [Range, Range] {
  const middle = from + largestWithin(to - from - 1).width;
  return [
    { from, to: middle },
    { from: middle, to },
  ];
}

/** By doubling: logarithms are not exact, and shifts end at 2^31. */
function largestWithin(size: number): { level: number; width: number } {
  let [level, width] = [0, 1];
  for (; width * 2 <= size; level += 1) width *= 2;
  return { level, width };
}
