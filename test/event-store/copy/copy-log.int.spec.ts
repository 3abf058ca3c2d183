import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { copyLog } from '../../../src/event-store/copy/copy-log.js';
import { StoreUnavailableError, type EventStore } from '../../../src/event-store/event-store.js';
import { openEventStore } from '../../../src/event-store/open-event-store.js';
import { createTestDatabase, type TestDatabase } from '../../support/databases.js';
import { startEventStoreDb, type EventStoreDb } from '../../support/eventstoredb.js';
import { contentOf, fill } from '../../support/logs.js';
import { freshPrefix, someEvent, someEvents } from '../contract/contract-store.js';

let directory: string;
let server: EventStoreDb;
let database: TestDatabase;
let prefix: string;
let postgres: EventStore;
let esdb: EventStore;
const opened: EventStore[] = [];
const dropped: TestDatabase[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'latchkey-copy-'));
  server = await startEventStoreDb({ file: join(directory, 'log') });
});

afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true });
});

beforeEach(async () => {
  database = await anotherDatabase();
  prefix = freshPrefix();
  postgres = await open(database.url);
  esdb = await open(server.url);
});

afterEach(async () => {
  await Promise.all(opened.splice(0).map((store) => store.close()));
  await Promise.all(dropped.splice(0).map((each) => each.drop()));
});

async function anotherDatabase(): Promise<TestDatabase> {
  const created = await createTestDatabase();
  dropped.push(created);
  return created;
}

async function open(address: string, streamPrefix = prefix): Promise<EventStore> {
  const store = await openEventStore(address, streamPrefix);
  opened.push(store);
  return store;
}

/** A store that does something of its own around an append. */
const around = (store: EventStore, append: EventStore['append']): EventStore => ({
  append,
  read: (stream) => store.read(stream),
  follow: (after, signal) => store.follow(after, signal),
  head: (after) => store.head(after),
  ping: () => store.ping(),
  close: () => store.close(),
});

const stream = () => `${prefix}.thing-${randomUUID()}`;

describe('a log', () => {
  it('is the same in the other store, and the same again when it comes back', async () => {
    await fill(postgres, 120, prefix);
    const content = await contentOf(postgres);

    const there = await copyLog(postgres, esdb);
    const home = await open((await anotherDatabase()).url);
    const back = await copyLog(esdb, home);

    expect(content.length).toBeGreaterThan(200);
    expect(await contentOf(esdb)).toEqual(content);
    expect(await contentOf(home)).toEqual(content);
    expect(there).toEqual({ copied: content.length, events: content.length, digest: there.digest });
    expect(back).toEqual(there);
  });

  it('keeps its JSON to the letter', async () => {
    const data = { z: 1, a: { '🔑': [1, -2.5, 1e21, null, {}], 2: 'two', 1: 'one' }, text: 'a "b" \\ \u202e \n' };
    await postgres.append(stream(), 'no_stream', [someEvent({ data, type: 'Something Ünusual' })]);

    await copyLog(postgres, esdb);

    expect((await contentOf(esdb)).map((event) => JSON.stringify(event.data))).toEqual([JSON.stringify(data)]);
  });

  it('may be empty', async () => {
    expect(await copyLog(postgres, esdb)).toMatchObject({ copied: 0, events: 0 });
    expect(await copyLog(esdb, postgres)).toMatchObject({ copied: 0, events: 0 });
  });

  it('is copied without what belongs to others', async () => {
    await fill(postgres, 5, prefix);
    await fill(postgres, 5, 'other');
    await fill(postgres, 5, prefix);
    await fill(esdb, 3, 'another');

    const { events } = await copyLog(postgres, esdb);

    expect(events).toBe((await contentOf(postgres)).length);
    expect(await contentOf(esdb)).toEqual(await contentOf(postgres));
    expect(await contentOf(await open(server.url, 'other'))).toEqual([]);
  });

  it('is taken on from where the copy ends', async () => {
    await fill(postgres, 20, prefix);
    const before = (await contentOf(postgres)).length;
    await copyLog(postgres, esdb);
    expect(await copyLog(postgres, esdb)).toMatchObject({ copied: 0, events: before });

    const { stream: known, revision } = (await contentOf(postgres)).at(-1)!;
    await postgres.append(known, revision, someEvents(3));
    await fill(postgres, 10, prefix);
    const content = await contentOf(postgres);

    expect(await copyLog(postgres, esdb)).toMatchObject({ copied: content.length - before, events: content.length });
    expect(await contentOf(esdb)).toEqual(content);
  });

  it('goes over in appends that the other store takes, in its order', async () => {
    const [big, small] = [stream(), stream()];
    const bigEvents = () => Array.from({ length: 5 }, () => someEvent({ data: { text: 'ä'.repeat(150_000) } }));
    for (let round = 0; round < 3; round += 1)
      await postgres.append(big, round ? BigInt(round * 5 - 1) : 'no_stream', bigEvents());
    await postgres.append(big, 14n, [someEvent({ data: { text: 'x'.repeat(900_000) } })]);
    for (let round = 0; round < 3; round += 1)
      await postgres.append(small, round ? BigInt(round * 400 - 1) : 'no_stream', someEvents(400));

    await copyLog(postgres, esdb);

    expect(await contentOf(esdb)).toEqual(await contentOf(postgres));
  });
});

