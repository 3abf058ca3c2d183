import { setTimeout as pause } from 'node:timers/promises';
import { readPostmaster } from './postmaster-file.js';
import { isRunning } from './running-process.js';

// https://www.postgresql.org/docs/18/server-shutdown.html: fast, then immediate (the next start recovers).
const shutdowns = [
  { signal: 'SIGINT', patience: 10_000 },
  { signal: 'SIGQUIT', patience: 10_000 },
] as const;

/** Stops the server and waits until it is gone, at most 20 seconds. Does nothing when it is gone already. */
export async function stopPostmaster(clusterDir: string, pid: number): Promise<void> {
  const isGone = async () => (await readPostmaster(clusterDir))?.pid !== pid || !(await isRunning(pid));
  for (const { signal, patience } of shutdowns) {
    if (await isGone()) return;
    send(pid, signal);
    if (await within(patience, async () => !(await isRunning(pid)))) return;
  }
  throw new Error(`PostgreSQL (process ${pid}) does not stop. End it with "kill -QUIT ${pid}".`);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

async function within(milliseconds: number, isDone: () => Promise<boolean>): Promise<boolean> {
  const deadline = Date.now() + milliseconds;
  while (Date.now() < deadline) {
    if (await isDone()) return true;
    await pause(10);
  }
  return isDone();
}
