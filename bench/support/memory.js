import { readFile } from 'node:fs/promises';

const BYTES_PER_KILOBYTE = 1_024;
const MEGABYTE = 1_000_000;

/** What a process has in memory, in megabytes, as the kernel counts it. */
export const residentMegabytes = (process) => megabytes(process, 'VmRSS');

/** The most that it has ever had. */
export const peakMegabytes = (process) => megabytes(process, 'VmHWM');

async function megabytes({ pid }, entry) {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round((Number(new RegExp(`${entry}:\\s+(\\d+) kB`).exec(status)?.[1]) * BYTES_PER_KILOBYTE) / MEGABYTE);
}
