import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../event-store.js';

const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 2_000;

/** Waits for a store that is away, until it has been away for so many milliseconds in a row. */
export class Patience {
  #awaySince: number | null = null;
  #pause = FIRST_PAUSE;

  constructor(
    /** How the store is called in a sentence. */
    private readonly name: string,
    private readonly milliseconds: number,
  ) {}

  /** The store has answered. */
  renew(): void {
    this.#awaySince = null;
    this.#pause = FIRST_PAUSE;
  }

  /** Returns when the store may be asked again; throws what is no matter of waiting, or when it has been away for too long. */
  async wait(error: unknown): Promise<void> {
    if (!(error instanceof StoreUnavailableError)) throw error;
    this.#awaySince ??= Date.now();
    if (Date.now() + this.#pause > this.#awaySince + this.milliseconds)
      throw new Error(`The ${this.name} was away for too long: ${error.message}`, { cause: error });
    await sleep(this.#pause);
    this.#pause = Math.min(this.#pause * 2, LONGEST_PAUSE);
  }
}
