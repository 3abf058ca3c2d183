import fc from 'fast-check';
import {
  consistencyPath,
  inclusionPath,
  leafHashOf,
  rootOf,
  rootOver,
  subtreesOf,
  type Range,
} from '../../../src/audit/evidence/merkle.js';
import { isContinued, isIncluded } from '../../support/proofs.js';

// The vectors that implementations of RFC 6962 share: https://github.com/google/certificate-transparency, merkletree
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'].map(
  (hex) => leafHashOf(Buffer.from(hex, 'hex').toString('latin1')),
);
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

const hex = (hash: Buffer) => hash.toString('hex');
/** As the service does it: the roots over the complete subtrees, joined. */
const rootOfRange = (leaves: Buffer[], range: Range) =>
  rootOver(
    subtreesOf(range).map(({ level, index }) => rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level))),
  );
const inclusion = (leaves: Buffer[], index: number) =>
  inclusionPath(index, { from: 0, to: leaves.length }).map((range) => rootOfRange(leaves, range));
const consistency = (leaves: Buffer[], size: number) =>
  consistencyPath(size, { from: 0, to: leaves.length }).map((range) => rootOfRange(leaves, range));

describe('the vectors of RFC 6962', () => {
  it.each(ROOTS.map((root, size) => ({ size, root })))('has the root of $size leaves', ({ size, root }) => {
    expect(hex(rootOf(LEAVES.slice(0, size)))).toBe(root);
    expect(hex(rootOfRange(LEAVES, { from: 0, to: size }))).toBe(root);
  });

  it.each([
    [0, 1, []],
    [
      0,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      5,
      8,
      [
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [2, 3, ['fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125']],
    [
      1,
      5,
      [
        '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('proves leaf %i of %i', (index, size, hashes) => {
    expect(inclusion(LEAVES.slice(0, size), index).map(hex)).toEqual(hashes);
  });

  it.each([
    [1, 1, []],
    [
      1,
      8,
      [
        '96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7',
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        '6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4',
      ],
    ],
    [
      6,
      8,
      [
        '0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a',
        'ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0',
        'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
      ],
    ],
    [
      2,
      5,
      [
        '5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e',
        'bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b',
      ],
    ],
  ])('proves that %i leaves are the beginning of %i', (from, to, hashes) => {
    expect(consistency(LEAVES.slice(0, to), from).map(hex)).toEqual(hashes);
  });
});

describe('a tree of any size', () => {
  const tree = fc
    .integer({ min: 1, max: 70 })
    .chain((size) => fc.record({ size: fc.constant(size), at: fc.integer({ min: 0, max: size - 1 }), bad: fc.nat() }))
    .map((drawn) => ({
      ...drawn,
      leaves: Array.from({ length: drawn.size }, (_, n) => leafHashOf(`leaf ${n} of ${drawn.size}`)),
    }));
  /** The hashes with one of them altered, or one too many. */
  const altered = (hashes: Buffer[], bad: number) =>
    hashes.length > 0 && bad % 2
      ? hashes.toSpliced(bad % hashes.length, 1, leafHashOf('bad'))
      : [...hashes, leafHashOf('')];

  it('proves each leaf, and nothing with a proof that was altered', () => {
    fc.assert(
      fc.property(tree, ({ leaves, size, at, bad }) => {
        const proof = { leafHash: leaves[at]!, index: at, size, root: rootOf(leaves), hashes: inclusion(leaves, at) };
        expect(isIncluded(proof)).toBe(true);
        expect(isIncluded({ ...proof, hashes: altered(proof.hashes, bad) })).toBe(false);
        expect(isIncluded({ ...proof, leafHash: leafHashOf('another') })).toBe(false);
        if (size > 1) expect(isIncluded({ ...proof, index: (at + 1) % size })).toBe(false);
      }),
    );
  });

  it('proves each of its beginnings, and nothing with a proof that was altered', () => {
    fc.assert(
      fc.property(tree, ({ leaves, size, at, bad }) => {
        const oldSize = at + 1;
        const oldRoot = rootOf(leaves.slice(0, oldSize));
        const proof = {
          oldSize,
          oldRoot,
          newSize: size,
          newRoot: rootOf(leaves),
          hashes: consistency(leaves, oldSize),
        };
        expect(isContinued(proof)).toBe(true);
        expect(isContinued({ ...proof, hashes: altered(proof.hashes, bad) })).toBe(false);
        expect(isContinued({ ...proof, oldRoot: leafHashOf('another') })).toBe(false);
      }),
    );
  });

  it('beyond 2^31 leaves has paths that lie side by side', () => {
    const [size, at] = [2 ** 40 + 12_345, 2 ** 33 + 7];
    const path = [...inclusionPath(at, { from: 0, to: size }), { from: at, to: at + 1 }];
    const sorted = path.toSorted((a, b) => a.from - b.from);
    expect(sorted[0]?.from).toBe(0);
    expect(sorted.slice(1).every(({ from }, n) => from === sorted[n]!.to)).toBe(true);
    expect(sorted.at(-1)?.to).toBe(size);
  });
});
