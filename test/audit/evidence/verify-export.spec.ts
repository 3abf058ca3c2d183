import fc from 'fast-check';
import type { AuditRow } from '../../../projections/audit-trail.js';
import { canonicalJson } from '../../../src/canonical-json.js';
import { writeCheckpoint } from '../../../src/audit/evidence/checkpoint.js';
import { exportedEntry, type ExportedEntry } from '../../../src/audit/evidence/exported-entry.js';
import { commitmentTo, leafHashOfRow, leafTextOf } from '../../../src/audit/evidence/leaf.js';
import { linesOf } from '../../../src/audit/evidence/lines.js';
import { rootOf, sha256 } from '../../../src/audit/evidence/merkle.js';
import { publicKeyOf, signNote } from '../../../src/audit/evidence/signed-note.js';
import { verifyExport } from '../../../src/audit/evidence/verify-export.js';
import { keyNamed } from '../../support/keys.js';

const ORIGIN = 'tokens.example.com/acme';
const seed = keyNamed('evidence-1').key;
const keys = [{ name: ORIGIN, publicKey: publicKeyOf(seed) }];

const rowOf = (n: number): AuditRow => {
  const row: Told = {
    id: `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`,
    tenantId: 'acme',
    logOrder: String(n + 7),
    position: String(n + 7),
    at: new Date(Date.UTC(2026, 2, 1, 12, n)),
    action: 'AppPermissionsChanged',
    actorKind: 'USER',
    actorId: `user-${n % 3}`,
    actorName: `Größe\u2028 ${n}`,
    targetType: n % 4 ? 'APP' : null,
    targetId: n % 4 ? '11111111-1111-4111-8111-111111111111' : null,
    targetName: n % 4 ? 'Billing "2"' : null,
    reason: n % 4 ? null : 'You may not.',
    ip: '192.0.2.7',
    userAgent: n % 2 ? 'spec/1' : null,
    commitment: null,
    salt: null,
    correlationId: `c-${n}`,
    details: { withdrawn: [], granted: ['EXPIRE_TOKENS'], 10: n, 9: { count: n } },
  };
  const evident = [row, sealed(row), erased(sealed(row))][n % 3]!;
  return { ...evident, leafIndex: String(n), leafHash: leafHashOfRow(evident).toString('base64') };
};

type Told = Omit<AuditRow, 'leafIndex' | 'leafHash'>;

/** As of a later version: with a salt that does not follow from the id. */
function sealed(row: Told): Told {
  const salt = sha256(`salt of ${row.id}`).subarray(0, 16);
  const commitment = commitmentTo({ ip: row.ip, name: row.actorName, userAgent: row.userAgent }, salt);
  return { ...row, commitment, salt: salt.toString('base64') };
}

const erased = (row: Told): Told => ({ ...row, actorName: null, ip: null, userAgent: null, salt: null });
const ROWS = Array.from({ length: 20 }, (_, n) => rowOf(n));
const LINES = ROWS.map((row) => JSON.stringify(exportedEntry(row)));

const noteOf = (size: number, origin = ORIGIN) => {
  const rootHash = rootOf(ROWS.slice(0, size).map((row) => Buffer.from(row.leafHash!, 'base64')));
  return signNote(writeCheckpoint({ origin, size, rootHash }), ORIGIN, seed);
};
const streamed = (lines: readonly string[]) =>
  linesOf(
    (async function* () {
      yield await Promise.resolve(Buffer.from(lines.map((line) => `${line}\n`).join('')));
    })(),
  );
const verify = (lines: readonly string[], size = ROWS.length) => verifyExport(streamed(lines), noteOf(size), keys);

describe('a leaf', () => {
  it('is canonical JSON of what docs/audit.md lists', () => {
    const { index, leafHash, position, salt, ip, userAgent, actor, ...entry } = exportedEntry(ROWS[1]!);
    const text = canonicalJson({
      v: 1,
      ...entry,
      actor: { kind: actor.kind, id: actor.id },
    });
    const told = canonicalJson({ ip, name: actor.name, userAgent });
    expect(entry.personal).toBe(
      sha256(Buffer.concat([Buffer.from(salt!, 'base64'), Buffer.from(told)])).toString('base64'),
    );
    expect(leafTextOf({ ...entry, actor }, entry.personal)).toBe(text);
    expect(leafHash).toBe(sha256(`\0${text}`).toString('base64'));
    expect({ index, position }).toEqual({ index: 1, position: '8' });
  });

  it('of the first versions has a salt that follows from the id', () => {
    const { salt, id } = exportedEntry(ROWS[0]!);
    expect(salt).toBe(sha256(`latchkey audit salt v1:${id}`).subarray(0, 16).toString('base64'));
  });
});

describe('an export that was left as it was', () => {
  it.each([0, 1, 13, 20])('is verified against a head of %i entries', async (size) => {
    const { checkpoint, uncovered } = await verify(LINES, size);
    expect({ size: checkpoint.size, uncovered }).toEqual({ size, uncovered: 20 - size });
  });

  it('is verified however it is cut into pieces', async () => {
    const bytes = Buffer.from(LINES.join('\n'));
    async function* pieces() {
      for (let at = 0; at < bytes.length; at += 7) yield await Promise.resolve(bytes.subarray(at, at + 7));
    }
    expect((await verifyExport(linesOf(pieces()), noteOf(20), keys)).uncovered).toBe(0);
  });
});

