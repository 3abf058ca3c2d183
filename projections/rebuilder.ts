import { setTimeout as sleep } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { EventStore } from '../src/event-store/event-store.js';
import { alone, LOCKS } from './advisory-locks.js';
import { fillTogether } from './fill-together.js';
import type { ToEvent } from './parked-streams.js';
import type { Projection } from './projection.js';
import { Rebuild, RebuildLostError, UnverifiedError } from './rebuild.js';
import { askForOutdated, failRebuild, findRebuilds, type RebuildState } from './rebuilds.js';

export type RebuilderObserver = { rebuilt(projection: string): void; failed(projection: string, error: unknown): void };

type Due = { name: string; rebuild: Rebuild };

const LOOK_MILLISECONDS = 1_000;

/** Builds anew what somebody asks for, and what was made by older code. */
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
    await alone(this.database, LOCKS.rebuild, async () => {
      const due = asked.flatMap((state) => this.#dueOf(state));
      const rebuilds = due.map(({ rebuild }) => rebuild);
      // Each of them meets again what went wrong.
      await fillTogether(rebuilds, this.store, signal).catch(() => undefined);
      // PostgreSQL makes the indexes of one while the rows of another are checked.
      await Promise.all(due.map((each) => this.#run(each, signal)));
    });
  }

  /** Not what a newer version of Latchkey has asked for: that does it. */
  #dueOf({ projection: name, version }: RebuildState): Due[] {
    const projection = this.projections.find((each) => each.name === name);
    if (projection?.version !== version) return [];
    return [{ name, rebuild: new Rebuild(this.database, this.store, projection, this.toEvent) }];
  }

  async #run({ name, rebuild }: Due, signal: AbortSignal): Promise<void> {
    try {
      if (await rebuild.run(signal)) this.observer.rebuilt(name);
    } catch (error) {
      if (error instanceof RebuildLostError) return;
      const state = { projection: name, position: rebuild.position };
      // Whatever else it is may pass. What another process has gone on with is not wrong because it says more.
      if (error instanceof UnverifiedError && !(await failRebuild(this.database, state, error.message))) return;
      this.observer.failed(name, error);
    }
  }
}
