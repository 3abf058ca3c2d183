import { open, readFile, realpath, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { parseKeyRing, type KeyRing } from './key-ring.js';

export const KEY_RING_FILE = 'key-ring.json';

const OWNER_ONLY = 0o600;

/** Throws what goes behind the name of the file: a sentence without its subject, which shows nothing of the keys. */
export async function readKeyRing(path: string, now = new Date()): Promise<KeyRing> {
  return parseKeyRing(await readable(readFile(path, 'utf8')), now);
}

/** Another one after each change of the file. */
export async function fingerprintOf(path: string): Promise<string> {
  const { ino, size, mtimeNs } = await readable(stat(path, { bigint: true }));
  return [ino, size, mtimeNs].join(' ');
}

/**
 * Replaces the ring in the file by what `change` makes of it. Who reads meanwhile gets the one before or the one after, whole. Of
 * two changes at once one is refused. Only the owner can read the file afterwards.
 */
export async function changeKeyRingFile(path: string, change: (text: string) => Promise<string>): Promise<void> {
  // What a link leads to is replaced, not the link.
  const file = await readable(realpath(path));
  const draftPath = `${file}.new`;
  // The draft is also the lock: it can be made by one only, and is gone as soon as it has become the ring.
  const draft = await openExclusively(draftPath);
  try {
    await draft.writeFile(await change(await readable(readFile(file, 'utf8'))));
    await takeOwnerAndMode(draft, file);
    await draft.sync();
    await rename(draftPath, file);
  } catch (error) {
    await rm(draftPath, { force: true });
    throw told(error, 'replaced');
  } finally {
    await draft.close();
  }
  await syncDirectory(dirname(file));
}

async function openExclusively(path: string): Promise<FileHandle> {
  try {
    return await open(path, 'wx', OWNER_ONLY);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw told(error, 'replaced');
    throw new Error(`is being changed by another process. If none runs, one was broken off: remove ${path}`, {
      cause: error,
    });
  }
}

async function takeOwnerAndMode(draft: FileHandle, file: string): Promise<void> {
  const { uid, gid, mode } = await stat(file);
  if ((await draft.stat()).uid !== uid) await draft.chown(uid, gid);
  await draft.chmod(mode & OWNER_ONLY);
}

/** A new name of a file is on the disk when its directory is. */
async function syncDirectory(path: string): Promise<void> {
  const directory = await open(path);
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}

async function readable<Result>(reading: Promise<Result>): Promise<Result> {
  try {
    return await reading;
  } catch (error) {
    throw told(error, 'read');
  }
}

/** The sentence of the system would show the path, and that may be a key that was meant as a ring. */
function told(error: unknown, done: 'read' | 'replaced'): unknown {
  const { code } = error as NodeJS.ErrnoException;
  return code ? new Error(`cannot be ${done} (${code})`, { cause: error }) : error;
}