describe('an export that somebody has tampered with (promise: the verifier finds it)', () => {
  const place = fc.integer({ min: 0, max: LINES.length - 1 });
  const expectFound = async (lines: readonly string[], sentence = /./) => {
    await expect(verify(lines)).rejects.toThrow(sentence);
  };
  /** Everything that can be changed in a line, but for the position. */
  const places = (value: object, path: string[] = []): string[][] =>
    Object.entries(value).flatMap(([key, entry]) => [
      [...path, key],
      ...(typeof entry === 'object' && entry !== null ? places(entry as object, [...path, key]) : []),
    ]);
  const changed = (line: string, path: string[], change: (before: unknown) => unknown) => {
    const value = JSON.parse(line);
    const owner = path.slice(0, -1).reduce((inner, key) => inner[key], value);
    owner[path.at(-1)!] = change(owner[path.at(-1)!]);
    return JSON.stringify(value);
  };
  const alterations: ((before: unknown) => unknown)[] = [
    (before) => (typeof before === 'string' ? `${before}x` : 'x'),
    (before) => (before === null ? '' : null),
    (before) => (typeof before === 'number' ? before + 1 : 1),
    () => undefined,
    () => [],
  ];

  it('by a change of any one value', async () => {
    const alteration = fc.constantFrom(...alterations);
    const which = fc.record({ at: place, where: fc.nat(), alteration });
    await fc.assert(
      fc.asyncProperty(which, async ({ at, where, alteration: change }) => {
        const all = places(JSON.parse(LINES[at]!)).filter(([first]) => first !== 'position');
        const tampered = changed(LINES[at]!, all[where % all.length]!, change);
        if (tampered === LINES[at]) return;
        await expectFound(LINES.toSpliced(at, 1, tampered), new RegExp(`^Line ${at + 1} `));
      }),
      { numRuns: 300 },
    );
  });

  it('by a change of an entry together with its hash', async () => {
    await fc.assert(
      fc.asyncProperty(place, async (at) => {
        const row = { ...ROWS[at]!, actorName: 'Mallory', commitment: null, salt: null };
        const forged = exportedEntry({ ...row, leafHash: leafHashOfRow(row).toString('base64') });
        await expectFound(LINES.toSpliced(at, 1, JSON.stringify(forged)), /changed, removed or put in together/);
      }),
    );
  });

  it('by removal, insertion, repetition and moving, with or without new numbers', async () => {
    const renumbered = (lines: string[]) => lines.map((line, index) => changed(line, ['index'], () => index));
    const tampering = fc.constantFrom<(lines: string[], at: number, to: number) => string[]>(
      (lines, at) => lines.toSpliced(at, 1),
      (lines, at, to) => lines.toSpliced(at, 0, JSON.stringify(exportedEntry(rowOf(100 + to)))),
      (lines, at) => lines.toSpliced(at, 0, lines[at]!),
      (lines, at, to) => lines.toSpliced(at, 1).toSpliced(to, 0, lines[at]!),
      (lines, at) => lines.slice(0, at),
    );
    await fc.assert(
      fc.asyncProperty(tampering, place, place, fc.boolean(), async (tamper, at, to, isRenumbered) => {
        const moved = tamper(LINES, at, to);
        const tampered = isRenumbered ? renumbered(moved) : moved;
        // What comes after the entries that were signed is told as not covered.
        if (isRenumbered && tampered.slice(0, LINES.length).join() === LINES.join()) return;
        if (moved.join() === LINES.join()) return;
        await expectFound(tampered);
      }),
      { numRuns: 200 },
    );
  });

  it.each<[string, (line: string) => string, RegExp]>([
    [
      'a value that stands there twice',
      (line) => line.replace('"action"', '"action":"AppAdded","action"'),
      /as it was exported/,
    ],
    ['a field that is not vouched for', (line) => changed(line, ['note'], () => 'fine'), /nothing vouches for: note/],
    ['another field of the actor', (line) => changed(line, ['actor', 'role'], () => 'x'), /vouches for: actor.role/],
    [
      'a field that every object of JavaScript has',
      (line) => changed(line, ['constructor'], () => 'approved by Mallory'),
      /vouches for: constructor/,
    ],
    ['such a field of the actor', (line) => changed(line, ['actor', 'toString'], () => 'x'), /for: actor.toString/],
    ['an index that is missing', (line) => changed(line, ['index'], () => null), /evidence was being built/],
    ['what is no JSON', (line) => line.slice(0, -1), /Line 3 is no JSON/],
    ['what is no object', () => '[]', /Line 3 is no entry/],
    ['an empty line', () => '', /Line 3 is no JSON/],
  ])('by %s', async (_, tamper, sentence) => {
    await expectFound(LINES.toSpliced(2, 1, tamper(LINES[2]!)), sentence);
  });

  it('by leaving out what a filter would, and says what a filter does', async () => {
    const { actor } = JSON.parse(LINES[0]!) as ExportedEntry;
    const filtered = LINES.filter((line) => (JSON.parse(line) as ExportedEntry).actor.id === actor.id);
    await expectFound(filtered, /^Line 2 has index 3 where 1 should be .* An export with a filter cannot be verified/);
  });

  it('by cutting off its end', async () => {
    await expectFound(LINES.slice(0, -1), /ends after 19 entries, the checkpoint was signed of 20/);
  });

  it('by a head of another trail that the key did sign', async () => {
    const other = noteOf(20, 'tokens.example.com/globex');
    await expect(verifyExport(streamed(LINES), other, keys)).rejects.toThrow('is about tokens.example.com/globex');
  });

  it('by bytes that are no text', async () => {
    async function* bytes() {
      yield await Promise.resolve(Buffer.from([0x7b, 0xff, 0x0a]));
    }
    await expect(verifyExport(linesOf(bytes()), noteOf(20), keys)).rejects.toThrow();
  });
});
