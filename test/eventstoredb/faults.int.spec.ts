import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreDBClient, jsonEvent, streamNameFilter } from '@eventstore/db-client';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type EventStoreDb, startEventStoreDb } from '../support/eventstoredb.js';

const added = () => jsonEvent({ type: 'AppAdded', data: {} });

let directory: string;
let db: EventStoreDb;
let client: EventStoreDBClient;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-faults-'));
  db = await startEventStoreDb({ file: join(directory, 'log') });
  client = EventStoreDBClient.connectionString(db.url);
  await append('app-1', 'no_stream');
});

afterEach(async () => {
  await client.dispose();
  await db.stop();
  await rm(directory, { recursive: true });
});

describe('an append', () => {
  it('is stored although the connection is cut before its answer', async () => {
    await db.fault('loseAnswers', { count: 1, how: 'cut' });
    await expect(append('app-1', 0n)).rejects.toMatchObject({ type: 'unavailable' });
    expect(await revisions()).toEqual([0n, 1n]);
  });

  it('is stored although nothing is said', async () => {
    await db.fault('loseAnswers', { count: 1, how: 'silence' });
    const appended = append('app-1', 0n);
    await expectPending(appended);
    expect(await revisions()).toEqual([0n, 1n]);
    await db.fault('cutConnections', true);
    await expect(appended).rejects.toMatchObject({ type: 'unavailable' });
  });

  it('is stored although it is answered with a time-out', async () => {
    await db.fault('timeOutAppends', 1);
    await expect(append('app-1', 0n)).rejects.toMatchObject({ type: 'deadline-exceeded' });
    expect(await revisions()).toEqual([0n, 1n]);
  });

  it('is answered late', async () => {
    await db.fault('slowAppends', 300);
    const started = Date.now();
    await append('app-1', 0n);
    expect(Date.now() - started).toBeGreaterThanOrEqual(290);
  });

  it('is refused by a follower, which names the leader', async () => {
    await db.fault('notLeader', { host: '127.0.0.1', port: 1 });
    const leader = { address: '127.0.0.1', port: 1 };
    await expect(append('app-1', 0n)).rejects.toMatchObject({ type: 'not-leader', leader });
  });

  it.each(['denied', 'unauthenticated'] as const)('is refused when access is %s', async (access) => {
    await db.fault('access', access);
    await expect(append('app-1', 0n)).rejects.toMatchObject({ type: 'access-denied' });
    await expect(revisions()).rejects.toMatchObject({ type: 'access-denied' });
    await db.fault('access', undefined);
    expect(await revisions()).toEqual([0n]);
  });

  it('is refused while the server is unavailable', async () => {
    await db.fault('unavailable', true);
    await expect(revisions()).rejects.toMatchObject({ type: 'unavailable' });
    await expect(append('app-1', 0n)).rejects.toMatchObject({ code: 14 });
  });
});

describe('a server', () => {
  it('answers nothing while it is silent', async () => {
    await db.fault('silent', true);
    const read = revisions();
    await expectPending(read);
    await db.fault('cutConnections', true);
    await expect(read).rejects.toMatchObject({ type: 'unavailable' });
  });

  it('answers nothing while it is frozen, and goes on afterwards', async () => {
    await db.fault('frozen', true);
    const read = revisions();
    await expectPending(read);
    await db.fault('frozen', false);
    expect(await read).toEqual([0n]);
  });

  it('keeps what it answered over SIGKILL', async () => {
    await append('app-1', 0n);
    await db.kill('SIGKILL');
    await db.restart();
    expect(await revisions()).toEqual([0n, 1n]);
    await append('app-1', 1n);
  });
});

describe('a subscription', () => {
  it('is dropped as too slow', async () => {
    await expect(follow(() => db.fault('dropSubscriptions', 'too-slow'))).rejects.toMatchObject({ code: 10 });
  });

  it('is dropped without a status', async () => {
    await expect(follow(() => db.fault('dropSubscriptions', 'stopped'))).rejects.toMatchObject({ code: 13 });
  });

  it('goes silent while the log grows, and a new one is well', async () => {
    const seen: bigint[] = [];
    const subscription = subscribe().on('data', ({ event }) => seen.push(event!.revision));
    while (seen.length === 0) await sleep(10);
    await db.fault('muteSubscriptions', true);
    await append('app-1', 0n);
    await sleep(300);
    expect(seen).toEqual([0n]);
    expect(await follow()).toEqual([0n, 1n]);
    await subscription.unsubscribe();
  });
});

function append(stream: string, expectedRevision: bigint | 'no_stream') {
  return client.appendToStream(stream, added(), { expectedRevision });
}

async function expectPending(promise: Promise<unknown>): Promise<void> {
  expect(await Promise.race([promise, sleep(300, 'pending')])).toBe('pending');
}

async function revisions(): Promise<bigint[]> {
  const read: bigint[] = [];
  for await (const { event } of client.readStream('app-1')) read.push(event!.revision);
  return read;
}

function subscribe() {
  return client.subscribeToAll({ filter: streamNameFilter({ prefixes: ['app-'] }) });
}

/** The revisions that a subscription shows until it is caught up, or what it fails with after `then`. */
async function follow(then?: () => Promise<void>): Promise<bigint[]> {
  const read: bigint[] = [];
  const subscription = subscribe().on('data', ({ event }) => read.push(event!.revision));
  const ended = new Promise<bigint[]>((resolve, reject) => {
    subscription.on('error', reject);
    subscription.on('caughtUp', () => void (then ? then() : resolve(read)));
  });
  return ended.finally(() => subscription.unsubscribe());
}
