import type { DataSource } from 'typeorm';
import { findCheckpoints } from '../../projections/checkpoints.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { Projector, type ProjectorObserver } from '../../projections/projector.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { comparePositions, type Position } from '../../src/event-store/position.js';
import { toEvent } from '../../src/events.js';
import { createDatabase, migrate } from '../../src/postgres/database.js';
import { createTestDatabase, type TestDatabase } from './databases.js';

export type ReadSide = {
  test: TestDatabase;
  database: DataSource;
  store: EventStore;
  /** Started, and stopped with the rest. */
  project(chosen?: readonly Projection[], database?: DataSource, log?: EventStore): RunningProjector;
  /** Another process's connections to the same database. */
  connect(): Promise<DataSource>;
  reached(position: Position | null, milliseconds?: number): Promise<void>;
  checkpoints(): Promise<Record<string, Position | null>>;
  close(): Promise<void>;
};

export type RunningProjector = {
  projector: Projector;
  failures: unknown[];
  positions: Position[];
  parked: Parameters<ProjectorObserver['parked']>[];
  stop(): Promise<void>;
};

/** A real log and real read models in a database of their own. */
export async function openReadSide(): Promise<ReadSide> {
  const test = await createTestDatabase();
  const connect = () => createDatabase(test.url).initialize();
  const database = await connect();
  await migrate(database);
  const store = await openEventStore(test.url, 'latchkey');
  // As another process would look: a projector's connection may be killed by a spec while it goes back to its pool.
  const reader = await connect();
  const opened: DataSource[] = [database, reader];
  const running: RunningProjector[] = [];
  const checkpoints = async () =>
    Object.fromEntries((await findCheckpoints(reader.manager)).map(({ name, position }) => [name, position]));

  return {
    test,
    database,
    store,
    checkpoints,
    connect: async () => {
      const another = await connect();
      opened.push(another);
      return another;
    },
    project: (chosen = projections, connections = database, log = store) => {
      const failures: unknown[] = [];
      const positions: Position[] = [];
      const parked: Parameters<ProjectorObserver['parked']>[] = [];
      const projector = new Projector(connections, log, chosen, toEvent, {
        projected: (position) => positions.push(position),
        recovered: () => {},
        parked: (...what) => parked.push(what),
        failed: (error) => failures.push(error),
      });
      projector.start();
      const started = { projector, failures, positions, parked, stop: () => projector.stop() };
      running.push(started);
      return started;
    },
    reached: (position, milliseconds = 15_000) =>
      eventually(async () => {
        const all = Object.values(await checkpoints());
        return all.length > 0 && all.every((each) => comparePositions(each, position) >= 0);
      }, milliseconds),
    close: async () => {
      await Promise.all(running.map((each) => each.stop()));
      await store.close();
      await Promise.all(opened.map((each) => each.destroy()));
      await test.drop();
    },
  };
}

/** Waits until it is so; throws when that takes too long. */
export async function eventually(isSo: () => boolean | Promise<boolean>, milliseconds = 15_000): Promise<void> {
  const deadline = Date.now() + milliseconds;
  while (!(await isSo())) {
    if (Date.now() > deadline) throw new Error('It never became so.');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
