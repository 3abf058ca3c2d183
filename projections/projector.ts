import type { EventEmitter } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource, QueryRunner } from 'typeorm';
import type { EventStore, LogBatch, RecordedEvent } from '../src/event-store/event-store.js';
import { comparePositions, type Position } from '../src/event-store/position.js';
import type { Recorded } from '../src/events.js';
import { advance, ensureCheckpoints, findCheckpoints, markWhole } from './checkpoints.js';
import type { Projection } from './projection.js';
import { Tables } from './tables.js';

export type ProjectorObserver = {
  /** A batch is committed: all read models have come as far as `position`. */
  projected(position: Position, events: readonly RecordedEvent[]): void;
  /** All is well without a batch: there is nothing to do, or another process does it. */
  recovered(): void;
  failed(error: unknown): void;
};

/** One runner at a time: whoever holds this advisory lock. */
export const RUNNER_LOCK = 7165112022;
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
    private readonly toEvent: (stored: RecordedEvent) => Recorded,
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
      while (!(await takeLock(runner))) {
        this.observer.recovered();
        await sleep(TAKEOVER_MILLISECONDS, undefined, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
      this.#isHolder = true;
      await this.#follow(runner, AbortSignal.any([signal, lost]), onProgress);
      if (lost.aborted) throw new Error('The connection that holds the lock of the projector was lost.');
    } finally {
      this.#isHolder = false;
      await releaseLock(runner);
      await runner.release();
    }
  }

  async #follow(runner: QueryRunner, signal: AbortSignal, onProgress: () => void): Promise<void> {
    const names = this.projections.map(({ name }) => name);
    await ensureCheckpoints(runner.manager, names);
    const found = await findCheckpoints(runner.manager);
    const checkpoints = new Map(
      names.map((name) => [name, found.find((each) => each.name === name)?.position ?? null]),
    );
    let isWhole = names.every((name) => found.some((each) => each.name === name && each.isWhole));
    const earliest = [...checkpoints.values()].sort(comparePositions)[0] ?? null;

    for await (const batch of this.store.follow(earliest, signal)) {
      await this.#apply(runner, batch, checkpoints);
      if (batch.isEnd && !isWhole) {
        await markWhole(runner.manager, checkpoints);
        isWhole = true;
      }
      onProgress();
    }
  }

  async #apply(runner: QueryRunner, batch: LogBatch, checkpoints: Map<string, Position | null>): Promise<void> {
    const behind = this.projections.filter(
      ({ name }) => comparePositions(checkpoints.get(name) ?? null, batch.position) < 0,
    );
    if (behind.length === 0) return this.observer.recovered();
    const events = batch.events.map(this.toEvent);

    await runner.startTransaction();
    try {
      for (const projection of behind) {
        const checkpoint = checkpoints.get(projection.name) ?? null;
        const unseen = events.filter(({ position }) => comparePositions(checkpoint, position) < 0);
        if (unseen.length > 0) await projection.apply(unseen, new Tables(runner.manager));
      }
      const advances = behind.map(({ name }) => ({ name, from: checkpoints.get(name) ?? null, to: batch.position }));
      await advance(runner.manager, advances);
      await runner.commitTransaction();
    } catch (error) {
      await runner.rollbackTransaction().catch(() => undefined);
      throw error;
    }

    for (const { name } of behind) checkpoints.set(name, batch.position);
    const reached = [...checkpoints.values()].sort(comparePositions)[0];
    if (reached) this.observer.projected(reached, batch.events);
  }
}

async function takeLock(runner: QueryRunner): Promise<boolean> {
  const [row] = await runner.manager.query<{ taken: boolean }[]>('select pg_try_advisory_lock($1) as taken', [
    RUNNER_LOCK,
  ]);
  return row?.taken === true;
}

async function releaseLock(runner: QueryRunner): Promise<void> {
  // A connection that is gone has let go of its lock already.
  await runner.query('select pg_advisory_unlock($1)', [RUNNER_LOCK]).catch(() => undefined);
}

/** Aborted when a connection ends: with it goes the lock, even while no event arrives that would show it. */
function lossOf(connection: EventEmitter): AbortSignal {
  const loss = new AbortController();
  connection.once('end', () => loss.abort());
  connection.once('error', () => loss.abort());
  return loss.signal;
}
