import type { EventStore } from '../src/event-store/event-store.js';
import { comparePositions, type Position } from '../src/event-store/position.js';

type Waiter = { position: Position; resolve: (isReached: boolean) => void; timer: NodeJS.Timeout };

/**
 * How far the read models have come, as this process knows it: told by its own projector, by the notifications of others',
 * and while somebody waits by a look at the checkpoints.
 */
export class Progress {
  #reached: Position | null = null;
  readonly #waiters = new Set<Waiter>();
  #isLooking = false;

  constructor(
    /** How far they have come, as they say themselves. */
    readonly look: () => Promise<Position | null>,
    private readonly lookEveryMilliseconds = 100,
  ) {}

  advance(position: Position): void {
    if (comparePositions(position, this.#reached) <= 0) return;
    this.#reached = position;
    for (const waiter of this.#waiters) {
      if (comparePositions(waiter.position, position) <= 0) this.#settle(waiter, true);
    }
  }

  /** Whether the read models show everything up to a position, now or within a time. */
  async waitFor(position: Position | null, milliseconds: number): Promise<boolean> {
    if (position === null || comparePositions(position, this.#reached) <= 0) return true;
    const reached = new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => this.#settle(waiter, false), milliseconds);
      const waiter: Waiter = { position, resolve, timer };
      this.#waiters.add(waiter);
    });
    if (!this.#isLooking) void this.#keepLooking();
    return reached;
  }

  /** Whether the read models show all that has happened up to now. */
  async waitForEnd(log: Pick<EventStore, 'head'>, milliseconds: number): Promise<boolean> {
    return this.waitFor(await log.head(await this.look()), milliseconds);
  }

  async #keepLooking(): Promise<void> {
    this.#isLooking = true;
    while (this.#waiters.size > 0) {
      await new Promise((resolve) => setTimeout(resolve, this.lookEveryMilliseconds));
      if (this.#waiters.size === 0) break;
      const position = await this.look().catch(() => null);
      if (position !== null) this.advance(position);
    }
    this.#isLooking = false;
  }

  #settle(waiter: Waiter, isReached: boolean): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
    waiter.resolve(isReached);
  }
}
