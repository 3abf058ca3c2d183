import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

const POLL_MILLISECONDS = 200;

/** Hints that the log has grown. Only hints: whoever waits looks for himself, and at least every 200 ms. */
export class LogNews {
  readonly #events = new EventEmitter().setMaxListeners(0);
  #count = 0;

  /** How often the log is known to have grown: read it before looking, so that nothing between look and wait is missed. */
  get count(): number {
    return this.#count;
  }

  publish(): void {
    this.#count += 1;
    this.#events.emit('news');
  }

  /** Resolves when there is news beyond `count`, at the next poll, or when aborted. */
  async after(count: number, signal: AbortSignal): Promise<void> {
    if (this.#count !== count || signal.aborted) return;
    const done = new AbortController();
    const either = { signal: AbortSignal.any([signal, done.signal]) };
    const ignore = () => undefined;
    await Promise.race([
      once(this.#events, 'news', either).catch(ignore),
      sleep(POLL_MILLISECONDS, undefined, either).catch(ignore),
    ]);
    done.abort();
  }
}
