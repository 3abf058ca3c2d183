import { readdir, readFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';

const TICK_MICROSECONDS = 10_000;

/**
 * Who has the processors while something is done, as the kernel counts it, with the processes that each process has started.
 *
 * @param {Record<string, number>} processes By what they are called.
 * @param {() => Promise<number>} work Answers how often it was done.
 * @returns {Promise<string>} Microseconds for each time.
 */
export async function shares(processes, work) {
  const started = performance.now();
  const before = await timesOf(processes);
  const count = await work();
  const after = await timesOf(processes);
  const each = (microseconds) => `${Math.round(microseconds / count)}`;
  const parts = Object.keys(processes).map((name) => `${name} ${each(after[name] - before[name])}`);
  const wall = each((performance.now() - started) * 1_000);
  return `${parts.join(', ')} of ${availableParallelism()} x ${wall} µs`;
}

async function timesOf(processes) {
  const all = await findProcesses();
  const times = Object.entries(processes).map(([name, pid]) => {
    const own = all.filter((each) => each.pid === pid || each.parent === pid);
    return [name, own.reduce((sum, { ticks }) => sum + ticks, 0) * TICK_MICROSECONDS];
  });
  return Object.fromEntries(times);
}

async function findProcesses() {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)));
  return found.filter((stat) => stat !== null).map(processOf);
}

/** See proc_pid_stat(5). What children had that have ended is their parent's. */
function processOf(stat) {
  const [, pid, rest] = /^(\d+) \(.*\) (.*)$/s.exec(stat);
  const fields = rest.split(' ');
  const [parent, user, system, childrenUser, childrenSystem] = [1, 11, 12, 13, 14].map((place) =>
    Number(fields[place]),
  );
  return { pid: Number(pid), parent, ticks: user + system + childrenUser + childrenSystem };
}
