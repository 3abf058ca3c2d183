import { setTimeout as sleep } from 'node:timers/promises';
import { findCheckpoints } from '../../projections/checkpoints.js';
import { findParked, type ParkedStream } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { Rebuilder } from '../../projections/rebuilder.js';
import { askForRebuild, discardRebuild, findRebuilds, progressOf } from '../../projections/rebuilds.js';
import { reset } from '../../projections/reset.js';
import { retryParked } from '../../projections/retry-parked.js';
import { toEvent } from '../events.js';
import { UsageError, type Command, type Told } from './command.js';
import { table } from './table.js';
import { withReadSide, type ReadSide } from './with-read-side.js';

const NAMES = projections.map(({ name }) => name);
const LOOK_MILLISECONDS = 500;

const projectionsList: Command = {
  name: 'projections list',
  summary: 'list the read models and how far they have come',
  help: `Usage: latchkey projections list

Lists the read models, the place in the log up to which they show everything, how many streams are parked, and what is being built anew.`,
  options: {},

  async run() {
    const rows = await withReadSide(async ({ database }) => {
      const parked = await findParked(database.manager);
      const rebuilds = await findRebuilds(database.manager);
      return (await findCheckpoints(database.manager)).map(({ name, position, version, isWhole }) => {
        const rebuild = rebuilds.find(({ projection }) => projection === name);
        return {
          name,
          position,
          version,
          isWhole,
          parked: parked.filter(({ projection }) => projection === name).length,
          rebuild: rebuild ? progressOf(rebuild) : null,
        };
      });
    });
    const cells = rows.map(({ name, position, version, parked, rebuild }) => [
      name,
      String(version),
      position ?? '-',
      String(parked),
      rebuild ? (rebuild.error ?? percent(rebuild)) : '-',
    ]);
    return { text: table([['NAME', 'VERSION', 'POSITION', 'PARKED', 'REBUILD'], ...cells]), json: rows };
  },
};

const projectionsRebuild: Command = {
  name: 'projections rebuild',
  summary: 'build read models anew beside the old ones, which go on serving',
  help: `Usage: latchkey projections rebuild [name ...] [--discard]

Fills new tables from the log while reads and writes go on, checks what they say against the log, and lets them take the place of the old.
Without a name it does so with all: ${NAMES.join(', ')}. A running Latchkey does the work if it projects; else this command does.
Stopped half-way, it goes on where it was when it is run again.

  --discard  forget what has been built so far, and build nothing`,
  options: { discard: { type: 'boolean' } },
  words: NAMES,

  async run(options, words) {
    const chosen = chosenBy(words);
    const names = chosen.map(({ name }) => name);
    return withReadSide(async (side) => {
      if (options['discard']) {
        for (const name of names) await discardRebuild(side.database, name);
        return { text: `Discarded: ${names.join(', ')}.`, json: { discarded: names } };
      }
      await rebuild(side, chosen);
      return { text: `Built anew: ${names.join(', ')}.`, json: { rebuilt: names } };
    });
  },
};

const projectionsReset: Command = {
  name: 'projections reset',
  summary: 'empty read models, which are then filled from the log',
  help: `Usage: latchkey projections reset [name ...]

Empties the tables of read models and sets them back to the beginning of the log; Latchkey fills them as it runs, and shows too little until
then. For a log that is another than before: a moved one, or one restored from an older copy. In all other cases "projections rebuild" is better.`,
  options: {},
  words: NAMES,

  async run(_options, words) {
    const chosen = chosenBy(words);
    const names = chosen.map(({ name }) => name);
    await withReadSide(({ database }) => reset(database, chosen));
    return {
      text: `Emptied: ${names.join(', ')}. Latchkey fills them from the log as it runs.`,
      json: { emptied: names },
    };
  },
};

const projectionsParked: Command = {
  name: 'projections parked',
  summary: 'list the streams that wait behind an event which cannot be applied',
  help: `Usage: latchkey projections parked

Lists the streams of which a read model could not apply an event, and why. Their later events wait; all other streams go on.`,
  options: {},

  async run() {
    const parked = await withReadSide(({ database }) => findParked(database.manager));
    if (parked.length === 0) return { text: 'No stream is parked.', json: [] };
    const cells = parked.map((each) => [
      each.projection,
      each.stream,
      `${each.eventType} ${each.revision}`,
      String(each.waiting),
      String(each.attempts),
      each.parkedAt.toISOString(),
      each.error,
    ]);
    const heading = ['PROJECTION', 'STREAM', 'EVENT', 'WAITING', 'ATTEMPTS', 'PARKED AT', 'ERROR'];
    return { text: table([heading, ...cells]), json: parked };
  },
};

