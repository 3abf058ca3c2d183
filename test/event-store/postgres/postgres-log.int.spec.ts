import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { StoreUnavailableError, type EventStore } from '../../../src/event-store/event-store.js';
import { openEventStore } from '../../../src/event-store/open-event-store.js';
import type { Position } from '../../../src/event-store/position.js';
import { createTestDatabase, type TestDatabase } from '../../support/databases.js';
import { appendForSure, Follower, idsIn, idsOf, someEvent, someEvents, stored } from '../contract/contract-store.js';

describe('the log in PostgreSQL, beyond what every store holds,', () => {
  let database: TestDatabase;
  let store: EventStore;
  const stream = () => `latchkey.thing-${randomUUID()}`;

  beforeEach(async () => {
    database = await createTestDatabase();
    store = await openEventStore(database.url, 'latchkey');
  });
  afterEach(async () => {
    await store.close();
    await database.drop();
  });

  it('says of a second send that it is one', async () => {
    const [name, events] = [stream(), someEvents(2)];
    const first = await store.append(name, 'no_stream', events);

    expect(first).toEqual({ outcome: 'appended', revision: 1n, position: '2' });
    expect(await store.append(name, 'no_stream', events)).toEqual({ ...first, outcome: 'duplicate' });
  });

  it.each([
    ['at the present revision', 1n],
    ['behind it', 'no_stream'],
  ] as const)('never takes an id twice in a stream: %s', async (_, expected) => {
    const [name, events] = [stream(), someEvents(2)];
    await store.append(name, 'no_stream', events);

    expect(await store.append(name, expected, [someEvent(), events[0]!])).toEqual({ outcome: 'id reused' });
    expect(await store.append(name, 1n, [{ ...someEvent(), id: events[1]!.id }])).toEqual({ outcome: 'id reused' });
    expect(await idsIn(store, name)).toEqual(idsOf(events));
  });

  it('refuses an id that stands twice in one append', async () => {
    const [name, event] = [stream(), someEvent()];

    expect(await store.append(name, 'no_stream', [event, event])).toEqual({ outcome: 'id reused' });
    expect(await store.read(name)).toEqual([]);
  });

  it('numbers the log without gaps, also after appends that failed', async () => {
    for (let round = 0; round < 5; round += 1) {
      await store.append(stream(), 'no_stream', someEvents(2));
      await Promise.allSettled([
        store.append(stream(), 'no_stream', [someEvent({ id: 'no-uuid' })]),
        store.append(stream(), 3n, [someEvent()]),
      ]);
    }
    const rows = await database.query('select position from log.events order by position');
    expect(rows.map(({ position }) => position)).toEqual(Array.from({ length: 10 }, (_, index) => String(index + 1)));
  });

  it('takes many events at once without being slower each time', async () => {
    const took: number[] = [];
    // PostgreSQL plans a statement anew five times, then once and for all.
    for (let round = 0; round < 8; round += 1) {
      const began = Date.now();
      await appendForSure(
        store,
        stream(),
        'no_stream',
        Array.from({ length: 400 }, () => bigEvent()),
      );
      took.push(Date.now() - began);
    }
    const [before, after] = [Math.min(...took.slice(0, 4)), Math.min(...took.slice(-2))];
    expect(after).toBeLessThan(5 * before + 100);
  });

  describe('while a transaction is inside an append', () => {
    it('lets others wait, so that no lower position commits after a higher one', async () => {
      const [early, late] = [someEvent(), someEvent()];
      const follower = new Follower(store, null);
      const holder = new pg.Client({ connectionString: database.url });
      await holder.connect();
      await holder.query('begin');
      await holder.query('select * from log.append($1)', [
        JSON.stringify([{ stream: stream(), expected: -1, events: [early] }]),
      ]);

      let isAnswered = false;
      const waiting = store.append(stream(), 'no_stream', [late]).finally(() => (isAnswered = true));
      await sleep(1_000);
      expect(isAnswered).toBe(false);
      expect(follower.ids).toEqual([]);
      await holder.query('commit');
      await holder.end();

      expect(await waiting).toMatchObject({ outcome: 'appended', position: '2' });
      await follower.untilCount(2);
      await follower.stop();
      expect(follower.ids).toEqual([early.id, late.id]);
    });

    it('gives up in time, and the append that was given up is stored once', async () => {
      const [name, event] = [stream(), someEvent()];
      const holder = new pg.Client({ connectionString: database.url });
      await holder.connect();
      await holder.query('begin');
      await holder.query('select pg_advisory_xact_lock(7165112021)');

      await expect(store.append(name, 'no_stream', [event])).rejects.toBeInstanceOf(StoreUnavailableError);
      await holder.query('rollback');
      await holder.end();

      stored(await appendForSure(store, name, 'no_stream', [event]));
      expect(await idsIn(store, name)).toEqual([event.id]);
    });
  });

  describe('whose connections are killed under load', () => {
    it('answers or says that it is unavailable; works again by itself; has every event once', async () => {
      const killer = new pg.Client({ connectionString: database.url });
      await killer.connect();
      const over = new AbortController();
      let killed = 0;
      const killing = (async () => {
        while (!over.signal.aborted) {
          const { rowCount } = await killer.query(
            `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and (state = 'active' or random() < 0.3)`,
          );
          killed += rowCount ?? 0;
          await sleep(150);
        }
      })();

      let lost = 0;
      const written = new Map<string, string[]>();
      const writer = async () => {
        const name = stream();
        const ids: string[] = [];
        written.set(name, ids);
        // On a fast machine sixty are through before anything is killed.
        for (let count = 0; count < 60 || (lost === 0 && count < 3_000); count += 1) {
          const events = someEvents(2);
          const expected = count === 0 ? 'no_stream' : BigInt(count * 2 - 1);
          for (;;) {
            const result = await store.append(name, expected, events).catch((error: unknown) => error);
            if (!(result instanceof Error)) {
              expect(['appended', 'duplicate']).toContain((result as { outcome: string }).outcome);
              break;
            }
            expect(result).toBeInstanceOf(StoreUnavailableError);
            lost += 1;
          }
          ids.push(...idsOf(events));
        }
      };
      const followed = followForSure(() => store);
      await Promise.all(Array.from({ length: 6 }, writer));
      await sleep(200);
      over.abort();
      await killing;
      await killer.end();

      expect(killed).toBeGreaterThan(0);
      expect(lost).toBeGreaterThan(0);
      await store.ping();
      for (const [name, ids] of written) expect(await idsIn(store, name)).toEqual(ids);
      const all = await database.query('select id from log.events order by position');
      expect(await followed(all.length)).toEqual(idsOf(all));
    });
  });

  describe('that was copied to another server', () => {
    const copyTo = async (url: string) => {
      const rows = await database.query('select row_to_json(e)::text as row from log.events e order by random()');
      const client = new pg.Client({ connectionString: url });
      await client.connect();
      for (const { row } of rows)
        await client.query('insert into log.events select * from json_populate_record(null::log.events, $1)', [row]);
      await client.end();
    };

    it('answers as it did, and goes on', async () => {
      const [name, first] = [stream(), someEvents(3)];
      const before = await store.append(name, 'no_stream', first);
      for (let count = 0; count < 30; count += 1) await store.append(stream(), 'no_stream', someEvents(2));
      const elsewhere = await createTestDatabase();
      const copy = await openEventStore(elsewhere.url, 'latchkey');
      await copyTo(elsewhere.url);

      expect(await copy.head()).toBe(await store.head());
      expect(await copy.read(name)).toEqual(await store.read(name));
      for (const after of [null, '3', '40', await store.head()]) {
        const expected = await database.query('select id from log.events where position > $1 order by position', [
          after ?? 0,
        ]);
        const follower = new Follower(copy, after);
        await follower.untilCount(expected.length);
        await follower.stop();
        expect(follower.ids).toEqual(idsOf(expected));
      }
      expect(await copy.append(name, 'no_stream', first)).toEqual({ ...before, outcome: 'duplicate' });
      expect(await copy.append(name, 2n, [someEvent()])).toEqual({ outcome: 'appended', revision: 3n, position: '64' });
      await copy.close();
      await elsewhere.drop();
    });

    it('in an older state, refuses whoever has seen more', async () => {
      await store.append(stream(), 'no_stream', someEvents(5));
      await database.query('delete from log.events where position > 3');

      const follower = new Follower(store, '5');
      await Promise.race([follower.ended, sleep(5_000)]);

      await expect(follower.stop()).rejects.toThrow(/ends before/);
    });
  });

  it.each(['repeatable read', 'serializable'])(
    'works where transactions are %s unless said otherwise',
    async (level) => {
      await database.query(
        `alter database ${new URL(database.url).pathname.slice(1)} set default_transaction_isolation = '${level}'`,
      );
      const other = await Promise.all([1, 2, 3].map(() => openEventStore(database.url, 'latchkey')));
      const name = stream();

      const outcomes = await Promise.all(
        Array.from({ length: 60 }, (_, index) =>
          appendForSure(other[index % 3]!, stream(), 'no_stream', [someEvent()]),
        ),
      );
      const race = await Promise.all(other.map((each) => appendForSure(each, name, 'no_stream', [someEvent()])));
      await Promise.all(other.map((each) => each.close()));

      expect(outcomes.map(({ outcome }) => outcome)).toEqual(Array(60).fill('appended'));
      expect(race.map(({ outcome }) => outcome).sort()).toEqual(['appended', 'conflict', 'conflict']);
    },
  );
});

const bigEvent = () => someEvent({ data: { filler: 'x'.repeat(300) } });

/** Follows, and after a failure goes on from the last position, as a projector does. Answers the ids once there are so many. */
function followForSure(store: () => EventStore): (count: number) => Promise<string[]> {
  const ids: string[] = [];
  const stopping = new AbortController();
  const running = (async () => {
    let position: Position | null = null;
    while (!stopping.signal.aborted) {
      try {
        for await (const batch of store().follow(position, stopping.signal)) {
          ids.push(...idsOf(batch.events));
          position = batch.position;
        }
      } catch (error) {
        expect(error).toBeInstanceOf(StoreUnavailableError);
        await sleep(20);
      }
    }
  })();
  return async (count) => {
    while (ids.length < count) await Promise.race([sleep(20), running]);
    await sleep(300);
    stopping.abort();
    await running;
    return ids;
  };
}
