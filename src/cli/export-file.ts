import { createWriteStream } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { UsageError } from './command.js';
import { positionIn } from './whole-lines.js';

/** No line is longer than that. */
const TAIL = 1_000_000;

type ExportFile = { stream: Writable; after: string | null };

/** Where an export goes: standard output, a new file, or the end of one that broke off, with the position of its last line. */
export async function exportFile(path: string | null, isResumed: boolean, format: string): Promise<ExportFile> {
  if (path === null) return { stream: process.stdout, after: null };
  if (!isResumed) return { stream: (await opened(path, 'wx')).createWriteStream(), after: null };
  const file = await opened(path, 'r+');
  const { size } = await file.stat();
  const after = await lastPosition(file, size, format);
  await file.close();
  if (after === null && size > 0)
    throw new UsageError(`${path} does not end in a whole line of an export as ${format}.`);
  return { stream: createWriteStream(path, { flags: 'a' }), after };
}

async function opened(path: string, flags: string): Promise<FileHandle> {
  try {
    // It tells of people.
    return await open(path, flags, 0o600);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') throw new UsageError(`${path} exists already: --resume goes on with it.`);
    throw new Error(`${path} cannot be opened: ${code}.`, { cause: error });
  }
}

async function lastPosition(file: FileHandle, size: number, format: string): Promise<string | null> {
  const length = Math.min(size, TAIL);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer.at(-1) === 0x0a ? positionIn(buffer, format) : null;
}
