import { open, type FileHandle } from 'node:fs/promises';
import { UsageError } from './command.js';
import { isBareBeginning, positionIn, wholeLinesOf } from './whole-lines.js';

/** No line is longer than that. */
const TAIL = 1_000_000;

type ExportFile = {
  /** Resolves when they are written; when they cannot be, none of them is in the file. */
  write(lines: Buffer): Promise<void>;
  close(): Promise<void>;
  after: string | null;
};

/** Where an export goes: standard output, a new file, or the end of one that broke off, with the position of its last whole line. */
export async function exportFile(path: string | null, isResumed: boolean, format: string): Promise<ExportFile> {
  if (path === null) return standardOutput();
  if (!isResumed) return endOf(await opened(path, 'wx'), 0, null);
  const { size, after } = await cut(path, format);
  return endOf(await opened(path, 'a'), size, after);
}

function standardOutput(): ExportFile {
  // Who writes is told of the error as well.
  process.stdout.on('error', () => undefined);
  const write = (lines: Buffer) =>
    new Promise<void>((resolve, reject) => {
      process.stdout.write(lines, (error) => (error ? reject(error) : resolve()));
    });
  return { write, close: () => Promise.resolve(), after: null };
}

function endOf(file: FileHandle, length: number, after: string | null): ExportFile {
  let size = length;
  async function write(lines: Buffer): Promise<void> {
    try {
      await file.appendFile(lines);
      size += lines.length;
    } catch (error) {
      await file.truncate(size).catch(() => undefined);
      throw error;
    }
  }
  return { write, close: () => file.close(), after };
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

/** Cuts off what is not a whole line, and the heading where nothing else is there. Answers what is left. */
async function cut(path: string, format: string): Promise<{ size: number; after: string | null }> {
  const file = await opened(path, 'r+');
  try {
    const { size } = await file.stat();
    const tail = await tailOf(file, size);
    const lines = wholeLinesOf(tail);
    const after = positionIn(lines, format);
    if (after === null && (size > TAIL || !isBareBeginning(tail, format)))
      throw new UsageError(`${path} is no export as ${format}: there is nothing to resume.`);
    const left = after === null ? 0 : size - tail.length + lines.length;
    if (left < size) await file.truncate(left);
    return { size: left, after };
  } finally {
    await file.close();
  }
}

async function tailOf(file: FileHandle, size: number): Promise<Buffer> {
  const length = Math.min(size, TAIL);
  const { buffer } = await file.read(Buffer.alloc(length), 0, length, size - length);
  return buffer;
}
