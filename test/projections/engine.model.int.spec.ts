import fc from 'fast-check';
import { digestOf } from '../../projections/facts.js';
import { findParked } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { Rebuild } from '../../projections/rebuild.js';
import { askForRebuild } from '../../projections/rebuilds.js';
import { retryParked } from '../../projections/retry-parked.js';
import { Tables } from '../../projections/tables.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import { toEvent } from '../../src/events.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { logged, tokenCreated, tokenDeleted, tokenRevoked, write } from '../support/log-events.js';
import { openReadSide, type ReadSide, type RunningProjector } from '../support/read-side.js';

/** What the engine is put through, and what the rows must then say: the sum of all events but those that wait or were left out. */
class Engine {
  readonly #skipped = new Map<string, Set<string>>(projections.map(({ name }) => [name, new Set()]));
  #projector: RunningProjector;

  constructor(private readonly side: ReadSide) {
    this.#projector = side.project();
  }

  write = (seed: number) => write(this.side.store, [...appHistory(dice(seed), 5), ...tokenHistory(dice(seed), 3)]);

  /** A token whose revocation no read model can apply, and its deletion behind that. */
  async poison(): Promise<void> {
    const created = tokenCreated();
    const { tokenId } = created.data;
    await write(this.side.store, [created]);
    const bad = logged(tokenRevoked({ tokenId }));
    const withoutActor = { ...bad, metadata: { ...bad.metadata, actor: undefined as never } };
    await this.side.store.append(`latchkey.token-${tokenId}`, 0n, [withoutActor]);
    await write(this.side.store, [tokenDeleted({ tokenId })]);
  }

  async kill(): Promise<void> {
    await this.side.test.query(`select pg_terminate_backend(pid) from pg_locks
      where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())`);
  }

  async restart(): Promise<void> {
    await this.#projector.stop();
    this.#projector = this.side.project();
  }

  async rebuild(projection: Projection): Promise<void> {
    await this.settle();
    await askForRebuild(this.side.database.manager, projection);
    await new Rebuild(this.side.database, this.side.store, projection, toEvent).run(new AbortController().signal);
    this.#skipped.get(projection.name)?.clear();
  }

  async goOn(skip: boolean): Promise<void> {
    await this.settle();
    const { database, store } = this.side;
    const [first] = await findParked(database.manager);
    const projection = projections.find(({ name }) => name === first?.projection);
    if (!first || !projection) return;
    await retryParked({ database, store, toEvent }, projection, first.stream, { skip });
    if (skip) this.#skipped.get(projection.name)?.add(first.eventId);
  }

  settle = async () => this.side.reached(await this.side.store.head());

  async check(): Promise<void> {
    await this.settle();
    const { database, store } = this.side;
    const events: RecordedEvent[] = [];
    const end = new AbortController();
    for await (const batch of store.follow(null, end.signal)) {
      events.push(...batch.events);
      if (batch.isEnd) end.abort();
    }
    const parked = await findParked(database.manager);
    for (const { name, facts, tables } of projections) {
      const waits = ({ stream, revision }: RecordedEvent) =>
        parked.some((each) => each.projection === name && each.stream === stream && each.revision <= revision);
      const applied = events.filter((event) => !waits(event) && !this.#skipped.get(name)?.has(event.id));
      const rows = await new Tables(database.manager).page(tables[0], '00000000-0000-0000-0000-000000000000', 10_000);
      expect([name, digestOf(rows.flatMap((row) => facts.ofRow(row)))]).toEqual([
        name,
        digestOf(applied.flatMap((event) => facts.ofEvent(toEvent(event)))),
      ]);
    }
  }
}

type Step = { title: string; run(engine: Engine): Promise<unknown> };
const step = (title: string, run: Step['run']): Step => ({ title, run });
const steps: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.nat(1_000).map((seed) => step(`write ${seed}`, (engine) => engine.write(seed))) },
  fc.constant(step('poison', (engine) => engine.poison())),
  fc.constant(step('kill', (engine) => engine.kill())),
  fc.constant(step('restart', (engine) => engine.restart())),
  {
    weight: 2,
    arbitrary: fc.constantFrom(true, false).map((skip) => step(skip ? 'skip' : 'retry', (engine) => engine.goOn(skip))),
  },
  {
    weight: 2,
    arbitrary: fc
      .constantFrom(...projections)
      .map((each) => step(`rebuild ${each.name}`, (engine) => engine.rebuild(each))),
  },
);

it('whatever is done to the projector, the rows say what the log says', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(steps, { minLength: 4, maxLength: 9 }), async (chosen) => {
      const side = await openReadSide();
      try {
        const engine = new Engine(side);
        // Without something to digest that is bitter, most walks show little.
        await engine.poison();
        for (const { run } of chosen) {
          await run(engine);
          await engine.check();
        }
      } finally {
        await side.close();
      }
    }),
    {
      numRuns: 8,
      endOnFailure: true,
      reporter: ({ failed, counterexample, errorInstance, seed }) => {
        if (failed)
          throw new Error(`seed ${seed}: ${counterexample?.[0].map(({ title }) => title).join(', ')}`, {
            cause: errorInstance,
          });
      },
    },
  );
});
