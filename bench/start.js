import { setTimeout as sleep } from 'node:timers/promises';
import { residentMegabytes } from './support/memory.js';
import { startService, temporaryDirectory } from './support/stack.js';
import { median } from './support/statistics.js';
import { stopAll } from './support/stops.js';

const ROUNDS = 3;
const REST_MILLISECONDS = 3_000;

/** How long from the start of the process until it is ready, with nothing there yet and later, and how much memory does it keep? */
export default async function start() {
  const first = [];
  const later = [];
  const memory = [];
  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      const env = { DATA_DIR: await temporaryDirectory() };
      const fresh = await startService('dist/src/main.js', env);
      await fresh.stop();
      const again = await startService('dist/src/main.js', env);
      await sleep(REST_MILLISECONDS);
      first.push(fresh.startMilliseconds);
      later.push(again.startMilliseconds);
      memory.push(await residentMegabytes(again));
      await again.stop();
    }
  } finally {
    await stopAll();
  }
  const seconds = (times) => `${(median(times) / 1_000).toFixed(1)} s`;
  return (
    `start: first ${seconds(first)}, later ${seconds(later)}, ` +
    `at rest ${median(memory)} MB (median of ${ROUNDS}; targets 5 s, 2.5 s, 200 MB)`
  );
}
