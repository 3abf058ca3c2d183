import { z } from 'zod';
import { eventStoreAddress, streamPrefix } from '../config.js';
import { copyLog, type CopyStep } from '../event-store/copy/copy-log.js';
import { StoreUnavailableError, type EventStore } from '../event-store/event-store.js';
import { openEventStore } from '../event-store/open-event-store.js';
import { isUnavailable } from '../postgres/unavailable.js';
import { UsageError, type Command } from './command.js';
import { isSameLog } from './is-same-log.js';

const PROGRESS_MILLISECONDS = 5_000;

export const logCopy: Command = {
  name: 'log copy',
  summary: 'copy the event log into another store',
  help: `Usage: latchkey log copy --from <address> --to <address> [--prefix <name>]

Copies the event log into another store and compares the two. Stop Latchkey first.
What was broken off goes on where it ended when it is run again; a target that holds anything else is refused.

  --from    where the log is: postgres://user:password@host/database, esdb://user:password@host:2113, kurrentdb://...
  --to      where it is to be, in the same form
  --prefix  how the names of its streams begin (STREAM_PREFIX, else latchkey)`,
  options: { from: { type: 'string' }, to: { type: 'string' }, prefix: { type: 'string' } },

  async run(given) {
    const { from, to, prefix } = checked(given);
    const { copied, events, digest } = await withStores(from, to, prefix, (source, target) =>
      copyLog(source, target, { onProgress: nowAndThen() }),
    );
    return {
      text: `Copied ${told(copied)}; ${events.toLocaleString('en')} in all, digest ${digest}, the same on both sides.`,
      json: { copied, events, digest },
    };
  },
};

function checked(given: Readonly<Record<string, unknown>>): { from: string; to: string; prefix: string } {
  for (const name of ['from', 'to']) if (given[name] === undefined) throw new UsageError(`--${name} is missing.`);
  // An empty setting is how compose files say "not set".
  const setting = process.env['STREAM_PREFIX'] === '' ? undefined : process.env['STREAM_PREFIX'];
  const parsed = z
    .object({ from: eventStoreAddress, to: eventStoreAddress, prefix: streamPrefix })
    .safeParse({ ...given, prefix: given['prefix'] ?? setting });
  if (!parsed.success)
    throw new UsageError(parsed.error.issues.map(({ path, message }) => `--${path.join('.')} ${message}.`).join('\n'));
  if (isSameLog(parsed.data.from, parsed.data.to)) throw new UsageError('--from and --to are the same log.');
  return parsed.data;
}

async function withStores<Result>(
  from: string,
  to: string,
  prefix: string,
  use: (source: EventStore, target: EventStore) => Promise<Result>,
): Promise<Result> {
  const source = await opened('source', from, prefix);
  try {
    const target = await opened('target', to, prefix);
    try {
      return await use(source, target);
    } finally {
      await target.close();
    }
  } finally {
    await source.close();
  }
}

async function opened(name: string, address: string, prefix: string): Promise<EventStore> {
  try {
    return await openEventStore(address, prefix);
  } catch (error) {
    throw new Error(`The ${name} cannot be opened. ${reasonOf(error).replace(/\.?$/, '.')}`, { cause: error });
  }
}

/** Where a name has several addresses, the error of a connection has no text. */
function reasonOf(error: unknown): string {
  if (isUnavailable(error) && !(error instanceof StoreUnavailableError)) return 'It cannot be reached.';
  return error instanceof Error ? error.message : String(error);
}

function nowAndThen(): (step: CopyStep, events: number) => void {
  let last = Date.now();
  return (step, events) => {
    if (Date.now() - last < PROGRESS_MILLISECONDS) return;
    last = Date.now();
    console.error(`${told(events)} ${step}`);
  };
}

const told = (events: number) => `${events.toLocaleString('en')} ${events === 1 ? 'event' : 'events'}`;
