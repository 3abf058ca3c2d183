import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { freshPrefix, someEvent } from '../event-store/contract/contract-store.js';
import { latchkey, startLatchkey } from '../support/command-line.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { startEventStoreDb, type EventStoreDb } from '../support/eventstoredb.js';
import { contentOf, fill, fillInBulk } from '../support/logs.js';
import { eventually } from '../support/read-side.js';
import { startRelay, type Relay } from '../support/relay.js';

let database: TestDatabase;
let server: EventStoreDb;
let relay: Relay;
let postgres: EventStore;
let esdb: EventStore;

beforeEach(async () => {
  database = await createTestDatabase();
  server = await startEventStoreDb();
  relay = await startRelay(database.url);
  postgres = await openEventStore(database.url, 'latchkey');
  esdb = await openEventStore(server.url, 'latchkey');
});

afterEach(async () => {
  await Promise.all([postgres.close(), esdb.close(), relay.stop()]);
  await server.stop();
  await database.drop();
});

const copy = (from: string, to: string) => ['log', 'copy', '--from', from, '--to', to];
const digest = '[0-9a-f]{64}';

/** So many events are in the store, counted where that costs next to nothing. */
const countInPostgres = async () => Number((await database.query('select count(*) from log.events'))[0].count);

describe('latchkey log copy', () => {
  it('says what it has done, both ways', async () => {
    await fillInBulk(database, 1_200, 100);
    const content = await contentOf(postgres);

    const first = await latchkey(copy(database.url, server.url));
    const again = await latchkey(copy(database.url, server.url));
    const back = await latchkey(copy(server.url, database.url));

    expect(first.code).toBe(0);
    expect(first.stdout).toMatch(
      new RegExp(`^Copied 1,200 events; 1,200 in all, digest ${digest}, the same on both sides\\.\n$`),
    );
    for (const { code, stdout } of [again, back])
      expect({ code, stdout }).toEqual({ code: 0, stdout: first.stdout.replace(/^Copied \S+/, 'Copied 0') });
    expect(await contentOf(esdb)).toEqual(content);
  });

  it.each([
    ['--prefix', (prefix: string) => [['--prefix', prefix], {}] as const],
    ['STREAM_PREFIX', (prefix: string) => [[], { STREAM_PREFIX: prefix }] as const],
  ])('copies the streams of %s', async (_, given) => {
    const prefix = freshPrefix();
    await fill(postgres, 5);
    await postgres.append(`${prefix}.thing-1`, 'no_stream', [someEvent()]);
    const [args, env] = given(prefix);

    const { stdout } = await latchkey([...copy(database.url, server.url), ...args], env);

    expect(stdout).toMatch(/^Copied 1 event; 1 in all/);
    expect(await esdb.read(`${prefix}.thing-1`)).toHaveLength(1);
    expect(await contentOf(esdb)).toEqual([]);
  });

  it('fails with a sentence when the target holds something else', async () => {
    await fill(postgres, 5);
    await latchkey(copy(database.url, server.url));
    await database.query(`update log.events set data = '{"what": "another"}' where position = 3`);
    const [event] = await database.query('select * from log.events where position = 3');

    expect(await latchkey(copy(server.url, database.url))).toMatchObject({
      code: 1,
      stdout: '',
      stderr:
        `The target holds something else than the source, from event 3 on: event ${event.id}, revision ${event.revision} of ${event.stream}. ` +
        'Its data differ from those in the source. Nothing was written.\n',
    });
  });

  it('goes on after kill -9 where it was, without a duplicate', async () => {
    await fillInBulk(database, 600, 100);
    const content = await contentOf(postgres);
    await server.fault('slowAppends', 100);

    const sizes: number[] = [];
    for (const share of [0.25, 0.5, 0.75]) {
      const started = startLatchkey(copy(database.url, server.url));
      await eventually(async () => (await contentOf(esdb)).length > content.length * share);
      started.process.kill('SIGKILL');
      expect(await started.ended).toMatchObject({ signal: 'SIGKILL', stdout: '' });
      sizes.push((await contentOf(esdb)).length);
    }
    await server.fault('slowAppends', 0);
    const missing = content.length - (await contentOf(esdb)).length;
    const { code, stdout } = await latchkey(copy(database.url, server.url));

    expect(sizes.every((size) => size > 0 && size < content.length)).toBe(true);
    expect({ code, stdout }).toEqual({
      code: 0,
      stdout: expect.stringMatching(`^Copied ${missing} events; 600 in all`),
    });
    expect(await contentOf(esdb)).toEqual(content);
  });

  it('copies 50 MB without holding all of it', async () => {
    await fillInBulk(database, 10_000, 5_000);

    // It reads both logs in the end, so neither store may be held whole.
    const ended = await startLatchkey(copy(database.url, server.url), {}, ['--max-old-space-size=75']).ended;
    expect(ended).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Copied 10,000 events; 10,000 in all/) });
  }, 180_000);

  it('waits for a target that is away in the middle', async () => {
    await fill(esdb, 300);
    const { ended } = startLatchkey(copy(server.url, relay.url));
    await eventually(async () => (await countInPostgres()) > 100);
    await relay.refuse();
    const held = await countInPostgres();
    // Longer than the time between two lines that tell how far it is.
    await sleep(5_500);
    expect(await countInPostgres()).toBe(held);
    await relay.pass();

    expect(await ended).toMatchObject({ code: 0, stderr: expect.stringMatching(/^[\d,]+ events copied\n/) });
    expect(await contentOf(postgres)).toEqual(await contentOf(esdb));
    expect((await contentOf(esdb)).length).toBeGreaterThan(held);
  });

  it('sends an append again whose answer was lost', async () => {
    await fill(esdb, 300);
    const { ended } = startLatchkey(copy(server.url, relay.url));
    await eventually(async () => (await countInPostgres()) > 50);
    relay.loseAnswersTo('log-append');
    await eventually(() => relay.answersLost() > 2);
    await relay.pass();

    expect(await ended).toMatchObject({ code: 0 });
    expect(await contentOf(postgres)).toEqual(await contentOf(esdb));
  });

  it('waits for a source that is away in the middle', async () => {
    await fillInBulk(database, 2_000, 100);
    await server.fault('slowAppends', 20);
    const { ended } = startLatchkey(copy(relay.url, server.url));
    await eventually(async () => (await contentOf(esdb)).length > 200);
    await relay.refuse();
    await sleep(2_000);
    expect((await contentOf(esdb)).length).toBeLessThan(2_000);
    await relay.pass();

    expect(await ended).toMatchObject({ code: 0, stdout: expect.stringMatching('^Copied 2,000 events; 2,000 in all') });
    expect(await contentOf(esdb)).toEqual(await contentOf(postgres));
  });
});
