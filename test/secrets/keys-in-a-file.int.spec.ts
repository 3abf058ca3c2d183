import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { parseKeyRing, writeKeyRing, type WrittenKeyRing } from '../../src/secrets/key-ring.js';
import { Keys } from '../../src/secrets/keys.js';
import { Pepper } from '../../src/secrets/pepper.js';
import { seal, unseal } from '../../src/secrets/seal.js';
import { newSigningKey } from '../../src/secrets/signing-key.js';
import { eventually } from '../support/eventually.js';
import { keyNamed, ringOf, settingsWith } from '../support/keys.js';

const START = new Date('2026-03-02T10:00:00.000Z');
const ids = (keys: readonly { id: string }[]) => keys.map(({ id }) => id);

describe('keys in a file', () => {
  let folder: string;
  let file: string;
  let before: WrittenKeyRing;
  let keys: Keys;
  let now: Date;
  let warn: jest.SpiedFunction<Logger['warn']>;
  let error: jest.SpiedFunction<Logger['error']>;

  const written = (id: string) => ({ id, key: keyNamed(id).key.toString('base64') });
  const write = (ring: object | string) => writeFile(file, typeof ring === 'string' ? ring : JSON.stringify(ring));
  const told = (spy: { mock: { calls: unknown[][] } }) => spy.mock.calls.map(([sentence]) => sentence);

  beforeEach(async () => {
    now = START;
    folder = await mkdtemp(join(tmpdir(), 'latchkey-keys-'));
    file = join(folder, 'ring.json');
    before = { pepper: [written('pepper-1')], vault: [written('vault-1')], sign: [await newSigningKey('ES256')] };
    await write(before);
    keys = new Keys(settingsWith(parseKeyRing(writeKeyRing(before)), file), { now: () => now });
    warn = jest.spyOn(Logger.prototype, 'warn').mockReturnValue();
    error = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    await keys.look();
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await rm(folder, { recursive: true });
  });

  it('are taken over when it changes, also when it is replaced by another of the same size', async () => {
    await write({ ...before, vault: [written('vault-2'), ...before.vault] });
    await keys.look();
    expect(keys.current('vault').id).toBe('vault-2');

    await writeFile(`${file}.new`, JSON.stringify({ ...before, vault: [written('vault-3'), ...before.vault] }));
    await rename(`${file}.new`, file);
    await keys.look();
    expect(ids(keys.all('vault'))).toEqual(['vault-3', 'vault-1']);
    expect(told(error)).toEqual([]);
  });

  it('still open and match what was made before (promise: a rotation loses nothing)', async () => {
    const pepper = new Pepper(keys);
    const [sealed, hash] = [seal('secret', 'context', keys), pepper.hash('secret')];
    await write({ ...before, pepper: [written('p'), ...before.pepper], vault: [written('v'), ...before.vault] });
    await keys.look();

    expect(seal('secret', 'context', keys).keyId).toBe('v');
    expect(pepper.hash('secret').pepperId).toBe('p');
    expect(unseal(sealed, 'context', keys)).toBe('secret');
    expect(pepper.matches('secret', hash)).toBe(true);
    expect(told(warn)).toEqual([]);
  });

  const secret = keyNamed('no secret').key.toString('base64');
  it.each<[string, (ring: WrittenKeyRing) => object | string, RegExp]>([
    [
      'no JSON',
      () => `{ "pepper": "${secret}"`,
      /^The file of the key ring is not JSON\. The keys stay as they were\.$/,
    ],
    ['a weak key', (ring) => ({ ...ring, pepper: [{ id: 'a', key: `${secret}${secret}` }] }), /is not a good key ring/],
    ['nothing that signs', ({ pepper, vault }) => ({ pepper, vault }), /has no key that signs with ES256 by now/],
    [
      'no key that is used by now',
      (ring) => ({ ...ring, vault: [{ ...written('v'), usedFrom: '2026-03-02T10:00:01Z' }] }),
      /by now/,
    ],
  ])('stay when it becomes one with %s, which is told once and shows nothing', async (_, change, says) => {
    await write(change(before));
    await keys.look();
    await keys.look();

    expect(ids([keys.current('pepper'), keys.current('vault'), keys.signing('ES256')])).toEqual([
      'pepper-1',
      'vault-1',
      before.sign![0]!.id,
    ]);
    expect(told(error)).toEqual([expect.stringMatching(says)]);
    expect(JSON.stringify(error.mock.calls)).not.toContain(secret.slice(0, 12));

    await write({ ...before, vault: [written('vault-2')] });
    await keys.look();
    expect(keys.current('vault').id).toBe('vault-2');
  });

  it('stay when it is removed, which is told each time that it happens', async () => {
    for (let time = 0; time < 2; time += 1) {
      await rename(file, `${file}.away`);
      await keys.look();
      await keys.look();
      expect(keys.current('vault').id).toBe('vault-1');
      await rename(`${file}.away`, file);
      await keys.look();
    }
    const sentence = 'The file of the key ring cannot be read (ENOENT). The keys stay as they were.';
    expect(told(error)).toEqual([sentence, sentence]);
  });

  it('are taken over with a warning that names those that are missing, or are others now', async () => {
    const next = await newSigningKey('ES256');
    await write({ pepper: [written('pepper-2')], vault: [{ ...written('other'), id: 'vault-1' }], sign: [next] });
    await keys.look();

    expect(keys.current('pepper').id).toBe('pepper-2');
    expect(told(warn)).toEqual([
      `The key ring lacks pepper-1, vault-1, ${before.sign![0]!.id} now: what was made with that opens no more.`,
    ]);
  });

  it('are taken over without a warning when only a retired signing key is missing', async () => {
    const next = { ...(await newSigningKey('ES256')), usedFrom: START.toISOString() };
    await write({ ...before, sign: [next, ...before.sign!] });
    await keys.look();
    now = new Date(START.getTime() + 70 * 60_000 + 1);
    await write({ ...before, sign: [next] });
    await keys.look();

    expect(ids(keys.published())).toEqual([next.id]);
    expect(told(warn)).toEqual([]);
  });

  it('are looked at every five seconds while the service runs', async () => {
    jest.useFakeTimers({
      doNotFake: ['setTimeout', 'nextTick', 'setImmediate', 'queueMicrotask', 'Date', 'performance'],
    });
    try {
      keys.onApplicationBootstrap();
      await write({ ...before, vault: [written('vault-2'), ...before.vault] });
      const look = jest.spyOn(keys, 'look');
      jest.advanceTimersByTime(4_999);
      expect(look).not.toHaveBeenCalled();
      jest.advanceTimersByTime(1);
      await eventually(
        () => Promise.resolve(keys.current('vault').id),
        (id) => id === 'vault-2',
      );
      keys.onApplicationShutdown();
      jest.advanceTimersByTime(60_000);
      expect(look).toHaveBeenCalledTimes(1);
    } finally {
      jest.useRealTimers();
    }
  });

  it('are not looked at where they are no file', async () => {
    const inSettings = new Keys(settingsWith(ringOf()), { now: () => now });
    inSettings.onApplicationBootstrap();
    await inSettings.look();
    inSettings.onApplicationShutdown();
    expect(inSettings.current('vault').id).toBe('vault-1');
  });
});
