import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, EntityManager, QueryRunner } from 'typeorm';
import type { EventStore, LogBatch, RecordedEvent } from '../src/event-store/event-store.js';
import {
  BeyondTheLogError,
  comparePositions,
  earliestOf,
  eventsAfter,
  latestOf,
  type Position,
} from '../src/event-store/position.js';
import {
  advance,
  distrust,
  ensureCheckpoints,
  FencedOffError,
  findCheckpoints,
  markWhole,
  type Checkpoint,
} from './checkpoints.js';
import { CarefulProjection, findParked, isPoison, type ToEvent } from './parked-streams.js';
import type { Projection } from './projection.js';
import { together } from './together.js';
import { beat, HEARTBEAT_MILLISECONDS, releaseLock, takeLock } from './runner-lock.js';

export type ProjectorObserver = {
  /** A batch is committed: all read models have come as far as `position`. */
  projected(position: Position, events: readonly RecordedEvent[]): void;
  /** All is well without a batch: there is nothing to do, or another process does it. */
  recovered(): void;
  /** An event cannot be applied: its stream waits, all others go on. */
  parked(projection: string, event: RecordedEvent, error: unknown): void;
  failed(error: unknown): void;
};

type Running = { checkpoint: Checkpoint; projection: CarefulProjection };
type Work = { projection: CarefulProjection; unseen: readonly RecordedEvent[] };
type Application = (works: readonly Work[], transaction: EntityManager) => Promise<unknown>;

const applyTogether: Application = (works, transaction) =>
  together(...works.map(({ projection, unseen }) => projection.apply(unseen, transaction)));

/** What each undoes is its own only while no other is at work. */
const applyCarefully: Application = async (works, transaction) => {
  for (const { projection, unseen } of works) await projection.applyOneByOne(unseen, transaction);
};

const TAKEOVER_MILLISECONDS = 250;
const LONGEST_PAUSE = 5_000;

/**
 * Follows the log and keeps the read models up to date, each batch in one transaction with the checkpoints.
 * Any number of processes may run one: one of them works, the others wait for its lock, which lives and dies with the very
 * connection that its transactions use. Should two ever work at once, the fence at the checkpoints lets one commit.
 */
