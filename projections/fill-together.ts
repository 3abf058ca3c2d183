import type { EventStore } from '../src/event-store/event-store.js';
import { earliestOf } from '../src/event-store/position.js';
import { readToEnd } from './read-to-end.js';
import type { Rebuild } from './rebuild.js';

/** Reads the log once for all of them. One that fails is left behind: it meets again what was wrong when it runs by itself. */
export async function fillTogether(
  rebuilds: readonly Rebuild[],
  store: EventStore,
  signal: AbortSignal,
): Promise<void> {
  let going = await succeeding(rebuilds, (rebuild) => rebuild.begin());
  const earliest = earliestOf(going.map(({ position }) => position));
  for await (const batch of readToEnd(store, earliest, signal)) {
    going = await succeeding(going, (rebuild) => rebuild.add(batch, signal));
    if (going.length === 0) return;
  }
}

async function succeeding<Each>(all: readonly Each[], work: (each: Each) => Promise<void>): Promise<Each[]> {
  const outcomes = await Promise.allSettled(all.map(work));
  return all.filter((_, n) => outcomes[n]?.status === 'fulfilled');
}
