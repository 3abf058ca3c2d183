import { projections } from '../../../projections/projections.js';
import { Projector } from '../../../projections/projector.js';
import { copyLog } from '../../../src/event-store/copy/copy-log.js';
import type { EventStore } from '../../../src/event-store/event-store.js';
import { openEventStore } from '../../../src/event-store/open-event-store.js';
import { toEvent, type LatchkeyEvent } from '../../../src/events.js';
import { createDatabase, migrate } from '../../../src/postgres/database.js';
import { createTestDatabase, type TestDatabase } from '../../support/databases.js';
import { startEventStoreDb, type EventStoreDb } from '../../support/eventstoredb.js';
import { appHistory, dice, tokenHistory } from '../../support/histories.js';
import { accessDenied, write } from '../../support/log-events.js';
import { eventually } from '../../support/read-side.js';

let database: TestDatabase;
let elsewhere: TestDatabase;
let server: EventStoreDb;
let postgres: EventStore;
let esdb: EventStore;

beforeAll(async () => {
  [database, elsewhere, server] = await Promise.all([createTestDatabase(), createTestDatabase(), startEventStoreDb()]);
  postgres = await openEventStore(database.url, 'latchkey');
  esdb = await openEventStore(server.url, 'latchkey');
});

afterAll(async () => {
  await Promise.all([postgres.close(), esdb.close()]);
  await server.stop();
  await Promise.all([database.drop(), elsewhere.drop()]);
});

/** Histories of apps and tokens and refusals of each, dealt like cards: none is whole before the next begins. */
function mixed(roll: (sides: number) => number): LatchkeyEvent[] {
  const piles: LatchkeyEvent[][] = Array.from({ length: 12 }, () => [
    ...(roll(2) ? appHistory(roll, 12) : tokenHistory(roll, 6)),
  ]);
  for (const [first] of [...piles]) {
    const data = first!.data as { appId?: string; tokenId?: string };
    const target = { targetType: data.appId ? 'APP' : 'TOKEN', targetId: data.appId ?? data.tokenId! } as const;
    piles.push([accessDenied(target), accessDenied({ ...target, count: 7 })]);
  }
  const events: LatchkeyEvent[] = [];
  while (piles.some((pile) => pile.length > 0)) events.push(...(piles[roll(piles.length)]?.splice(0, 1) ?? []));
  return events;
}

/** Builds all read models of a log in a database. */
async function project(store: EventStore, into: TestDatabase): Promise<void> {
  const connections = await createDatabase(into.url).initialize();
  await migrate(connections);
  const end = await store.head();
  let reached: string | null = null;
  const projector = new Projector(connections, store, projections, toEvent, {
    projected: (position) => (reached = position),
    recovered: () => {},
    parked: (_projection, _event, error) => {
      throw error;
    },
    failed: (error) => {
      throw error as Error;
    },
  });
  projector.start();
  await eventually(() => reached === end);
  await projector.stop();
  await connections.destroy();
}

/** All rows, in an order that owes nothing to the store. The places that audit entries had in a log are left out, their order is not. */
async function rowsIn({ query }: TestDatabase) {
  const trail = await query('select * from read.audit_entries order by log_order');
  return {
    apps: await query('select * from read.apps order by id'),
    tokens: await query('select * from read.tokens order by id'),
    trail: trail.map((entry) => ({ ...entry, log_order: null, position: null })),
  };
}

describe('read models of a copied log', () => {
  it('are those of the original, in every column but the places in the log', async () => {
    const events = mixed(dice(7));
    await write(postgres, events);
    await copyLog(postgres, esdb);

    await project(postgres, database);
    await project(esdb, elsewhere);

    const [original, copied] = [await rowsIn(database), await rowsIn(elsewhere)];
    expect(original.trail).toHaveLength(events.length);
    expect(Math.min(original.apps.length, original.tokens.length)).toBeGreaterThan(2);
    expect(copied).toEqual(original);
  });
});
