import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';

export type Child = { pid: number; nextLine(): Promise<string>; kill(signal: NodeJS.Signals): Promise<void> };

const children: ChildProcess[] = [];

/**
 * Runs an ES module that sees the built code of src/embedded as its own folder, in a process group of its own: a spec can
 * kill it as a user would.
 */
export function runInChild(program: string): Child {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: resolve('dist/src/embedded'),
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  children.push(child);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    nextLine: async () => String((await lines.next()).value),
    kill: (signal) => killGroup(child, signal),
  };
}

/** Call after all specs of a file: one that failed may have left a child behind. */
export async function endChildren(): Promise<void> {
  await Promise.all(children.splice(0).map((child) => killGroup(child, 'SIGKILL')));
}

async function killGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const exit = once(child, 'exit');
  process.kill(-child.pid, signal);
  await exit;
}
