import { mkdtemp, readdir, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDataDirectory } from '../../src/embedded/data-directory.js';
import { endChildren, runInChild } from './run-in-child.js';

let parent: string;
let dataDir: string;

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'latchkey-claim-'));
  dataDir = join(parent, 'data');
});

afterEach(() => rm(parent, { recursive: true }));
afterAll(endChildren);

const claimInChild = () =>
  runInChild(`
    import { claimDataDirectory } from './data-directory.js';
    await claimDataDirectory(${JSON.stringify(dataDir)}).then(() => console.log('mine'), (error) => console.log(error.message));
    setInterval(() => {}, 1000);
  `);

describe('a data directory that nobody owns', () => {
  it('is created for its owner only', async () => {
    await claimDataDirectory(dataDir);
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700);
  });

  it('goes to exactly one of several processes that start at once', async () => {
    const children = Array.from({ length: 8 }, claimInChild);
    const answers = await Promise.all(children.map((child) => child.nextLine()));
    await Promise.all(children.map((child) => child.kill('SIGKILL')));
    const winner = children[answers.indexOf('mine')];
    expect(answers.filter((answer) => answer === 'mine')).toHaveLength(1);
    expect(
      answers.filter((answer) => answer.startsWith(`Another Latchkey (process ${winner?.pid}) runs on`)),
    ).toHaveLength(7);
  });
});

describe('a data directory that a process owns', () => {
  it('is refused to another one, in a sentence that names the process and the way out', async () => {
    const child = claimInChild();
    expect(await child.nextLine()).toBe('mine');
    await expect(claimDataDirectory(dataDir)).rejects.toThrow(
      `Another Latchkey (process ${child.pid}) runs on ${dataDir}. Stop it, or give this one its own folder with DATA_DIR.`,
    );
    await child.kill('SIGKILL');
  });

  it('is free again after its release', async () => {
    const claim = await claimDataDirectory(dataDir);
    await expect(claimDataDirectory(dataDir)).rejects.toThrow('Another Latchkey');
    await claim.release();
    await claimDataDirectory(dataDir);
  });
});

describe('a data directory whose owner was killed', () => {
  it('goes to exactly one of several processes that start at once', async () => {
    for (let round = 0; round < 3; round += 1) {
      const children = Array.from({ length: 6 }, claimInChild);
      const answers = await Promise.all(children.map((child) => child.nextLine()));
      await Promise.all(children.map((child) => child.kill('SIGKILL')));
      expect(answers.filter((answer) => answer === 'mine')).toHaveLength(1);
    }
    await claimDataDirectory(dataDir);
    expect((await readdir(dataDir)).filter((name) => name.endsWith('.pid'))).toEqual(['latchkey.4.pid']);
  });

  it('is not mistaken for owned when another program got the process id', async () => {
    await claimDataDirectory(dataDir);
    await writeFile(
      join(dataDir, 'latchkey.1.pid'),
      JSON.stringify({ process: process.pid, started: 'another boot:1' }),
    );
    await claimDataDirectory(dataDir);
  });
});
