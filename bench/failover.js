import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStore } from '../dist/src/event-store/open-event-store.js';
import { anEvent } from './support/an-event.js';
import { startStandIn } from './support/eventstoredb.js';
import { temporaryDirectory } from './support/stack.js';
import { stopAll } from './support/stops.js';

const CLIENTS = 8;
/** How long does nothing get written when the leader dies, or freezes, and the next is there at once? (The stand-in, not a real cluster.) */
export default async function () {
  const times = {};
  for (const [how, signal] of Object.entries({ killed: 'SIGKILL', frozen: 'SIGSTOP' })) {
    try {
      times[how] = await pauseAfter(signal);
    } finally {
      await stopAll();
    }
  }
  const seconds = (how) => `${(times[how] / 1_000).toFixed(1)} s`;
  return `failover: writes go on ${seconds('killed')} after the leader was killed, ${seconds('frozen')} after it was frozen (target 6 s)`;
}

async function pauseAfter(signal) {
  const file = join(await temporaryDirectory(), 'log');
  const leader = await startStandIn('--file', file);
  const nextPort = leader.port + 1;
  const prefix = `bench${Date.now()}`;
  const log = await openEventStore(`esdb://127.0.0.1:${leader.port},127.0.0.1:${nextPort}?tls=false`, prefix);

  let isOver = false;
  let lastWritten = performance.now();
  let longest = 0;
  const client = async () => {
    while (!isOver) {
      const event = anEvent();
      const stream = `${prefix}.token-${event.id}`;
      while (!isOver && !(await log.append(stream, 'no_stream', [event]).catch(() => sleep(20)))) continue;
      longest = Math.max(longest, performance.now() - lastWritten);
      lastWritten = performance.now();
    }
  };
  const clients = Array.from({ length: CLIENTS }, client);
  await sleep(1_000);
  longest = 0;
  leader.child.kill(signal);
  await startStandIn('--file', file, '--port', String(nextPort));
  await sleep(9_000);
  isOver = true;
  await Promise.all(clients);
  await log.close();
  return longest;
}
