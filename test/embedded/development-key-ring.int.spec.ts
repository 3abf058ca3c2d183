import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { developmentKeyRing } from '../../src/embedded/development-key-ring.js';
import type { WrittenKeyRing } from '../../src/secrets/key-ring.js';

let folder: string;
let file: string;
beforeAll(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'latchkey-ring-')), 'data');
  file = join(folder, 'key-ring.json');
});
afterAll(() => rm(join(folder, '..'), { recursive: true }));

const read = async () => JSON.parse(await readFile(file, 'utf8')) as WrittenKeyRing;
const algorithms = (ring: WrittenKeyRing) => ring.sign?.map(({ alg }) => alg);

describe('the key ring of a development machine', () => {
  it('is made once, for its owner only', async () => {
    const { keyRing, keyRingFile } = await developmentKeyRing(folder);
    const made = await readFile(file, 'utf8');

    expect(keyRingFile).toBe(file);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(keyRing.sign).toHaveLength(2);
    await developmentKeyRing(folder);
    expect(await readFile(file, 'utf8')).toBe(made);
  });

  it('of the version before gets keys that sign, and keeps every key (promise: data of an older version still starts)', async () => {
    const { pepper, vault } = await read();
    await writeFile(file, JSON.stringify({ pepper, vault }));

    const { keyRing } = await developmentKeyRing(folder);

    expect(keyRing.sign.map(({ alg }) => alg)).toEqual(['ES256', 'RS256']);
    expect(keyRing.evidence.map(({ id }) => id)).toEqual(['evidence-1']);
    expect(await read()).toMatchObject({ pepper, vault });
    expect(algorithms(await read())).toEqual(['ES256', 'RS256']);
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    expect(await readdir(folder)).toEqual(['key-ring.json']);
  });

  it('keeps the signing keys that it has when it gets others', async () => {
    const ring = await read();
    const [es256] = ring.sign!;
    await writeFile(file, JSON.stringify({ ...ring, sign: [es256] }));

    await developmentKeyRing(folder);

    expect(algorithms(await read())).toEqual(['RS256', 'ES256']);
    expect((await read()).sign![1]).toEqual(es256);
  });

  it('keeps the key that signs evidence when it gets others, and gets one alone', async () => {
    const { evidence, ...ring } = await read();
    await writeFile(file, JSON.stringify({ ...ring, sign: [], evidence }).replace('"sign":[],', ''));
    await developmentKeyRing(folder);
    expect((await read()).evidence).toEqual(evidence);

    await writeFile(file, JSON.stringify(ring));
    await developmentKeyRing(folder);
    expect((await read()).sign).toEqual(ring.sign);
    expect((await read()).evidence).toHaveLength(1);
  });

  it('is left as it is when it is not good, and a sentence names it', async () => {
    await writeFile(file, '{ "pepper": "hunter2" }');

    await expect(developmentKeyRing(folder)).rejects.toThrow(`The key ring ${file} is not a good key ring: pepper `);
    expect(await readFile(file, 'utf8')).toBe('{ "pepper": "hunter2" }');
  });
});
