import { setTimeout as sleep } from 'node:timers/promises';
import { BoundedClient } from './bounded-client.js';

const RECONNECT_MILLISECONDS = 1_000;

/** Hears NOTIFY on a channel, and listens again when the connection was lost. What was said meanwhile is lost: a hint, no more. */
export class Listener {
  readonly #closed = new AbortController();
  #client: BoundedClient | undefined;

  constructor(
    private readonly connectionString: string,
    private readonly channel: string,
    private readonly onNotification: (payload: string) => void,
  ) {
    void this.#listen();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await this.#client?.end().catch(() => undefined);
  }

  async #listen(): Promise<void> {
    while (!this.#closed.signal.aborted) {
      const client = new BoundedClient({
        connectionString: this.connectionString,
        keepAlive: true,
        connectionTimeoutMillis: 3_000,
      });
      this.#client = client;
      client.on('notification', ({ payload }) => this.onNotification(payload ?? ''));
      const ended = new Promise<void>((resolve) => {
        client.once('end', resolve);
        client.on('error', () => resolve());
      });
      try {
        await client.connect();
        await client.query(`listen ${this.channel}`);
        await ended;
      } catch {
        // Whoever waits for news polls as well.
      }
      await client.end().catch(() => undefined);
      await sleep(RECONNECT_MILLISECONDS, undefined, { signal: this.#closed.signal }).catch(() => undefined);
    }
  }
}
