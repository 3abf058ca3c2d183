import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, RecordedEvent } from '../../../src/event-store/event-store.js';
import { comparePositions, type Position } from '../../../src/event-store/position.js';
import {
  Follower,
  freshPrefix,
  idsIn,
  idsOf,
  someEvent,
  someEvents,
  stored,
  type ContractStore,
} from './contract-store.js';

/** A read through the client of KurrentDB tells the time in whole seconds. */
const toTheSecond = (event: RecordedEvent) => ({
  ...event,
  recordedAt: Math.floor(event.recordedAt.getTime() / 1_000),
});

export function followContract(log: () => ContractStore): void {
  let store: EventStore;
  let other: EventStore;
  let prefix: string;

  // Each spec a prefix of its own: what is followed "from the beginning" is then its own.
  beforeEach(async () => {
    prefix = freshPrefix();
    [store, other] = await Promise.all([log().openInstance(prefix), log().openInstance(prefix)]);
  });
  afterEach(() => Promise.all([store.close(), other.close()]));

  const isBeforeIn = (positions: Position[]) =>
    positions.every((position, index) => index === 0 || comparePositions(positions[index - 1]!, position) < 0);

  /** Three streams whose events take turns. */
  async function takeTurns(rounds: number): Promise<string[]> {
    const ids: string[] = [];
    for (let round = 0; round < rounds; round += 1) {
      for (const name of ['a', 'b', 'c']) {
        const events = someEvents(1 + (round % 2));
        const expected = BigInt((await store.read(`${prefix}.thing-${name}`)).length) - 1n;
        stored(await store.append(`${prefix}.thing-${name}`, expected < 0n ? 'no_stream' : expected, events));
        ids.push(...idsOf(events));
      }
    }
    return ids;
  }

  describe('whoever follows the log', () => {
    it('from the beginning gets everything once, in the order of the log', async () => {
      const ids = await takeTurns(4);
      const follower = new Follower(other, null);
      await follower.untilCount(ids.length);
      await sleep(300);
      await follower.stop();

      expect(follower.ids).toEqual(ids);
      expect(isBeforeIn(follower.events.map(({ position }) => position))).toBe(true);
    });

    it('gets each event as a read of its stream shows it', async () => {
      await takeTurns(2);
      const follower = new Follower(other, null);
      await follower.untilCount(9);
      await follower.stop();

      for (const name of ['a', 'b', 'c']) {
        const stream = `${prefix}.thing-${name}`;
        const followed = follower.events.filter((event) => event.stream === stream);
        expect(followed.map(toTheSecond)).toEqual((await store.read(stream)).map(toTheSecond));
      }
    });

    it('from any position gets what comes strictly after it, also inside an append', async () => {
      const ids = await takeTurns(3);
      const all = new Follower(store, null);
      await all.untilCount(ids.length);
      await all.stop();

      for (const [index, { position }] of all.events.entries()) {
        const follower = new Follower(store, position);
        await follower.untilCount(ids.length - index - 1);
        await follower.stop();
        expect(follower.ids).toEqual(ids.slice(index + 1));
      }
    });

    it('from the position of a batch gets what comes strictly after it', async () => {
      const ids = await takeTurns(3);
      const follower = new Follower(store, null);
      await follower.untilCount(ids.length);
      const resumed = new Follower(other, follower.positions.at(-1)!);
      const fresh = someEvents(2);
      stored(await store.append(`${prefix}.thing-d`, 'no_stream', fresh));
      await Promise.all([follower.untilCount(ids.length + 2), resumed.untilCount(2)]);
      await Promise.all([follower.stop(), resumed.stop()]);

      expect(follower.ids).toEqual([...ids, ...idsOf(fresh)]);
      expect(resumed.ids).toEqual(idsOf(fresh));
    });

    it('is told a position that is never behind the events it was given', async () => {
      const seen: { last: Position; position: Position }[] = [];
      const stopping = new AbortController();
      const ids = await takeTurns(4);
      for await (const { events, position } of store.follow(null, stopping.signal)) {
        const last = events.at(-1);
        if (last) seen.push({ last: last.position, position });
        if (last?.id === ids.at(-1)) stopping.abort();
      }

      for (const { last, position } of seen) expect(comparePositions(last, position)).toBeLessThanOrEqual(0);
      expect(isBeforeIn(seen.map(({ position }) => position))).toBe(true);
    });

    it('gets new events soon, from every instance', async () => {
      const follower = new Follower(store, await store.head());
      for (const [index, writer] of [store, other, store, other].entries()) {
        const sent = Date.now();
        stored(await writer.append(`${prefix}.thing-${index}`, 'no_stream', [someEvent()]));
        await follower.untilCount(index + 1);
        expect(Date.now() - sent).toBeLessThan(2_000);
      }
      await follower.stop();
      expect(follower.events.map(({ stream }) => stream)).toEqual([0, 1, 2, 3].map((n) => `${prefix}.thing-${n}`));
    });

    it('gets only streams of its prefix, and is carried past the others', async () => {
      const foreign = freshPrefix();
      const [first, last] = [someEvent(), someEvent()];
      stored(await store.append(`${prefix}.thing-1`, 'no_stream', [first]));
      const follower = new Follower(store, null);
      await follower.untilCount(1);
      const middle = stored(await store.append(`${foreign}.thing-1`, 'no_stream', someEvents(500)));
      // A prefix that begins alike is another one.
      stored(await store.append(`${prefix}x.thing-1`, 'no_stream', someEvents(500)));
      await follower.until(({ positions }) => comparePositions(positions.at(-1)!, middle.position) >= 0);
      expect(follower.ids).toEqual([first.id]);

      stored(await other.append(`${prefix}.thing-2`, 'no_stream', [last]));
      await follower.untilCount(2);
      const resumed = new Follower(other, middle.position);
      await resumed.untilCount(1);
      await Promise.all([follower.stop(), resumed.stop()]);
      expect(follower.ids).toEqual([first.id, last.id]);
      expect(resumed.ids).toEqual([last.id]);
      expect(await idsIn(store, `${prefix}.thing-1`)).toEqual([first.id]);
    });

    it('ends promptly when it is told to, without an error', async () => {
      await takeTurns(1);
      const follower = new Follower(store, null);
      await follower.untilCount(3);
      await sleep(100);

      const asked = Date.now();
      await follower.stop();

      expect(Date.now() - asked).toBeLessThan(1_000);
    });

    it('ends before it begins when it was told to before', async () => {
      await takeTurns(1);
      const batches = [];
      for await (const batch of store.follow(null, AbortSignal.abort())) batches.push(batch);

      expect(batches).toEqual([]);
    });

    it('may leave, and come back with another follower', async () => {
      const ids = await takeTurns(2);
      const seen: string[] = [];
      for await (const { events } of store.follow(null, new AbortController().signal)) {
        seen.push(...idsOf(events));
        if (seen.length >= ids.length) break;
      }

      expect(seen).toEqual(ids);
      const again = new Follower(store, null);
      await again.untilCount(ids.length);
      await again.stop();
      expect(again.ids).toEqual(ids);
    });

    it('does not wait for ever when its instance is closed', async () => {
      const third = await log().openInstance(prefix);
      const follower = new Follower(third, null);
      await sleep(100);
      await third.close();

      await Promise.race([
        follower.ended,
        sleep(5_000).then(() => {
          throw new Error('It still follows.');
        }),
      ]);
    });
  });

  describe('a position beyond the end of the log', () => {
    it('is refused: in a log that was restored from an older copy, waiting there would skip what comes', async () => {
      await takeTurns(1);
      const head = await store.head();
      const beyond = head!.replaceAll(/\d+/g, (digits) => String(BigInt(digits) + 1_000_000_000_000n));

      const follower = new Follower(store, beyond);
      await Promise.race([follower.ended, sleep(5_000)]);

      await expect(follower.stop()).rejects.toThrow(/ends before/);
    });
  });
}
