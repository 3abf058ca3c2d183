import { Inject, Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import type { Evidence } from '../../projections/credentials.js';
import { Progress } from '../../projections/progress.js';
import { Settings } from '../config.js';
import { DomainError } from '../domain-error.js';
import { EVENT_STORE, type EventStore } from '../event-store/event-store.js';
import { comparePositions, type Position } from '../event-store/position.js';

/** The log ended at `head` when it was asked, at `at` of a clock that only goes forward. */
type Look = { at: number; head: Position | null };

/** More than enough looks for one to be as old as the bound, whatever the bound. */
const LOOKS_PER_BOUND = 5;

/**
 * Knows where the log ended a short while ago, and so whether rows are old. It looks at the log itself: a projector that does not
 * notice that it is deaf, or rows that went back in time with their database, are found out as well.
 */
@Injectable()
export class Freshness implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(Freshness.name);
  readonly #bound: number;
  /** Oldest first; the first is the one that counts. */
  #looks: Look[] = [];
  /** Surely not behind the end of the log. */
  #known: Position | null = null;
  #looking: Promise<void> = Promise.resolve();
  #next: NodeJS.Timeout | undefined;
  #isStopping = false;
  #isInTrouble = false;

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly progress: Progress,
    private readonly settings: Settings,
  ) {
    this.#bound = settings.readModelMaxLag;
  }

  async onApplicationBootstrap(): Promise<void> {
    if (!this.settings.roles.includes('api')) return;
    await this.#keepLooking();
  }

  async onApplicationShutdown(): Promise<void> {
    this.#isStopping = true;
    clearTimeout(this.#next);
    await this.#looking;
  }

  /** Throws UNAVAILABLE unless the rows show everything that had happened by a moment that lies no further back than the bound. */
  require(evidence: readonly Evidence[]): void {
    this.#forget();
    const [oldest] = this.#looks;
    if (!oldest) throw untrusted('Where the log ends has not been known for too long.');
    if (!evidence.every(({ isWhole }) => isWhole)) throw untrusted('The read models are being built.');
    if (!evidence.every(({ position }) => comparePositions(position, oldest.head) >= 0))
      throw untrusted('The read models are behind.');
  }

  #forget(): void {
    const earliest = performance.now() - this.#bound;
    while (this.#looks[0] && this.#looks[0].at < earliest) this.#looks.shift();
  }

  async #keepLooking(): Promise<void> {
    this.#looking = this.#look();
    await this.#looking;
    if (this.#isStopping) return;
    this.#next = setTimeout(() => void this.#keepLooking(), this.#bound / LOOKS_PER_BOUND);
  }

  async #look(): Promise<void> {
    // Before the question: what happens while it is under way may be missing from the answer.
    const at = performance.now();
    try {
      const head = await this.store.head(await this.#startOfLook());
      this.#known = head;
      this.#forget();
      this.#looks.push({ at, head });
      this.#isInTrouble = false;
    } catch (error) {
      if (!this.#isInTrouble) this.#logger.warn(`Where the log ends cannot be seen: ${String(error)}`);
      this.#isInTrouble = true;
    }
  }

  /** A log that others write into as well is not to be read again from our last event on: the read models have come further. */
  async #startOfLook(): Promise<Position | null> {
    const reached = await this.progress.look().catch(() => null);
    return comparePositions(reached, this.#known) > 0 ? reached : this.#known;
  }
}

/** Nothing is said about a credential from what cannot be trusted. */
const untrusted = (why: string) => new DomainError('UNAVAILABLE', `${why} Try again.`);
