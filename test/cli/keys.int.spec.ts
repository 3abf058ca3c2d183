import { chmod, lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { generateKeyRing, parseKeyRing, type WrittenKeyRing } from '../../src/secrets/key-ring.js';
import { rotateKeys } from '../../src/secrets/rotate-keys.js';
import { latchkey, type Ended } from '../support/command-line.js';

const RING = await generateKeyRing();
const written = JSON.parse(RING) as Required<WrittenKeyRing>;
const older = { pepper: written.pepper, vault: written.vault };

let folder: string;
let file: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'latchkey-keys-'));
  file = join(folder, 'key-ring.json');
  await writeFile(file, RING);
});
afterEach(() => rm(folder, { recursive: true }));

const read = async () => JSON.parse(await readFile(file, 'utf8')) as Required<WrittenKeyRing>;
const keysIn = (ring: Partial<WrittenKeyRing>) => Object.values(ring).flat();

/** Promise: no command but `keys new` shows anything of a key. */
async function quiet(args: string[], env: Record<string, string> = {}): Promise<Ended> {
  const ended = await latchkey(['keys', ...args], env);
  const ring = await read().catch(() => written);
  for (const { key } of [...keysIn(written), ...keysIn(ring)])
    for (const part of [key.slice(0, 12), key.slice(-24, -4)]) expect(ended.stdout + ended.stderr).not.toContain(part);
  return ended;
}

async function rotated(...args: string[]): Promise<Ended> {
  const ended = await quiet(['rotate', ...args, '--file', file]);
  expect({ code: ended.code, stderr: ended.stderr }).toEqual({ code: 0, stderr: '' });
  return ended;
}

describe('latchkey keys new', () => {
  it('prints a key ring', async () => {
    const { code, stdout, stderr } = await latchkey(['keys', 'new']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(parseKeyRing(stdout).sign.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    expect(stdout).not.toContain(written.pepper[0]!.key);
  });
});

describe('latchkey keys rotate', () => {
  it('puts a new key in front of each part, used in an hour, and keeps all others as they are', async () => {
    const earliest = Date.now() + 3_600_000;
    await rotated();
    const ring = await read();
    const latest = Date.now() + 3_600_000;

    expect(ring.pepper.map(({ id }) => id)).toEqual(['pepper-2', 'pepper-1']);
    expect(ring.vault.map(({ id }) => id)).toEqual(['vault-2', 'vault-1']);
    expect(ring.sign.map(({ alg }) => alg)).toEqual(['ES256', 'RS256', 'ES256', 'RS256']);
    expect(ring.evidence.map(({ id }) => id)).toEqual(['evidence-2', 'evidence-1']);
    const kept = { pepper: ring.pepper.slice(1), vault: ring.vault.slice(1), sign: ring.sign.slice(2) };
    expect({ ...kept, evidence: ring.evidence.slice(1) }).toEqual(written);
    for (const { usedFrom } of [ring.pepper[0]!, ring.vault[0]!, ...ring.sign.slice(0, 2), ring.evidence[0]!]) {
      expect(Date.parse(usedFrom!)).toBeGreaterThanOrEqual(earliest);
      expect(Date.parse(usedFrom!)).toBeLessThanOrEqual(latest);
    }
    parseKeyRing(await readFile(file, 'utf8'));
  });

  it('leaves alone the parts that are not named, and takes another lead', async () => {
    await rotated('pepper', '--lead', 'PT0S');
    const { pepper, ...rest } = await read();
    expect(rest).toEqual({ vault: written.vault, sign: written.sign, evidence: written.evidence });
    expect(Date.parse(pepper[0]!.usedFrom!)).toBeLessThanOrEqual(Date.now());

    await rotated('vault', 'pepper');
    expect((await read()).pepper.map(({ id }) => id)).toEqual(['pepper-3', 'pepper-2', 'pepper-1']);
    expect((await read()).vault.map(({ id }) => id)).toEqual(['vault-2', 'vault-1']);
    expect((await read()).sign).toEqual(written.sign);
  });

  it('gives a ring of the version before keys that sign at once, and nothing where none was asked for', async () => {
    await writeFile(file, JSON.stringify(older));
    await rotated('pepper');
    expect(Object.keys(await read())).toEqual(['pepper', 'vault']);
    await rotated('sign');
    expect((await read()).sign.map(({ alg, usedFrom }) => [alg, usedFrom])).toEqual([
      ['ES256', undefined],
      ['RS256', undefined],
    ]);
    await rotated('evidence');
    expect((await read()).evidence.map(({ id, usedFrom }) => [id, usedFrom])).toEqual([['evidence-1', undefined]]);
  });

  it('makes the file one that only its owner reads, and none that was stricter any wider', async () => {
    await chmod(file, 0o644);
    await rotated('pepper');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    await chmod(file, 0o400);
    await rotated('pepper');
    expect((await stat(file)).mode & 0o777).toBe(0o400);
    expect(await readdir(folder)).toEqual(['key-ring.json']);
  });

  it('leaves a link to the file one', async () => {
    const link = join(folder, 'link.json');
    await symlink('key-ring.json', link);
    expect(await quiet(['rotate', 'vault', '--file', link])).toMatchObject({ code: 0 });
    expect((await lstat(link)).isSymbolicLink()).toBe(true);
    expect((await read()).vault).toHaveLength(2);
  });

  it('takes the file that KEY_RING names, else that in DATA_DIR', async () => {
    expect(await quiet(['rotate', 'pepper'], { KEY_RING: file, DATA_DIR: '/nowhere' })).toMatchObject({ code: 0 });
    expect(await quiet(['rotate', 'pepper'], { DATA_DIR: folder, KEY_RING: '' })).toMatchObject({ code: 0 });
    expect((await read()).pepper).toHaveLength(3);
  });

  it('loses no key when it is asked twice at once', async () => {
    const endings = await Promise.all(Array.from({ length: 4 }, () => quiet(['rotate', 'pepper', '--file', file])));
    const done = endings.filter(({ code }) => code === 0).length;
    const { pepper } = await read();
    expect(pepper).toHaveLength(1 + done);
    expect(new Set(pepper.map(({ id }) => id)).size).toBe(1 + done);
    for (const { code, stderr } of endings.filter(({ code }) => code !== 0))
      expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining('is being changed by another') });
  });

  const told = ' "latchkey keys rotate --help" tells more.\n';
  it.each<[string, string[], string]>([
    [
      'an unknown part',
      ['signing'],
      `"latchkey keys rotate" takes the words pepper, vault, sign, evidence and options only.${told}`,
    ],
    ['an unknown option', ['--now'], `Unknown option '--now'.${told}`],
    ['a lead that is no duration', ['--lead', '1h'], '--lead must be an ISO 8601 duration'],
    ['a lead that is negative', ['--lead=-PT1H'], '--lead must be an ISO 8601 duration'],
  ])('refuses %s and changes nothing', async (_, args, sentence) => {
    const { code, stdout, stderr } = await quiet(['rotate', ...args, '--file', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(sentence)).toBe(true);
    expect(await readFile(file, 'utf8')).toBe(RING);
  });

  it.each<[string, () => unknown, string]>([
    ['no file', () => rm(file), '--file cannot be read (ENOENT).\n'],
    ['a folder', () => rm(file).then(() => mkdir(file)), '--file cannot be read (EISDIR).\n'],
    ['a file that holds something else', () => writeFile(file, 'password=hunter2'), '--file is not JSON.\n'],
    ['a ring that is not good', () => writeFile(file, '{}'), '--file is not a good key ring: pepper '],
    ['a ring that is being changed', () => writeFile(`${file}.new`, ''), '--file is being changed by another process.'],
  ])('refuses %s', async (_, prepare, sentence) => {
    await prepare();
    const before = (await readdir(folder)).toSorted();
    const { code, stdout, stderr } = await quiet(['rotate', '--file', file]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr.startsWith(sentence)).toBe(true);
    expect((await readdir(folder)).toSorted()).toEqual(before);
  });

  it('refuses a KEY_RING that is the ring itself, and shows nothing of one that is no path', async () => {
    const inSetting = await quiet(['rotate'], { KEY_RING: RING, DATA_DIR: folder });
    expect(inSetting).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(/^KEY_RING is the ring itself/),
    });
    const bareKey = await quiet(['rotate'], { KEY_RING: written.pepper[0]!.key });
    expect(bareKey).toMatchObject({ code: 2, stderr: 'The file that KEY_RING names cannot be read (ENOENT).\n' });
    expect(await readFile(file, 'utf8')).toBe(RING);
  });
});

