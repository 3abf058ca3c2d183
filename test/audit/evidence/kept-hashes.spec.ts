import fc from 'fast-check';
import { edgeOf, keptOfGrowth, keptUnder } from '../../../src/audit/evidence/kept-hashes.js';
import { leafHashOf, rootOf, rootOver, subtreesOf } from '../../../src/audit/evidence/merkle.js';

const LEAVES = Array.from({ length: 2_400 }, (_, n) => leafHashOf(`leaf ${n}`));

/** What is kept when leaves are added in batches of these sizes, each looking at nothing but what was kept before. */
function grownIn(batches: readonly number[]) {
  const kept = new Map<string, Buffer>();
  const read = ({ level, from, to }: { level: number; from: number; to: number }) =>
    Array.from({ length: to - from }, (_, n) => kept.get(`${level}/${from + n}`)!);
  let size = 0;
  for (const batch of batches) {
    const leaves = LEAVES.slice(size, size + batch);
    const grown = keptOfGrowth(size, edgeOf(size).map(read), leaves);
    leaves.forEach((leaf, n) => kept.set(`0/${size + n}`, leaf));
    for (const { level, index, hash } of grown) kept.set(`${level}/${index}`, hash);
    size += leaves.length;
  }
  return { kept, read, size };
}

describe('what is kept of a tree', () => {
  const batches = fc.array(fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 100, max: 400 })), {
    maxLength: 6,
  });

  it('is the same however the leaves came, one row for fifteen of them', () => {
    fc.assert(
      fc.property(batches, (sizes) => {
        const { kept, size } = grownIn(sizes);
        const atOnce = grownIn([size]).kept;
        expect([...kept].toSorted()).toEqual([...atOnce].toSorted());
        expect(kept.size - size).toBeLessThanOrEqual(size / 15);
      }),
      { numRuns: 12 },
    );
  });

  it('makes the root of every size, from at most eight hashes for each subtree', () => {
    fc.assert(
      fc.property(batches, fc.nat(), (sizes, some) => {
        const { read, size } = grownIn(sizes);
        const to = some % (size + 1);
        const ranges = subtreesOf({ from: 0, to }).map(keptUnder);
        expect(rootOver(ranges.map((range) => rootOf(read(range))))).toEqual(rootOf(LEAVES.slice(0, to)));
        expect(Math.max(0, ...ranges.map((range) => range.to - range.from))).toBeLessThanOrEqual(8);
      }),
      { numRuns: 12 },
    );
  });
});
