import { canonicalJson } from '../../canonical-json.js';
import type { AppendOutcome, EventStore, NewEvent, RecordedEvent } from '../event-store.js';
import { inRuns } from './in-runs.js';
import { digestOf, type LogDigest } from './log-digest.js';
import { Patience } from './patience.js';
import { readToEnd } from './read-to-end.js';

export type CopyStep = 'compared' | 'copied' | 'verified';
export type CopyOptions = {
  /** Called often, with how many events of a step are done. */
  onProgress?: (step: CopyStep, events: number) => void;
  /** How long a store may be away in a row, in milliseconds. */
  patience?: number;
};

/** How many events were copied, and what both logs hold now. */
export type CopyResult = LogDigest & { copied: number };

const PATIENCE_MILLISECONDS = 60_000;

/**
 * Copies a log into another store, with ids, streams, revisions and the order of all of it. It keeps no notes: what the target
 * holds must be how the source begins, and is where the copy goes on. Afterwards both are read again and compared.
 * Throws a sentence when the target holds anything else (before anything is written), when a store stays away, and when the two
 * are not the same in the end.
 */
export async function copyLog(source: EventStore, target: EventStore, options: CopyOptions = {}): Promise<CopyResult> {
  const { onProgress = () => undefined, patience = PATIENCE_MILLISECONDS } = options;
  const fromSource = () => readToEnd(source, new Patience('source', patience));
  const fromTarget = () => readToEnd(target, new Patience('target', patience));

  let held = 0;
  let copied = 0;
  const remaining = fromSource();
  try {
    await skipHeld(remaining, fromTarget(), (events) => onProgress('compared', (held = events)));
    for await (const run of inRuns(remaining)) {
      await appendRun(target, run, new Patience('target', patience));
      onProgress('copied', (copied += run.length));
    }
  } finally {
    await remaining.return(undefined);
  }

  const onVerified = (events: number) => onProgress('verified', events);
  const ofTarget = await digestOf(fromTarget(), onVerified);
  const ofSource = await digestOf(fromSource(), onVerified);
  if (ofSource.events > held + copied)
    throw new Error(
      `The source was written to meanwhile: it has ${ofSource.events} events now, ${held + copied} were copied. Stop Latchkey and copy again, it goes on from there.`,
    );
  if (ofSource.events !== ofTarget.events || ofSource.digest !== ofTarget.digest)
    throw new Error(
      `The two logs are not the same: the source has ${ofSource.events} events with the digest ${ofSource.digest}, the target ${ofTarget.events} with ${ofTarget.digest}.`,
    );
  return { copied, ...ofSource };
}

/** Takes from `source` what the target holds already. */
async function skipHeld(
  source: AsyncGenerator<RecordedEvent, undefined>,
  target: AsyncIterable<RecordedEvent>,
  onEvent: (events: number) => void,
): Promise<void> {
  let count = 0;
  for await (const held of target) {
    const { value: expected } = await source.next();
    const difference = expected ? differenceBetween(expected, held) : 'The source ends before it.';
    if (difference)
      throw new Error(
        `The target holds something else than the source, from event ${count + 1} on: ${placeOf(held)}. ${difference} Nothing was written.`,
      );
    onEvent((count += 1));
  }
}

function differenceBetween(expected: RecordedEvent, held: RecordedEvent): string | null {
  if (placeOf(expected) !== placeOf(held)) return `In the source it is ${placeOf(expected)}.`;
  const differing = (['type', 'data', 'metadata'] as const).filter(
    (field) => canonicalJson(expected[field]) !== canonicalJson(held[field]),
  );
  return differing.length > 0 ? `Its ${differing.join(' and ')} differ from those in the source.` : null;
}

async function appendRun(target: EventStore, run: RecordedEvent[], patience: Patience): Promise<void> {
  const [first, last] = [run[0], run.at(-1)];
  if (!first || !last) return;
  const expected = first.revision === 0n ? 'no_stream' : first.revision - 1n;
  const events = run.map(({ id, type, data, metadata }): NewEvent => ({ id, type, data, metadata }));
  const outcome = await appendPatiently(() => target.append(first.stream, expected, events), patience).catch(
    (error: unknown) => {
      const reason = error instanceof Error ? error.message : String(error);
      throw new Error(`The target did not take ${placeOf(first)}. ${reason}`, { cause: error });
    },
  );
  const isStored = 'position' in outcome && outcome.revision === last.revision;
  if (!isStored)
    throw new Error(
      `The target did not take ${placeOf(first)}, because of what that stream holds there. Does somebody else write to the target, or is the beginning of the stream missing in the source?`,
    );
}

/** The same ids at the same revision have one effect, so an append whose answer was lost is simply sent again. */
async function appendPatiently(append: () => Promise<AppendOutcome>, patience: Patience): Promise<AppendOutcome> {
  for (;;) {
    try {
      return await append();
    } catch (error) {
      await patience.wait(error);
    }
  }
}

const placeOf = ({ stream, revision, id }: RecordedEvent) => `event ${id}, revision ${revision} of ${stream}`;