describe('latchkey keys list', () => {
  it('tells of each key what it is for now, and nothing of the key', async () => {
    await rotated('vault');
    const { code, stdout } = await quiet(['list', '--file', file]);
    const { vault, sign } = await read();
    expect(code).toBe(0);
    expect(
      stdout
        .trim()
        .split('\n')
        .map((line) => line.split(/ {2,}/)),
    ).toEqual([
      ['PART', 'ID', 'ALG', 'STATE', 'USED FROM'],
      ['pepper', 'pepper-1', '-', 'in use', 'always'],
      ['vault', 'vault-2', '-', 'next', vault[0]!.usedFrom],
      ['vault', 'vault-1', '-', 'in use', 'always'],
      ['evidence', 'evidence-1', '-', 'in use', 'always'],
      ['sign', sign[0]!.id, 'ES256', 'in use', 'always'],
      ['sign', sign[1]!.id, 'RS256', 'in use', 'always'],
    ]);
  });

  it('tells of a ring of the version before', async () => {
    await writeFile(file, JSON.stringify(older));
    expect((await quiet(['list', '--file', file])).stdout).not.toMatch(/sign|evidence/);
  });

  it('tells what is retired and kept', async () => {
    const ago = new Date(Date.now() - 2 * 3_600_000).toISOString();
    const [es256, rs256] = written.sign;
    const next = JSON.parse(
      await rotateKeys(RING, ['sign', 'pepper'], new Date(ago), new Date()),
    ) as Required<WrittenKeyRing>;
    await writeFile(file, JSON.stringify(next));
    const { stdout } = await quiet(['list', '--file', file]);
    expect(stdout).toMatch(new RegExp(`${es256!.id} +ES256 +retired +always`));
    expect(stdout).toMatch(new RegExp(`${rs256!.id} +RS256 +retired +always`));
    expect(stdout).toMatch(/pepper-1 +- +kept +always/);
  });
});
