import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

const onLinux = process.platform === 'linux';

/** Whether a process with this id runs. A zombie does not: its parent may never collect it. */
export async function isRunning(pid: number): Promise<boolean> {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  if (!onLinux) return true;
  const state = (await readStat(pid))?.[0];
  return state !== 'Z' && state !== 'X';
}

/** A text that differs when the same process id is used again; undefined where the system does not tell. */
export async function startMark(pid: number): Promise<string | undefined> {
  if (process.platform === 'win32') return undefined;
  if (!onLinux) return ps(pid, 'lstart=');
  const ticks = (await readStat(pid))?.[19];
  const boot = await readText('/proc/sys/kernel/random/boot_id');
  return ticks && `${boot ?? ''}:${ticks}`;
}

/** The name of the program that runs under this id, such as "postgres"; undefined when unknown. */
export async function programName(pid: number): Promise<string | undefined> {
  if (onLinux) return readText(`/proc/${pid}/comm`);
  return (await ps(pid, 'comm='))?.split('/').at(-1);
}

// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: the name in parentheses may itself hold ") ".
async function readStat(pid: number): Promise<string[] | undefined> {
  const text = await readText(`/proc/${pid}/stat`);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ');
}

async function readText(path: string): Promise<string | undefined> {
  try {
    return (await readFile(path, 'utf8')).trim();
  } catch {
    return undefined;
  }
}

async function ps(pid: number, column: string): Promise<string | undefined> {
  try {
    const { stdout } = await promisify(execFile)('ps', ['-o', column, '-p', String(pid)]);
    return stdout.trim() || undefined;
  } catch {
    return undefined;
  }
}
