import { randomUUID } from 'node:crypto';
import { link, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isRunning, startMark } from './running-process.js';

export type DataDirectoryClaim = { release(): Promise<void> };

type Owner = { process: number; started: string | undefined };

const pidFile = /^latchkey\.(\d+)\.pid$/;

/**
 * Makes this process the only owner of `dataDir`, which is created if need be. Throws a sentence when another process owns it.
 *
 * The owner is whoever the pid file of the highest generation names. Generations only grow and a file is only ever created
 * whole (`link` refuses an existing name), so of several processes that find a dead owner exactly one succeeds it.
 */
export async function claimDataDirectory(dataDir: string): Promise<DataDirectoryClaim> {
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    return await claim(dataDir);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'EACCES' && code !== 'EPERM' && code !== 'EROFS') throw error;
    throw new Error(
      `The data directory ${dataDir} cannot be written by the user that runs Latchkey. ` +
        'Run it as the user who owns the directory, or name another one with DATA_DIR.',
      { cause: error },
    );
  }
}

async function claim(dataDir: string): Promise<DataDirectoryClaim> {
  const draft = join(dataDir, `latchkey.${randomUUID()}.draft`);
  const me: Owner = { process: process.pid, started: await startMark(process.pid) };
  await writeFile(draft, JSON.stringify(me), { mode: 0o644 });
  try {
    for (;;) {
      const last = await lastGeneration(dataDir);
      await refuseLivingOwner(dataDir, last);
      const mine = generationFile(dataDir, last + 1);
      if (!(await linkExclusively(draft, mine))) continue;
      // Looking twice: our name may have been free only because later owners have cleaned up behind themselves.
      if ((await lastGeneration(dataDir)) === last + 1) {
        await removeBefore(dataDir, last + 1);
        return { release: () => writeFile(mine, '') };
      }
      await rm(mine, { force: true });
    }
  } finally {
    await rm(draft, { force: true });
  }
}

async function refuseLivingOwner(dataDir: string, generation: number): Promise<void> {
  const owner = await readOwner(generationFile(dataDir, generation));
  if (!owner || !(await isRunning(owner.process))) return;
  const started = await startMark(owner.process);
  if (started && owner.started && started !== owner.started) return;
  throw new Error(
    `Another Latchkey (process ${owner.process}) runs on ${dataDir}. Stop it, or give this one its own folder with DATA_DIR.`,
  );
}

// An emptied file is a released one: it stays, so that its generation is not given out again.
async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    const text = await readFile(path, 'utf8');
    return text === '' ? undefined : (JSON.parse(text) as Owner);
  } catch (error) {
    if (error instanceof SyntaxError || (error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function lastGeneration(dataDir: string): Promise<number> {
  return Math.max(0, ...(await generations(dataDir)));
}

async function generations(dataDir: string): Promise<number[]> {
  const names = await readdir(dataDir);
  return names.flatMap((name) => pidFile.exec(name)?.[1] ?? []).map(Number);
}

function generationFile(dataDir: string, generation: number): string {
  return join(dataDir, `latchkey.${generation}.pid`);
}

async function linkExclusively(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function removeBefore(dataDir: string, generation: number): Promise<void> {
  const old = (await generations(dataDir)).filter((each) => each < generation);
  await Promise.all(old.map((each) => rm(generationFile(dataDir, each), { force: true })));
}
