import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';

export type Ended = { code: number | null; signal: NodeJS.Signals | null; stdout: string; stderr: string };
export type Started = { process: ChildProcess; ended: Promise<Ended> };

/** The built `latchkey` in a process of its own, with nothing of this process's environment but what is named. */
export function startLatchkey(args: string[], env: Record<string, string> = {}, nodeOptions: string[] = []): Started {
  const child = spawn(process.execPath, [...nodeOptions, resolve('dist/src/cli/latchkey.js'), ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code, signal]): Ended => ({ code, signal, stdout, stderr }));
  return { process: child, ended };
}

export const latchkey = (args: string[], env?: Record<string, string>) => startLatchkey(args, env).ended;
