import { once } from 'node:events';
import { Readable } from 'node:stream';
import { setImmediate, setTimeout as sleep } from 'node:timers/promises';
import type { LogBatch, RecordedEvent } from '../event-store.js';
import { comparePositions, type Position } from '../position.js';
import type { EsdbEvent } from './client.js';
import type { EsdbConnection } from './connection.js';
import { DeadlineMissedError, isPassing, told } from './errors.js';
import { arrivals, START, subscribe, type Arrival } from './subscription.js';

const LARGEST_BATCH = 1_000;
/** The server drops a live reader that falls behind, so arrivals are read ahead: so many, beyond that it may. */
const READ_AHEAD = 4_000;
const LOOK_EVERY_MILLISECONDS = 3_000;
/** Subscriptions that end one after another without bringing anything: then whoever follows is told. */
const MOST_FRUITLESS = 5;
const LONGEST_PAUSE = 5_000;

export type Source = {
  connection: EsdbConnection;
  streamPrefix: string;
  recorded: (event: EsdbEvent) => RecordedEvent;
  /** The end of the whole log, also of what is not ours. */
  end: () => Promise<Position | null>;
};

/** Follows the log, and subscribes again from the last position whenever a subscription ends or falls silent. */
export async function* follow(source: Source, after: Position | null, signal: AbortSignal): AsyncGenerator<LogBatch> {
  let position = after;
  for (let fruitless = 0; !signal.aborted;) {
    try {
      for await (const batch of subscribed(source, position, signal)) {
        fruitless = 0;
        position = batch.position;
        yield batch;
      }
    } catch (error) {
      fruitless += 1;
      if (!isPassing(error) || fruitless > MOST_FRUITLESS) throw told(error);
      const pause = Math.min(LONGEST_PAUSE, 50 * 2 ** fruitless);
      await sleep(pause * (0.5 + Math.random()), undefined, { signal }).catch(() => undefined);
    }
  }
}

/** One subscription, until it fails or `signal` ends it. */
export async function* subscribed(
  source: Source,
  after: Position | null,
  signal: AbortSignal,
): AsyncGenerator<LogBatch> {
  const { connection, streamPrefix } = source;
  const { client, over } = connection.present();
  const subscription = subscribe(await client, connection.credentials, streamPrefix, after);
  const reached = { position: after ?? START };
  const arrived = Readable.from(arrivals(subscription, reached), { highWaterMark: READ_AHEAD });
  // Whoever takes the next batch meets the error; nobody need be waiting when it comes.
  arrived.on('error', () => undefined);
  const silence = new AbortController();
  const watchdog = watch(source, reached, () => {
    // With arrivals still to be handled it is the reader who is slow.
    if (arrived.readableLength === 0) silence.abort();
  });
  const ended = AbortSignal.any([signal, over, silence.signal]);
  try {
    for (;;) {
      const taken = await take(arrived, ended);
      const last = taken.at(-1);
      if (!last && signal.aborted) return;
      if (!last) throw new DeadlineMissedError();
      const events = taken.flatMap(({ event }) => (event ? [source.recorded(event)] : []));
      yield { events, position: last.position, isEnd: last.isCaughtUp && arrived.readableLength === 0 };
    }
  } finally {
    clearInterval(watchdog);
    arrived.destroy();
    // The client does not end what it has cancelled: whoever waits for that waits for ever.
    void subscription.unsubscribe().catch(() => undefined);
  }
}

/** What has arrived, at least one; none once it has ended. */
async function take(arrived: Readable, ended: AbortSignal): Promise<Arrival[]> {
  while (!ended.aborted) {
    if (arrived.errored) throw arrived.errored;
    if (arrived.readableEnded) throw new DeadlineMissedError();
    const taken: Arrival[] = [];
    for (let next; taken.length < LARGEST_BATCH && (next = arrived.read() as Arrival | null);) taken.push(next);
    if (taken.length > 0) return taken;
    await once(arrived, 'readable', { signal: ended }).catch(() => undefined);
    // What came with it on the wire belongs to the same batch.
    await setImmediate();
  }
  return [];
}

/** A subscription can die without a word: it is abandoned when it has brought nothing, not even what was there at the last look. */
function watch({ end }: Source, reached: { position: Position }, onSilence: () => void): NodeJS.Timeout {
  let before = { reached: reached.position, end: null as Position | null };
  const look = async () => {
    if (reached.position === before.reached && comparePositions(reached.position, before.end) < 0) onSilence();
    before = { reached: reached.position, end: await end().catch(() => null) };
  };
  return setInterval(() => void look(), LOOK_EVERY_MILLISECONDS).unref();
}
