import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventStore } from '../src/event-store/event-store.js';
import { LOCKS, tryLock, unlock } from './advisory-locks.js';
import type { ToEvent } from './parked-streams.js';
import type { Projection } from './projection.js';
import { Rebuild, RebuildLostError, UnverifiedError } from './rebuild.js';
import { askForOutdated, failRebuild, findRebuilds, type RebuildState } from './rebuilds.js';

export type RebuilderObserver = { rebuilt(projection: string): void; failed(projection: string, error: unknown): void };

const LOOK_MILLISECONDS = 1_000;

/** Builds anew what somebody asks for, and what was made by older code, one projection after the other. */
export class Rebuilder {
  readonly #stopping = new AbortController();
  #running: Promise<void> = Promise.resolve();

  constructor(
    private readonly database: DataSource,
    private readonly store: EventStore,
    private readonly projections: readonly Projection[],
    private readonly toEvent: ToEvent,
    private readonly observer: RebuilderObserver,
  ) {}

  start(): void {
    this.#running = this.#keepLooking();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#running;
  }

  async #keepLooking(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      // Whoever cannot look now looks again; health and the projector say what is wrong with the database.
      await this.work().catch(() => undefined);
      await sleep(LOOK_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
  }

  /** Does what there is to do, unless another process is at it. */
  async work(): Promise<void> {
    const { signal } = this.#stopping;
    await askForOutdated(this.database, this.projections);
    const asked = (await findRebuilds(this.database.manager)).filter(({ error }) => error === null);
    if (asked.length === 0) return;
    await this.#alone(async () => {
      for (const state of asked) if (!signal.aborted) await this.#rebuild(state, signal);
    });
  }

  async #rebuild({ projection: name, version }: RebuildState, signal: AbortSignal): Promise<void> {
    const projection = this.projections.find((each) => each.name === name);
    // A newer version of Latchkey has asked, and it does it.
    if (projection?.version !== version) return;
    try {
      const isDone = await new Rebuild(this.database, this.store, projection, this.toEvent).run(signal);
      if (isDone) this.observer.rebuilt(name);
    } catch (error) {
      if (error instanceof RebuildLostError) return;
      this.observer.failed(name, error);
      // Whatever else it is may pass.
      if (error instanceof UnverifiedError) await failRebuild(this.database, name, error.message);
    }
  }

  async #alone(work: () => Promise<void>): Promise<void> {
    const runner = this.database.createQueryRunner();
    try {
      if (await tryLock(runner.manager, LOCKS.rebuild))
        await work().finally(() => unlock(runner.manager, LOCKS.rebuild));
    } finally {
      await runner.release();
    }
  }
}