describe('a target that holds something else', () => {
  const refusal = async (): Promise<string> => {
    const before = await contentOf(esdb);
    const error = await copyLog(postgres, esdb).then(
      () => new Error('It was not refused.'),
      (reason: unknown) => reason as Error,
    );
    expect(await contentOf(esdb)).toEqual(before);
    return error.message;
  };

  it('is refused: an event of its own', async () => {
    await fill(postgres, 10, prefix);
    const [name, event] = [stream(), someEvent()];
    await esdb.append(name, 'no_stream', [event]);
    const [first] = await contentOf(postgres);

    expect(await refusal()).toBe(
      `The target holds something else than the source, from event 1 on: event ${event.id}, revision 0 of ${name}. ` +
        `In the source it is event ${first?.id}, revision 0 of ${first?.stream}. Nothing was written.`,
    );
  });

  it('is refused: more than the source', async () => {
    await fill(postgres, 10, prefix);
    const { events } = await copyLog(postgres, esdb);
    const [name, event] = [stream(), someEvent()];
    await esdb.append(name, 'no_stream', [event]);

    expect(await refusal()).toBe(
      `The target holds something else than the source, from event ${events + 1} on: event ${event.id}, revision 0 of ${name}. ` +
        'The source ends before it. Nothing was written.',
    );
  });

  it('is refused: other ids in the same stream', async () => {
    const [name, events] = [stream(), someEvents(3)];
    const [other, ...rest] = someEvents(2);
    await postgres.append(name, 'no_stream', events);
    await esdb.append(name, 'no_stream', [events[0]!, other!, ...rest]);

    expect(await refusal()).toContain(
      `from event 2 on: event ${other!.id}, revision 1 of ${name}. In the source it is`,
    );
  });

  it.each(['type', 'data', 'metadata'] as const)('is refused: the same ids with another %s', async (field) => {
    const [name, events] = [stream(), someEvents(2)];
    await postgres.append(name, 'no_stream', events);
    const change = { type: 'OtherType', data: { other: 'data' }, metadata: someEvent().metadata };
    await esdb.append(name, 'no_stream', [events[0]!, { ...events[1]!, [field]: change[field] }]);

    expect(await refusal()).toContain(
      `from event 2 on: event ${events[1]!.id}, revision 1 of ${name}. Its ${field} differ`,
    );
  });

  it('is refused: the same events in another order', async () => {
    const [one, two] = [stream(), stream()];
    const [first, second] = someEvents(2);
    await postgres.append(one, 'no_stream', [first!]);
    await postgres.append(two, 'no_stream', [second!]);
    await esdb.append(two, 'no_stream', [second!]);
    await esdb.append(one, 'no_stream', [first!]);

    expect(await refusal()).toContain(
      `from event 1 on: event ${second!.id}, revision 0 of ${two}. In the source it is event ${first!.id}`,
    );
  });
});

describe('a source', () => {
  it('whose stream has lost its beginning is refused where that shows', async () => {
    const name = stream();
    await postgres.append(name, 'no_stream', someEvents(3));
    await database.query('delete from log.events where position = 1');

    await expect(copyLog(postgres, esdb)).rejects.toThrow(
      new RegExp(`did not take event \\S+, revision 1 of ${name}, because of what that stream holds`),
    );
    expect(await contentOf(esdb)).toEqual([]);
  });

  it('whose stream has a gap is refused where that shows', async () => {
    const name = stream();
    await postgres.append(name, 'no_stream', someEvents(4));
    await database.query('delete from log.events where position = 3');

    await expect(copyLog(postgres, esdb)).rejects.toThrow(/revision 3 of/);
    expect((await contentOf(esdb)).map(({ revision }) => revision)).toEqual([0n, 1n]);
  });

  it('that was written to meanwhile is not called the same; another copy takes the rest', async () => {
    await fill(postgres, 10, prefix);
    const { length } = await contentOf(postgres);
    const disturbed = around(esdb, async (...append) => {
      const outcome = await esdb.append(...append);
      if ((await contentOf(esdb)).length === length) await postgres.append(stream(), 'no_stream', [someEvent()]);
      return outcome;
    });

    await expect(copyLog(postgres, disturbed)).rejects.toThrow(
      `The source was written to meanwhile: it has ${length + 1} events now, ${length} were copied.`,
    );
    expect(await copyLog(postgres, esdb)).toMatchObject({ copied: 1, events: length + 1 });
    expect(await contentOf(esdb)).toEqual(await contentOf(postgres));
  });
});

