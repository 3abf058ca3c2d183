import { Client, type ClientConfig } from 'pg';

const GOODBYE_MILLISECONDS = 1_000;

/**
 * A connection that is given up as soon as it does not answer in time. It may have died without a word, and back in a pool it
 * would fail whoever gets it next. Nor does its end wait for long for a server that is not there any more.
 */
export class BoundedClient extends Client {
  constructor(config?: string | ClientConfig) {
    super(config);
    const query = this.query.bind(this) as (...args: unknown[]) => unknown;
    const boundedQuery = (...args: unknown[]) => {
      const result = query(...args);
      if (result instanceof Promise) result.catch((error: unknown) => this.#giveUpOnTimeout(error));
      return result;
    };
    this.query = boundedQuery as typeof this.query;

    const end = this.end.bind(this) as (...args: unknown[]) => unknown;
    const boundedEnd = (...args: unknown[]) => {
      setTimeout(() => this.connection.stream.destroy(), GOODBYE_MILLISECONDS).unref();
      return end(...args);
    };
    this.end = boundedEnd as typeof this.end;
  }

  #giveUpOnTimeout(error: unknown): void {
    if (error instanceof Error && error.message === 'Query read timeout') void this.end();
  }
}