export class Projector {
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();
  #isHolder = false;

  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly projections: readonly Projection[],
    private readonly toEvent: ToEvent,
    private readonly observer: ProjectorObserver,
  ) {}

  /** Whether it is this process that works at the moment. */
  get isHolder(): boolean {
    return this.#isHolder;
  }

  start(): void {
    this.#running = this.#keepRunning();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #keepRunning(): Promise<void> {
    const { signal } = this.#stopping;
    let pause = 100;
    while (!signal.aborted) {
      try {
        await this.#runOnce(() => (pause = 100));
      } catch (error) {
        // Rows were changed beside this runner, on purpose: it looks where it stands, and goes on.
        if (error instanceof FencedOffError) continue;
        this.observer.failed(error);
        await sleep(pause, undefined, { signal }).catch(() => undefined);
        pause = Math.min(pause * 2, LONGEST_PAUSE);
      }
    }
  }

  async #runOnce(onProgress: () => void): Promise<void> {
    const { signal } = this.#stopping;
    const runner = this.database.createQueryRunner();
    try {
      const lost = lossOf((await runner.connect()) as EventEmitter);
      while (!(await takeLock(runner.manager))) {
        this.observer.recovered();
        await sleep(TAKEOVER_MILLISECONDS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
      this.#isHolder = true;
      const heart = setInterval(() => void beat(this.database).catch(() => undefined), HEARTBEAT_MILLISECONDS);
      await this.#follow(runner, AbortSignal.any([signal, lost]), onProgress).finally(() => clearInterval(heart));
      if (lost.aborted) throw new Error('The connection that holds the lock of the projector was lost.');
    } finally {
      this.#isHolder = false;
      await releaseLock(runner.manager);
      await runner.release();
    }
  }

  async #follow(runner: QueryRunner, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const running = await this.#look(runner.manager);
    const checkpoints = running.map(({ checkpoint }) => checkpoint);
    const positions = checkpoints.map(({ position }) => position);
    const [earliest, latest] = [earliestOf(positions), latestOf(positions)];
    let isWhole = checkpoints.every((checkpoint) => checkpoint.isWhole);

    try {
      // Also when some were set back: the others' rows would be taken for those of this log.
      if (latest !== earliest) await refuseUnlessReached(latest, this.store, signal);
      for await (const batch of this.store.follow(earliest, signal)) {
        await this.#apply(runner, batch, running);
        if (batch.isEnd && !isWhole) {
          await markWhole(runner.manager, checkpoints);
          isWhole = true;
        }
        onProgress();
      }
    } catch (error) {
      if (error instanceof BeyondTheLogError) await distrust(runner.manager);
      throw error;
    }
  }

  /** What is there to be carried on. */
  async #look(manager: EntityManager): Promise<Running[]> {
    await ensureCheckpoints(manager, this.projections);
    const checkpoints = await findCheckpoints(manager);
    const parked = await findParked(manager);
    return this.projections.flatMap((projection) => {
      const { name, version } = projection;
      const checkpoint = checkpoints.find((each) => each.name === name);
      if (!checkpoint || checkpoint.version === 0) return [];
      if (checkpoint.version > version)
        throw new Error(`The rows of ${name} were made by a newer version of Latchkey; this one leaves them alone.`);
      const streams = new Set(parked.filter((each) => each.projection === name).map(({ stream }) => stream));
      return { checkpoint, projection: this.#careful(projection, streams) };
    });
  }

  #careful(projection: Projection, parked: Set<string>): CarefulProjection {
    const { observer } = this;
    return new CarefulProjection(projection, this.toEvent, undefined, parked, (...what) => observer.parked(...what));
  }

  async #apply(runner: QueryRunner, batch: LogBatch, running: readonly Running[]): Promise<void> {
    const behind = running.filter(({ checkpoint }) => comparePositions(checkpoint.position, batch.position) < 0);
    if (behind.length === 0) return this.observer.recovered();
    try {
      await this.#write(runner, batch, behind, applyTogether);
    } catch (error) {
      if (!isPoison(error)) throw error;
      await this.#write(runner, batch, behind, applyCarefully);
    }

    for (const { checkpoint } of behind) checkpoint.position = batch.position;
    const reached = earliestOf(running.map(({ checkpoint }) => checkpoint.position));
    if (reached) this.observer.projected(reached, batch.events);
  }

  async #write(runner: QueryRunner, batch: LogBatch, behind: readonly Running[], apply: Application): Promise<void> {
    await runner.startTransaction();
    try {
      await advance(
        runner.manager,
        behind.map(({ checkpoint: { name, position, edition } }) => ({
          name,
          from: position,
          edition,
          to: batch.position,
        })),
      );
      const works = behind.map(({ checkpoint, projection }) => ({
        projection,
        unseen: eventsAfter(checkpoint.position, batch.events),
      }));
      await apply(
        works.filter(({ unseen }) => unseen.length > 0),
        runner.manager,
      );
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }
  }
}

/** Throws when the log ends before a position. What comes before that is not read for it. */
async function refuseUnlessReached(position: Position | null, store: EventStore, signal: AbortSignal): Promise<void> {
  const batches = store.follow(position, signal)[Symbol.asyncIterator]();
  await batches.next();
  await batches.return?.();
}

/** A connection comes back from the pool again and again, and is listened to once. */
const losses = new WeakMap<EventEmitter, AbortSignal>();

/** Aborted when a connection ends: with it goes the lock, even while no event arrives that would show it. */
function lossOf(connection: EventEmitter): AbortSignal {
  const known = losses.get(connection);
  if (known) return known;
  const loss = new AbortController();
  connection.once('end', () => loss.abort());
  connection.once('error', () => loss.abort());
  losses.set(connection, loss.signal);
  return loss.signal;
}