describe('a copy', () => {
  it.each([
    ['data', `data = '{"what": "another thing"}'`],
    ['metadata', `metadata = jsonb_set(metadata::jsonb, '{tenantId}', '"other"')::json`],
    ['type', `type = 'OtherType'`],
    ['id', 'id = gen_random_uuid()'],
  ])('in which an event was tampered with is not called the same: %s', async (_, change) => {
    await fill(esdb, 10, prefix);
    const { length } = await contentOf(esdb);
    let isTampered = false;
    const tampering = around(postgres, async (...append) => {
      const outcome = await postgres.append(...append);
      if (!isTampered) await database.query(`update log.events set ${change} where position = 1`);
      isTampered = true;
      return outcome;
    });

    await expect(copyLog(esdb, tampering)).rejects.toThrow(
      new RegExp(`^The two logs are not the same: the source has ${length} events with the digest [0-9a-f]{64}, `),
    );
  });

  it('in which the last event is missing is not called the same', async () => {
    await fill(esdb, 10, prefix);
    const { length } = await contentOf(esdb);
    const deleting = around(postgres, async (...append) => {
      const outcome = await postgres.append(...append);
      await database.query('delete from log.events where position = $1', [length]);
      return outcome;
    });

    await expect(copyLog(esdb, deleting)).rejects.toThrow(
      new RegExp(`^The two logs are not the same: the source has ${length} events .*, the target ${length - 1} with`),
    );
  });

  it('does not depend on the order of keys', async () => {
    await fill(esdb, 10, prefix);
    const { digest } = await copyLog(esdb, postgres);
    await database.query('update log.events set data = data::jsonb::json, metadata = metadata::jsonb::json');

    expect(await copyLog(esdb, postgres)).toMatchObject({ copied: 0, digest });
  });

  it('ends when somebody else writes to the target', async () => {
    await fill(postgres, 30, prefix);
    let appends = 0;
    const disturbed = around(esdb, async (name, expected, events) => {
      if ((appends += 1) === 10) await esdb.append(name, expected, [someEvent()]);
      return esdb.append(name, expected, events);
    });

    await expect(copyLog(postgres, disturbed)).rejects.toThrow(/Does somebody else write to the target/);
    expect(appends).toBe(10);
  });

  it('may run twice at once: each event is there once', async () => {
    await fill(postgres, 60, prefix);
    const other = await open(server.url);

    await Promise.allSettled([copyLog(postgres, esdb), copyLog(postgres, other)]);
    await copyLog(postgres, esdb);

    expect(await contentOf(esdb)).toEqual(await contentOf(postgres));
  });
});

describe('a store that is away for a while', () => {
  /** Copies, and lets `fault` happen once a quarter is there. */
  async function copyDuring(fault: () => Promise<void>, source: EventStore, target: EventStore): Promise<void> {
    const { length } = await contentOf(source);
    let happened: Promise<void> | undefined;
    await copyLog(source, target, {
      onProgress: (step, events) => {
        if (step === 'copied' && events > length / 4) happened ??= fault();
      },
    });
    expect(happened).toBeDefined();
    await happened;
    expect(await contentOf(target)).toEqual(await contentOf(source));
  }

  async function crash(): Promise<void> {
    await server.kill('SIGKILL');
    await sleep(1_000);
    await server.restart();
  }

  it('as the target: EventStoreDB refuses everything', async () => {
    await fill(postgres, 60, prefix);
    const refuse = async () => {
      await server.fault('unavailable', true);
      await sleep(1_500);
      await server.fault('unavailable', false);
    };
    await copyDuring(refuse, postgres, esdb);
  });

  it('as the target: EventStoreDB is killed and started again', async () => {
    await fill(postgres, 60, prefix);
    await copyDuring(crash, postgres, esdb);
  });

  it('as the target: answers of EventStoreDB are lost, what they told of is there once', async () => {
    await fill(postgres, 60, prefix);
    await copyDuring(() => server.fault('loseAnswers', { count: 3, how: 'cut' }), postgres, esdb);
  });

  it('as the source: EventStoreDB is killed and started again', async () => {
    await fill(esdb, 60, prefix);
    await copyDuring(crash, esdb, postgres);
  });

  it('for too long ends the copy with a sentence, and it goes on another time', async () => {
    await fill(postgres, 30, prefix);
    const failing = around(esdb, async (...append) => {
      if ((await contentOf(esdb)).length > 10) throw new StoreUnavailableError('The event store cannot be reached.');
      return esdb.append(...append);
    });

    await expect(copyLog(postgres, failing, { patience: 500 })).rejects.toThrow(
      /^The target did not take event .* The target was away for too long: The event store cannot be reached\.$/,
    );
    await copyLog(postgres, esdb);
    expect(await contentOf(esdb)).toEqual(await contentOf(postgres));
  });
});
