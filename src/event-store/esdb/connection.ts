import { setTimeout as sleep } from 'node:timers/promises';
import { StoreUnavailableError } from '../event-store.js';
import type { EsdbCall, EsdbClient, EsdbCredentials } from './client.js';
import { DeadlineMissedError, told } from './errors.js';

/** Longer than any healthy answer takes, shorter than anybody waits. */
const DEADLINE_MILLISECONDS = 3_000;
const GOODBYE_MILLISECONDS = 200;
const MOST_WAITING = 10_000;

/**
 * The one client of this process, with a deadline of our own on every call. A node that is frozen keeps its connection, so a
 * client whose call missed the deadline is thrown away with all that hangs on it: the next one finds the leader anew.
 */
export class EsdbConnection {
  #client: Promise<EsdbClient>;
  #over = new AbortController();
  #isClosed = false;
  #waiting = 0;

  constructor(
    private readonly open: () => EsdbClient,
    readonly credentials: EsdbCredentials,
  ) {
    this.#client = Promise.resolve(open());
  }

  async call<Result>(action: (client: EsdbClient, options: EsdbCall) => Promise<Result>): Promise<Result> {
    const { client, over } = this.present();
    if (this.#waiting >= MOST_WAITING) throw new StoreUnavailableError('Too many calls wait for the event log.');
    this.#waiting += 1;
    const options = { deadline: DEADLINE_MILLISECONDS, credentials: this.credentials };
    let timer: NodeJS.Timeout | undefined;
    const deadline = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => reject(new DeadlineMissedError()), DEADLINE_MILLISECONDS);
    });
    try {
      const result = await Promise.race([client.then((ready) => action(ready, options)), deadline]);
      // A read that its client was thrown away under ends as if there were no more.
      if (over.aborted) throw new DeadlineMissedError();
      return result;
    } catch (error) {
      const isUseless = error instanceof DeadlineMissedError || error instanceof NotOpenedError;
      if (isUseless && !over.aborted) this.#replace();
      throw told(error);
    } finally {
      this.#waiting -= 1;
      clearTimeout(timer);
    }
  }

  /** The client, for what outlasts a call; `over` is aborted when it is thrown away. */
  present(): { client: Promise<EsdbClient>; over: AbortSignal } {
    if (this.#isClosed) throw new StoreUnavailableError('The event store has been closed.');
    return { client: this.#client, over: this.#over.signal };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#over.abort();
    await this.#client.then(disposed, () => undefined);
  }

  #replace(): void {
    this.#over.abort();
    this.#over = new AbortController();
    // Not before the old one is gone: two clients of this package in one process disturb each other.
    this.#client = this.#client.then(disposed, () => undefined).then(() => opened(this.open));
    // Whoever calls next is told.
    this.#client.catch(() => undefined);
  }
}

/** As when a file of its settings is being replaced: the next call tries again. */
class NotOpenedError extends StoreUnavailableError {}

function opened(open: () => EsdbClient): EsdbClient {
  try {
    return open();
  } catch (error) {
    throw new NotOpenedError('The client of the event store cannot be opened.', { cause: error });
  }
}

/** A client waits for the end of all its calls, though that of a call that nobody reads never comes, and leaves its connection open. */
async function disposed(client: EsdbClient): Promise<void> {
  const closed = client.getChannel().then((channel) => channel.close());
  await Promise.race([Promise.allSettled([client.dispose(), closed]), sleep(GOODBYE_MILLISECONDS)]);
}
