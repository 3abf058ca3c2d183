import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { EventStore, ExpectedRevision, RecordedEvent } from '../../../src/event-store/event-store.js';
import { comparePositions } from '../../../src/event-store/position.js';
import {
  appendForSure,
  Follower,
  freshPrefix,
  idsOf,
  someEvent,
  someEvents,
  type ContractStore,
} from './contract-store.js';

const WRITERS = 8;
const APPENDS_EACH = 100;
const MEBIBYTE = 2 ** 20;

export function loadContract(log: () => ContractStore): void {
  let instances: EventStore[];
  let prefix: string;

  beforeEach(async () => {
    prefix = freshPrefix();
    instances = await Promise.all([log().openInstance(prefix), log().openInstance(prefix)]);
  });
  afterEach(() => Promise.all(instances.map((instance) => instance.close())));

  const instance = (index: number) => instances[index % 2]!;

  /** Appends until it is stored, at whatever revision the stream has come to since this writer looked. */
  async function write(
    store: EventStore,
    stream: string,
    known: Map<string, ExpectedRevision>,
    count: number,
  ): Promise<string[]> {
    const events = someEvents(count);
    for (;;) {
      const result = await appendForSure(store, stream, known.get(stream) ?? 'no_stream', events);
      if (result.outcome === 'id reused') throw new Error('These ids are new.');
      known.set(stream, result.outcome === 'conflict' ? result.current : result.revision);
      if (result.outcome !== 'conflict') return idsOf(events);
    }
  }

  describe('many writers at once', () => {
    it('nothing is skipped, doubled or turned around for those who follow meanwhile', async () => {
      const followers = [new Follower(instance(0), null), new Follower(instance(1), null)];
      const acknowledged: string[] = [];

      const writer = async (index: number) => {
        const known = new Map<string, ExpectedRevision>();
        for (let count = 0; count < APPENDS_EACH; count += 1) {
          // Mostly streams of one writer, some that all of them write.
          const stream = count % 10 === 0 ? `${prefix}.shared-${count % 3}` : `${prefix}.own-${index}-${count % 5}`;
          acknowledged.push(...(await write(instance(index), stream, known, randomInt(1, 4))));
        }
      };
      await Promise.all(Array.from({ length: WRITERS }, (_, index) => writer(index)));

      for (const follower of followers) {
        await follower.untilCount(acknowledged.length);
        await sleep(300);
        await follower.stop();
        expect(acknowledged.length).toBeGreaterThan(1_200);
        expect([...follower.ids].sort()).toEqual([...acknowledged].sort());
        expectLogOrder(follower.events);
      }
      expect(followers[0]!.ids).toEqual(followers[1]!.ids);
    }, 120_000);

    it('each gets the answer to its own append, whatever the others sent', async () => {
      const known = Array.from({ length: 60 }, (_, index) => ({
        stream: `${prefix}.known-${index}`,
        event: someEvent(),
      }));
      const first = await Promise.all(
        known.map(({ stream, event }, index) => instance(index).append(stream, 'no_stream', [event])),
      );

      const sends = known.flatMap(({ stream, event }, index) => [
        { kind: 'again', first: first[index], send: () => instance(index).append(stream, 'no_stream', [event]) },
        { kind: 'late', send: () => instance(index).append(stream, 'no_stream', [someEvent()]) },
        { kind: 'new', send: () => instance(index).append(`${stream}-new`, 'no_stream', someEvents(2)) },
        { kind: 'bad', send: async () => instance(index).append(stream, 0n, [someEvent({ id: 'no-uuid' })]) },
      ]);
      const answers = await Promise.allSettled(sends.map(({ send }) => send()));

      for (const [index, answer] of answers.entries()) {
        const { kind, first: before } = sends[index]!;
        const value = answer.status === 'fulfilled' ? answer.value : null;
        if (kind === 'bad') expect(answer.status).toBe('rejected');
        if (kind === 'late') expect(value).toEqual({ outcome: 'conflict', current: 0n });
        if (kind === 'new') expect(value).toMatchObject({ outcome: 'appended', revision: 1n });
        if (kind === 'again') {
          expect(['appended', 'duplicate']).toContain(value?.outcome);
          expect(value).toEqual({ ...before, outcome: value?.outcome });
        }
      }
    });
  });

  describe('a log of 15,000 events', () => {
    it('is followed in batches, in bounded memory, also by a slow follower', async () => {
      const total = 15_000;
      const perAppend = 250;
      const filler = 'x'.repeat(3_000);
      for (let stored = 0; stored < total; stored += 4 * perAppend) {
        const appends = Array.from({ length: 4 }, async (_, index) => {
          const events = Array.from({ length: perAppend }, () => someEvent({ data: { filler } }));
          await appendForSure(instance(index), `${prefix}.many-${randomUUID()}`, 'no_stream', events);
        });
        await Promise.all(appends);
      }

      const before = usedHeap();
      const stopping = new AbortController();
      let most = 0;
      let largest = 0;
      let count = 0;
      let batches = 0;
      let looks = 0;
      for await (const { events } of instance(0).follow(null, stopping.signal)) {
        count += events.length;
        largest = Math.max(largest, events.length);
        batches += 1;
        // A store must not read ahead without end while its follower is busy.
        if (batches === 3) await sleep(3_000);
        if (count >= looks * 2_000) {
          looks += 1;
          most = Math.max(most, usedHeap() - before);
        }
        if (count >= total) stopping.abort();
      }

      expect(count).toBe(total);
      expect(largest).toBeLessThanOrEqual(5_000);
      // All of it would be more than 50 MB.
      expect(most / MEBIBYTE).toBeLessThan(20);
      expect((usedHeap() - before) / MEBIBYTE).toBeLessThan(10);
    }, 180_000);
  });
}

function expectLogOrder(events: RecordedEvent[]): void {
  const revisions = new Map<string, bigint>();
  for (const [index, { stream, revision, position }] of events.entries()) {
    const expected = (revisions.get(stream) ?? -1n) + 1n;
    if (revision !== expected) throw new Error(`${stream} has ${revision} where ${expected} belongs.`);
    revisions.set(stream, revision);
    const before = events[index - 1];
    if (before && comparePositions(before.position, position) >= 0)
      throw new Error(`${position} comes after ${before.position}.`);
  }
}

let collect: (() => void) | undefined;

/** In bytes, of what is still in use. */
function usedHeap(): number {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as () => void;
  }
  collect();
  return process.memoryUsage().heapUsed;
}
