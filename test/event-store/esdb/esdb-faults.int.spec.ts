import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import { StoreUnavailableError, type EventStore } from '../../../src/event-store/event-store.js';
import { openEventStore } from '../../../src/event-store/open-event-store.js';
import { startEventStoreDb, type EventStoreDb, type Faults } from '../../support/eventstoredb.js';
import {
  appendForSure,
  Follower,
  freshPrefix,
  idsIn,
  idsOf,
  someEvent,
  someEvents,
  stored,
} from '../contract/contract-store.js';

let directory: string;
let server: EventStoreDb;
let store: EventStore;
let prefix: string;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-esdb-'));
  server = await startEventStoreDb({ file: join(directory, 'log') });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});
beforeEach(async () => {
  prefix = freshPrefix();
  store = await openEventStore(server.url, prefix);
});
afterEach(() => store.close());

const newStream = () => `${prefix}.thing-${crypto.randomUUID()}`;

describe('an append', () => {
  it('is called a duplicate when it is sent again', async () => {
    const stream = newStream();
    const events = someEvents(2);
    const first = await store.append(stream, 'no_stream', events);

    expect(first.outcome).toBe('appended');
    expect(await store.append(stream, 'no_stream', events)).toEqual({ ...first, outcome: 'duplicate' });
  });

  it('with ids that stand elsewhere in its stream is refused as that', async () => {
    const stream = newStream();
    const events = someEvents(3);
    await store.append(stream, 'no_stream', events);

    expect(await store.append(stream, 'no_stream', [events[1]!])).toEqual({ outcome: 'id reused' });
  });

  it.each<[string, keyof Faults, Faults[keyof Faults], Faults[keyof Faults]]>([
    ['the connection is cut', 'loseAnswers', { count: 1, how: 'cut' }, { count: 0, how: 'cut' }],
    ['nothing is heard', 'loseAnswers', { count: 1, how: 'silence' }, { count: 0, how: 'cut' }],
    ['the server says that it timed out', 'timeOutAppends', 1, 0],
  ])('whose answer is lost is stored once, however it is lost: %s', async (_, fault, value, mended) => {
    const stream = newStream();
    const events = someEvents(2);
    await server.fault(fault, value);

    await expect(store.append(stream, 'no_stream', events)).rejects.toThrow(StoreUnavailableError);
    await server.fault(fault, mended);
    const again = stored(await appendForSure(store, stream, 'no_stream', events));

    expect(again.revision).toBe(1n);
    expect(await idsIn(store, stream)).toEqual(idsOf(events));
  });

  it.each<[string, keyof Faults, Faults[keyof Faults], Faults[keyof Faults]]>([
    ['is not the leader', 'notLeader', { host: '127.0.0.1', port: 1 }, undefined],
    ['is unavailable', 'unavailable', true, false],
    ['says nothing', 'silent', true, false],
    ['refuses the user', 'access', 'unauthenticated', undefined],
    ['denies access', 'access', 'denied', undefined],
  ])('stores nothing while the server %s, and works again by itself', async (_, fault, value, mended) => {
    const stream = newStream();
    await server.fault(fault, value);
    await expect(store.append(stream, 'no_stream', [someEvent()])).rejects.toThrow(StoreUnavailableError);
    await server.fault(fault, mended);

    const event = someEvent();
    stored(await appendForSure(store, stream, 'no_stream', [event]));
    expect(await idsIn(store, stream)).toEqual([event.id]);
  });

  it('is not taken for stored in a stream that an operator has deleted', async () => {
    const stream = newStream();
    const events = someEvents(1);
    await store.append(stream, 'no_stream', events);
    await asOperator((client) => client.deleteStream(stream));

    await expect(store.append(stream, 'no_stream', events)).rejects.toThrow(/deleted/);
  });
});

async function asOperator(act: (client: EventStoreDBClient) => Promise<unknown>): Promise<void> {
  const client = EventStoreDBClient.connectionString(server.url);
  await act(client);
  await client.dispose();
}

describe('whoever follows', () => {
  /** Appends one by one, for as long as it takes. */
  async function write(count: number): Promise<string[]> {
    const ids: string[] = [];
    for (let n = 0; n < count; n += 1) {
      const event = someEvent();
      stored(await appendForSure(store, newStream(), 'no_stream', [event]));
      ids.push(event.id);
    }
    return ids;
  }

  it.each<[string, () => Promise<unknown>]>([
    ['is dropped as too slow', () => server.fault('dropSubscriptions', 'too-slow')],
    ['is ended by a server that stops', () => server.fault('dropSubscriptions', 'stopped')],
    ['has its connection cut', () => server.fault('cutConnections', true)],
    ['gets nothing more, without a word', () => server.fault('muteSubscriptions', true)],
    ['has its server killed and started again', () => server.restart()],
  ])('misses nothing and gets nothing twice when it %s', async (_, break_) => {
    const follower = new Follower(store, null);
    const before = await write(20);
    await follower.untilCount(20);
    const writing = write(60);
    await sleep(30);
    await break_();
    const ids = [...before, ...(await writing), ...(await write(5))];
    await follower.untilCount(ids.length);
    await sleep(300);
    await follower.stop();

    expect(follower.ids).toEqual(ids);
  });

  it('finds a server that was frozen again, and what it has missed', async () => {
    const follower = new Follower(store, null);
    const before = await write(3);
    await follower.untilCount(3);
    await server.fault('frozen', true);
    await expect(store.ping()).rejects.toThrow(StoreUnavailableError);
    await sleep(4_000);
    await server.fault('frozen', false);
    const ids = [...before, ...(await write(3))];

    await follower.untilCount(ids.length);
    await follower.stop();
    expect(follower.ids).toEqual(ids);
  });

  it('is told when the server stays away', async () => {
    const follower = new Follower(store, null);
    await write(1);
    await follower.untilCount(1);
    await server.kill('SIGKILL');

    await Promise.race([follower.ended, sleep(30_000)]);
    await expect(follower.stop()).rejects.toThrow(StoreUnavailableError);
    await server.restart();
  });

  it('is not given the tombstone of a stream, and is carried past it', async () => {
    const stream = newStream();
    const [first] = await write(1);
    stored(await store.append(stream, 'no_stream', [someEvent()]));
    const follower = new Follower(store, null);
    await follower.untilCount(2);
    const before = follower.positions.at(-1);
    await asOperator((client) => client.tombstoneStream(stream));
    await follower.until(({ positions }) => positions.at(-1) !== before);
    await follower.stop();

    expect(follower.ids).toHaveLength(2);
    expect(follower.ids[0]).toBe(first);
    const resumed = new Follower(store, follower.positions.at(-1)!);
    const [last] = await write(1);
    await resumed.untilCount(1);
    await resumed.stop();
    expect(resumed.ids).toEqual([last]);
  });

  it('cannot begin at a position of another log', async () => {
    const follower = new Follower(store, '42');
    await Promise.race([follower.ended, sleep(5_000)]);

    await expect(follower.stop()).rejects.toThrow(/another log/);
  });
});