const PARKED_OPTIONS = {
  projection: { type: 'string' },
  stream: { type: 'string' },
  all: { type: 'boolean' },
} as const;
const PARKED_HELP = `  --projection  the read model
  --stream      the stream, as "projections parked" tells it`;

const projectionsRetry: Command = {
  name: 'projections retry',
  summary: 'apply what waits in parked streams',
  help: `Usage: latchkey projections retry (--projection <name> --stream <stream> | --all)

Applies the event again for which a stream was parked, and what waits behind it, in order. What still cannot be applied stays parked.

${PARKED_HELP}
  --all         every stream that is parked`,
  options: PARKED_OPTIONS,
  run: (options) => withReadSide((side) => goOn(side, options, false)),
};

const projectionsSkip: Command = {
  name: 'projections skip',
  summary: 'leave out the event for which a stream is parked',
  help: `Usage: latchkey projections skip --projection <name> --stream <stream>

Leaves out the event for which a stream is parked, in this read model only, and applies what waits behind it. A rebuild meets it again.

${PARKED_HELP}`,
  options: { projection: PARKED_OPTIONS.projection, stream: PARKED_OPTIONS.stream },
  run: (options) => withReadSide((side) => goOn(side, options, true)),
};

function chosenBy(words: readonly string[]): readonly Projection[] {
  return words.length > 0 ? projections.filter(({ name }) => words.includes(name)) : projections;
}

const percent = ({ processed, total }: { processed: number; total: number }) =>
  `${total === 0 ? 0 : Math.floor((100 * processed) / total)} %`;

/** Works itself unless another process does, and tells how it goes until nothing is left to do. */
async function rebuild({ database, store }: ReadSide, chosen: readonly Projection[]): Promise<void> {
  for (const projection of chosen) await askForRebuild(database.manager, projection);
  const rebuilder = new Rebuilder(database, store, projections, toEvent, {
    rebuilt: () => undefined,
    failed: (name, error) => console.error(`${name}: ${String(error)}`),
  });
  rebuilder.start();
  try {
    for (;;) {
      const names = chosen.map(({ name }) => name);
      const left = (await findRebuilds(database.manager)).filter(({ projection }) => names.includes(projection));
      const failed = left.find(({ error }) => error !== null);
      if (failed) throw new Error(failed.error ?? '');
      if (left.length === 0) break;
      showProgress(left.map((each) => `${each.projection} ${percent(progressOf(each))}`).join('  '));
      await sleep(LOOK_MILLISECONDS);
    }
  } finally {
    await rebuilder.stop();
    showProgress('');
  }
}

/** In place, on a terminal; elsewhere nobody wants to read it. */
function showProgress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001B[K${text}`);
}

async function goOn(
  { database, store }: ReadSide,
  options: Readonly<Record<string, unknown>>,
  skip: boolean,
): Promise<Told> {
  const due = await dueOf(options, () => findParked(database.manager));
  const outcomes: Outcome[] = [];
  for (const { projection: name, stream } of due) {
    const projection = projections.find((each) => each.name === name);
    if (!projection) throw new UsageError(`--projection must be one of ${NAMES.join(', ')}.`);
    const waitsFor = await retryParked({ database, store, toEvent }, projection, stream, { skip });
    outcomes.push({ projection: name, stream, waitsFor });
  }
  const waiting = outcomes.filter(({ waitsFor }) => waitsFor !== null).length;
  return {
    text: due.length > 0 ? outcomes.map(sentenceOf).join('\n') : 'No stream is parked.',
    json: outcomes,
    failure: waiting > 0 ? `${waiting} of ${due.length} streams still wait.` : undefined,
  };
}

type Outcome = { projection: string; stream: string; waitsFor: ParkedStream | null };

function sentenceOf({ projection, stream, waitsFor }: Outcome): string {
  const state = waitsFor ? `waits for ${waitsFor.eventType} ${waitsFor.revision}: ${waitsFor.error}` : 'goes on';
  return `${projection} ${stream}: ${state}`;
}

type Due = Pick<ParkedStream, 'projection' | 'stream'>[];

async function dueOf(options: Readonly<Record<string, unknown>>, all: () => Promise<Due>): Promise<Due> {
  if (options['all']) return all();
  const { projection, stream } = options;
  if (typeof projection !== 'string' || typeof stream !== 'string')
    throw new UsageError('--projection and --stream are missing.');
  return [{ projection, stream }];
}

export const projectionsCommands = [
  projectionsList,
  projectionsRebuild,
  projectionsParked,
  projectionsRetry,
  projectionsSkip,
  projectionsReset,
];
