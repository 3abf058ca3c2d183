import { createHash, randomBytes } from 'node:crypto';
import { writeCheckpoint } from '../../src/audit/evidence/checkpoint.js';
import { commitmentTo, leafHashOfRow } from '../../src/audit/evidence/leaf.js';
import { consistencyPath, inclusionPath, rootOf, type Range } from '../../src/audit/evidence/merkle.js';
import { publicKeyOf, signNote, writeVerifierKey } from '../../src/audit/evidence/signed-note.js';
import { base64Of, isContinued, leafHashOf, rootOfPath, type ProvableEntry } from '../../web/src/audit/evidence.js';
import { openSignedHead } from '../../web/src/audit/signed-head.js';

const LARGEST = 33;
const leaves = Array.from({ length: LARGEST }, (_, n) => createHash('sha256').update(`leaf ${n}`).digest());
const rootOver = ({ from, to }: Range) => rootOf(leaves.slice(from, to)).toString('base64');
const sizes = Array.from({ length: LARGEST }, (_, n) => n + 1);
const head = (size: number) => ({ origin: 'a/b', size, root: rootOver({ from: 0, to: size }) });

const forged = ([, ...others]: string[]): string[] => [randomBytes(32).toString('base64'), ...others];

describe('what the page verifies (promise: a green mark only when it holds)', () => {
  it.each(sizes)('finds each of %i leaves in the tree, and none by the proof of another', async (size) => {
    for (let index = 0; index < size; index += 1) {
      const hashes = inclusionPath(index, { from: 0, to: size }).map(rootOver);
      const proof = { index, size, hashes };
      const leaf = new Uint8Array(leaves[index]!);
      expect(await rootOfPath(leaf, proof)).toBe(head(size).root);
      expect(await rootOfPath(new Uint8Array(randomBytes(32)), proof)).not.toBe(head(size).root);
      expect(await rootOfPath(leaf, { ...proof, hashes: [...hashes, head(1).root] })).not.toBe(head(size).root);
      if (size > 1) expect(await rootOfPath(leaf, { ...proof, hashes: forged(hashes) })).not.toBe(head(size).root);
    }
  });

  it.each(sizes)('finds each earlier tree at the beginning of one of %i leaves, and no other', async (size) => {
    for (let before = 1; before <= size; before += 1) {
      const hashes = consistencyPath(before, { from: 0, to: size }).map(rootOver);
      expect(await isContinued(head(before), head(size), hashes)).toBe(true);
      const other = {
        ...head(before),
        root: rootOf([...leaves.slice(0, before - 1), randomBytes(32)]).toString('base64'),
      };
      expect(await isContinued(other, head(size), hashes)).toBe(false);
      if (before < size) expect(await isContinued(head(before), head(size), [])).toBe(false);
    }
  });

  it('makes the leaf that the service makes, whatever the entry holds', async () => {
    const salt = randomBytes(16);
    const actor = { kind: 'USER', id: 'ada', name: 'Ada "the first" \u00e9\u{1f511}' };
    const entry: ProvableEntry = {
      id: '6f0a3f0c-2a55-4c02-8a31-5d6f4c3a9b10',
      at: '2026-03-01T12:00:00.000Z',
      action: 'AppAdded',
      actor,
      targetType: 'APP',
      targetId: '0b5f1c9e-7a8d-4a2f-9a53-0d7b1f7c2e44',
      targetName: '<b>Bill & "Ben"</b>',
      reason: null,
      correlationId: 'one',
      details: { z: [1, 'two', null], a: { '10': true, '9': 'x' } },
      ip: null,
      userAgent: 'curl',
      personal: commitmentTo({ ip: null, name: actor.name, userAgent: 'curl' }, salt),
      salt: salt.toString('base64'),
    };
    const { at, personal, ...rest } = entry;
    const row = {
      ...rest,
      commitment: personal,
      at: new Date(at),
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
    };
    const expected = leafHashOfRow(row as unknown as Parameters<typeof leafHashOfRow>[0]).toString('base64');
    expect(base64Of(await leafHashOf(entry))).toBe(expected);
    expect(base64Of(await leafHashOf({ ...entry, ip: '127.0.0.1' }))).not.toBe(expected);
    expect(base64Of(await leafHashOf({ ...entry, targetName: 'Bill' }))).not.toBe(expected);

    // After an erasure only the id is left of the person, and the leaf is the same.
    const erased = { ...entry, actor: { ...actor, name: 'ada' }, userAgent: null, salt: null };
    expect(base64Of(await leafHashOf(erased))).toBe(expected);
    expect(base64Of(await leafHashOf({ ...erased, actor }))).not.toBe(expected);
    expect(base64Of(await leafHashOf({ ...erased, ip: '127.0.0.1' }))).not.toBe(expected);
  });
});

describe('a signed head', () => {
  const name = 'tokens.example.com/acme';
  const seed = randomBytes(32);
  const key = writeVerifierKey({ name, publicKey: publicKeyOf(seed) });
  const rootHash = randomBytes(32);
  const note = signNote(writeCheckpoint({ origin: name, size: 7, rootHash }), name, seed);

  it('is opened with its key', async () => {
    expect(await openSignedHead(note, key)).toEqual({ origin: name, size: 7, root: rootHash.toString('base64') });
  });

  it.each([
    ['is changed', note.replace('\n7\n', '\n8\n'), key],
    [
      'is signed by another key',
      signNote(writeCheckpoint({ origin: name, size: 7, rootHash }), name, randomBytes(32)),
      key,
    ],
    ['is about another trail', signNote(writeCheckpoint({ origin: 'other', size: 7, rootHash }), name, seed), key],
    ['is not signed', note.slice(0, note.indexOf('—')), key],
    ['is none', '', key],
    ['comes with a key that is none', note, 'key'],
  ])('is refused when it %s', async (_what, text, verifierKey) => {
    await expect(openSignedHead(text, verifierKey)).rejects.toThrow();
  });
});
