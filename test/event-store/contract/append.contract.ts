import { randomUUID } from 'node:crypto';
import { StoreUnavailableError, type AppendOutcome, type EventStore } from '../../../src/event-store/event-store.js';
import { comparePositions } from '../../../src/event-store/position.js';
import {
  freshPrefix,
  idsIn,
  idsOf,
  someEvent,
  someEvents,
  someMetadata,
  stored,
  type ContractStore,
} from './contract-store.js';

export function appendContract(log: () => ContractStore): void {
  let store: EventStore;
  let other: EventStore;
  let prefix: string;

  beforeAll(async () => {
    prefix = freshPrefix();
    [store, other] = await Promise.all([log().openInstance(prefix), log().openInstance(prefix)]);
  });
  afterAll(() => Promise.all([store.close(), other.close()]));

  const newStream = () => `${prefix}.thing-${randomUUID()}`;

  async function streamOf(count: number) {
    const stream = newStream();
    const events = someEvents(count);
    const { position } = stored(await store.append(stream, 'no_stream', events));
    return { stream, events, ids: idsOf(events), position };
  }

  const refused = (outcome: AppendOutcome, current: bigint) =>
    expect([{ outcome: 'conflict', current }, { outcome: 'id reused' }]).toContainEqual(outcome);

  describe('an append', () => {
    it('answers the revision and the position of its last event', async () => {
      const { stream, position } = await streamOf(3);

      const events = await store.read(stream);

      expect(events.map(({ revision }) => revision)).toEqual([0n, 1n, 2n]);
      expect(events.at(-1)?.position).toBe(position);
      expect(comparePositions(events[0]!.position, events[1]!.position)).toBeLessThan(0);
      expect(comparePositions(events[1]!.position, events[2]!.position)).toBeLessThan(0);
    });

    it('continues a stream at the revision that was read', async () => {
      const { stream, ids } = await streamOf(2);
      const more = someEvents(2);

      const outcome = await other.append(stream, 1n, more);

      expect(stored(outcome).revision).toBe(3n);
      expect(await idsIn(store, stream)).toEqual([...ids, ...idsOf(more)]);
    });

    it('keeps everything as it was given', async () => {
      const stream = newStream();
      const data = {
        text: 'Größe, 名前, 🔑, \u202e, "quotes", back\\slash, line\nend',
        'a key with blanks and 🔑': { deep: [1, -2.5, 1e21, true, null, [], {}] },
        order: { z: 1, a: 2 },
      };
      const metadata = someMetadata({ actor: { kind: 'APP', id: '🔑', name: "O'Neil" }, ip: null, userAgent: null });
      const event = someEvent({ type: 'Something Ünusual', data, metadata });
      const before = Date.now();

      stored(await store.append(stream, 'no_stream', [event]));

      const [read] = await other.read(stream);
      expect(read).toEqual({ ...event, stream, revision: 0n, position: read?.position, recordedAt: read?.recordedAt });
      expect(JSON.stringify(read?.data)).toBe(JSON.stringify(data));
      expect(Math.abs(read!.recordedAt.getTime() - before)).toBeLessThan(5_000);
    });

    it('takes 900 kB', async () => {
      const stream = newStream();
      const event = someEvent({ data: { text: 'ä'.repeat(450_000) } });

      stored(await store.append(stream, 'no_stream', [event]));

      expect((await other.read(stream))[0]?.data).toEqual(event.data);
    });

    it('is refused when there is nothing in it', async () => {
      await expect(async () => store.append(newStream(), 'no_stream', [])).rejects.toThrow();
    });

    it('puts a stream of another system where only that system looks', async () => {
      const stream = `${freshPrefix()}.thing-1`;
      stored(await store.append(stream, 'no_stream', [someEvent()]));

      expect(await store.read(stream)).toHaveLength(1);
    });
  });

  describe('a stream that nobody has written', () => {
    it('is empty', async () => {
      expect(await store.read(newStream())).toEqual([]);
    });

    it('is not continued at a revision', async () => {
      const stream = newStream();

      expect(await store.append(stream, 0n, [someEvent()])).toEqual({ outcome: 'conflict', current: 'no_stream' });
      expect(await store.read(stream)).toEqual([]);
    });
  });

  describe('writers at the same revision', () => {
    it('of two that create, one wins', async () => {
      for (let round = 0; round < 20; round += 1) {
        const stream = newStream();
        const [ours, theirs] = [someEvent(), someEvent()];

        const outcomes = await Promise.all([
          store.append(stream, 'no_stream', [ours]),
          other.append(stream, 'no_stream', [theirs]),
        ]);

        const winner = outcomes[0].outcome === 'appended' ? ours : theirs;
        expect(outcomes.filter(({ outcome }) => outcome === 'appended')).toHaveLength(1);
        expect(outcomes).toContainEqual({ outcome: 'conflict', current: 0n });
        expect(await idsIn(store, stream)).toEqual([winner.id]);
      }
    });

    it('of twenty, one wins and the others hear the present revision', async () => {
      const { stream, ids } = await streamOf(3);
      const attempts = someEvents(20);

      const outcomes = await Promise.all(
        attempts.map((event, index) => (index % 2 ? store : other).append(stream, 2n, [event])),
      );

      const winner = attempts.filter((_, index) => outcomes[index]?.outcome === 'appended');
      expect(winner).toHaveLength(1);
      expect(outcomes.filter(({ outcome }) => outcome === 'conflict')).toEqual(
        Array(19).fill({ outcome: 'conflict', current: 3n }),
      );
      expect(await idsIn(store, stream)).toEqual([...ids, ...idsOf(winner)]);
    });

    it('hear of a revision ahead of the stream too', async () => {
      const { stream } = await streamOf(2);

      expect(await store.append(stream, 7n, [someEvent()])).toEqual({ outcome: 'conflict', current: 1n });
      expect(await store.append(stream, 0n, [someEvent()])).toEqual({ outcome: 'conflict', current: 1n });
      expect(await store.append(stream, 'no_stream', [someEvent()])).toEqual({ outcome: 'conflict', current: 1n });
    });
  });

  describe('the same append again', () => {
    it('answers as the first time, from any instance, also after more events', async () => {
      const { stream, events, ids, position } = await streamOf(2);
      const later = someEvents(500);
      stored(await store.append(stream, 1n, later));

      for (const each of [store, other])
        expect(await each.append(stream, 'no_stream', events)).toEqual({
          outcome: expect.stringMatching(/^(appended|duplicate)$/),
          revision: 1n,
          position,
        });
      expect(await idsIn(store, stream)).toEqual([...ids, ...idsOf(later)]);
    });

    it('in the middle of a stream', async () => {
      const { stream, ids } = await streamOf(2);
      const [middle, last] = [someEvents(2), someEvents(2)];
      const first = stored(await store.append(stream, 1n, middle));
      stored(await store.append(stream, 3n, last));

      const again = stored(await other.append(stream, 1n, middle));

      expect([again.revision, again.position]).toEqual([first.revision, first.position]);
      expect(await idsIn(store, stream)).toEqual([...ids, ...idsOf(middle), ...idsOf(last)]);
    });

    it('in parallel stores one copy, and whoever gets an answer gets the same', async () => {
      const stream = newStream();
      const events = someEvents(2);

      const answers = await Promise.allSettled(
        Array.from({ length: 20 }, (_, index) => (index % 2 ? store : other).append(stream, 'no_stream', events)),
      );

      // A store may say "ask again" while the first is still being written.
      for (const answer of answers)
        if (answer.status === 'rejected') expect(answer.reason).toBeInstanceOf(StoreUnavailableError);
      const outcomes = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [stored(answer.value)] : []));
      const last = stored(await store.append(stream, 'no_stream', events));
      for (const { revision, position } of outcomes) expect([revision, position]).toEqual([1n, last.position]);
      expect(outcomes.length).toBeGreaterThan(0);
      expect(await idsIn(store, stream)).toEqual(idsOf(events));
    });

    it('is told by its ids alone: what was stored first stays', async () => {
      const { stream, events } = await streamOf(2);
      const changed = events.map(({ id }) => someEvent({ id, type: 'OtherType', data: { other: 'data' } }));

      expect(stored(await store.append(stream, 'no_stream', changed)).revision).toBe(1n);
      expect((await store.read(stream)).map(({ type, data }) => ({ type, data }))).toEqual(
        events.map(({ type, data }) => ({ type, data })),
      );
    });

    it('may be shorter: a beginning of it is stored already', async () => {
      const { stream, events } = await streamOf(3);
      const second = (await store.read(stream))[1]!;

      const again = stored(await store.append(stream, 'no_stream', events.slice(0, 2)));

      expect([again.revision, again.position]).toEqual([1n, second.position]);
    });
  });

  describe('ids that the stream has already, but not so', () => {
    it.each([
      ['one changed', ([a, b]: string[]) => [a, b, randomUUID()]],
      ['the first changed', ([, b, c]: string[]) => [randomUUID(), b, c]],
      ['in another order', ([a, b, c]: string[]) => [a, c, b]],
      ['one more', (ids: string[]) => [...ids, randomUUID()]],
      ['not from the beginning', ([, b, c]: string[]) => [b, c]],
      ['one of many', ([, , c]: string[]) => [randomUUID(), c, randomUUID()]],
    ])('are refused: %s', async (_, change) => {
      const { stream, ids } = await streamOf(3);
      const events = change(ids).map((id) => someEvent({ id: id! }));

      refused(await other.append(stream, 'no_stream', events), 2n);

      expect(await idsIn(store, stream)).toEqual(ids);
    });

    it('are no matter in another stream', async () => {
      const { ids } = await streamOf(2);
      const stream = newStream();

      stored(
        await store.append(
          stream,
          'no_stream',
          ids.map((id) => someEvent({ id })),
        ),
      );

      expect(await idsIn(store, stream)).toEqual(ids);
    });
  });

  describe('an append that cannot be stored', () => {
    const circular = () => {
      const data: { self?: object } = {};
      data.self = data;
      return someEvent({ data });
    };

    it.each([
      ['data that is no JSON', circular],
      ['an id that is no UUID', () => someEvent({ id: 'not-a-uuid' })],
    ])('stores none of its events: %s', async (_, bad) => {
      const { stream, ids } = await streamOf(1);

      await expect(async () => store.append(stream, 0n, [someEvent(), bad(), someEvent()])).rejects.toThrow();

      expect(await idsIn(store, stream)).toEqual(ids);
    });

    it('does not take down the others that are sent at the same time', async () => {
      const streams = Array.from({ length: 40 }, newStream);
      const isBad = (index: number) => index % 10 === 3;

      const answers = await Promise.allSettled(
        streams.map(async (stream, index) =>
          store.append(stream, 'no_stream', [
            isBad(index) ? someEvent({ id: 'not-a-uuid' }) : someEvent(),
            someEvent(),
          ]),
        ),
      );

      expect(answers.map(({ status }) => status)).toEqual(
        streams.map((_, index) => (isBad(index) ? 'rejected' : 'fulfilled')),
      );
      const lengths = await Promise.all(streams.map(async (stream) => (await store.read(stream)).length));
      expect(lengths).toEqual(streams.map((_, index) => (isBad(index) ? 0 : 2)));
    });
  });

  describe('an instance', () => {
    it('answers a ping, and where the log ends', async () => {
      await store.ping();
      for (const count of [2, 1]) {
        const { position } = await streamOf(count);
        expect(comparePositions(await other.head(), position)).toBeGreaterThanOrEqual(0);
      }
    });

    it('refuses everything once it is closed; others go on', async () => {
      const { stream } = await streamOf(1);
      const third = await log().openInstance(prefix);
      await third.close();

      await expect(async () => third.append(stream, 0n, [someEvent()])).rejects.toThrow();
      await expect(async () => third.read(stream)).rejects.toThrow();
      await expect(async () => third.head()).rejects.toThrow();
      await expect(async () => third.ping()).rejects.toThrow();
      expect(await store.read(stream)).toHaveLength(1);
    });
  });
}
