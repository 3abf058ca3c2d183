import type { DataSource } from 'typeorm';
import { appsProjection } from '../../projections/apps.js';
import { findCheckpoints } from '../../projections/checkpoints.js';
import { findParked } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { Rebuild, RebuildLostError } from '../../projections/rebuild.js';
import { Rebuilder } from '../../projections/rebuilder.js';
import { askForRebuild, discardRebuild, findRebuilds } from '../../projections/rebuilds.js';
import { reset } from '../../projections/reset.js';
import { Tables } from '../../projections/tables.js';
import { toEvent } from '../../src/events.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { accessDenied, appAdded, appDisabled, write } from '../support/log-events.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';

let side: ReadSide;
/** Connections of its own: it is another process. */
let admin: DataSource;

beforeEach(async () => {
  side = await openReadSide();
  admin = await side.connect();
  const roll = dice(11);
  for (let count = 0; count < 8; count += 1)
    await write(side.store, [...appHistory(roll, 8), ...tokenHistory(roll, 3)]);
  await write(side.store, [accessDenied()]);
});
afterEach(() => side.close());

const settled = async () => side.reached(await side.store.head());

async function snapshot(): Promise<Record<string, string[]>> {
  const written = new Tables(side.database.manager);
  const tables = projections.flatMap((projection) => projection.tables.map((table) => written.nameOf(table)));
  const rows = await Promise.all(
    tables.map((table) => side.test.query(`select row_to_json(t)::text as row from ${table} t order by row`)),
  );
  return Object.fromEntries(tables.map((table, index) => [table, rows[index]!.map(({ row }) => row)]));
}

const never = new AbortController().signal;
async function rebuild(projection: Projection, signal = never): Promise<boolean> {
  await askForRebuild(admin.manager, projection);
  return new Rebuild(admin, side.store, projection, toEvent).run(signal);
}
const all = projections.map((projection): [string, Projection] => [projection.name, projection]);
const schemas = async () =>
  (await side.test.query(`select nspname from pg_namespace where nspname like 'rebuild%'`)).map(
    ({ nspname }) => nspname as string,
  );
const indexes = async () =>
  (await side.test.query(`select tablename, replace(indexdef, indexname, '') as def from pg_indexes
     where schemaname = 'read' order by 1, 2`)) as object[];

/** Stops at the end of a batch, as somebody would who presses Ctrl-C. */
function stoppedAfter(projection: Projection, batches: number): [Projection, AbortSignal] {
  const stopping = new AbortController();
  let count = 0;
  const apply: Projection['apply'] = async (...batch) => {
    await projection.apply(...batch);
    count += 1;
    if (count === batches) stopping.abort();
  };
  return [{ ...projection, apply }, stopping.signal];
}

describe('a rebuild', () => {
  it.each(all)(
    'of %s tells what was told before, mends what was spoiled, and leaves nothing behind',
    async (name, projection) => {
      const { failures } = side.project();
      await settled();
      const [before, asIndexed] = [await snapshot(), await indexes()];
      const table = new Tables(side.database.manager).nameOf(projection.tables[0]);
      await side.test.query(`update ${table} set tenant_id = 'spoiled'`);
      expect(await snapshot()).not.toEqual(before);

      expect(await rebuild(projection)).toBe(true);

      expect(await snapshot()).toEqual(before);
      expect(await indexes()).toEqual(asIndexed);
      expect(await schemas()).toEqual([]);
      expect(await findRebuilds(admin.manager)).toEqual([]);
      await write(side.store, appHistory(dice(5), 6));
      await settled();
      expect(failures).toEqual([]);
      expect(name).toBe(projection.name);
    },
  );

  it('goes on while others write and read, and nothing is lost', async () => {
    const { failures } = side.project();
    const others = { areWriting: true, areReading: true };
    const roll = dice(21);
    const writing = (async () => {
      while (others.areWriting) await write(side.store, [...appHistory(roll, 4), ...tokenHistory(roll, 2)]);
    })();
    await eventually(async () => Number((await side.test.query('select count(*) from read.apps'))[0].count) > 0);
    const reading = (async () => {
      while (others.areReading) {
        const [{ count }] = await side.test.query('select count(*) from read.apps');
        expect(Number(count)).toBeGreaterThan(0);
      }
    })();
    for (let round = 0; round < 2; round += 1) for (const [, projection] of all) await rebuild(projection);
    others.areWriting = false;
    await writing;
    await settled();
    others.areReading = false;
    await reading;

    const live = await snapshot();
    for (const [, projection] of all) await rebuild(projection);
    expect(await snapshot()).toEqual(live);
    expect(failures).toEqual([]);
  });

  it('that was stopped half-way goes on where it was', async () => {
    side.project();
    await settled();
    expect(await rebuild(...stoppedAfter(appsProjection, 1))).toBe(false);
    const [state] = await findRebuilds(admin.manager);
    expect(state?.position).toBe(await side.store.head());
    await write(side.store, appHistory(dice(31), 8));
    await settled();
    const live = await snapshot();
    const positions: string[] = [];
    const watched: Projection = {
      ...appsProjection,
      apply: async (events, tables) => {
        positions.push(events[0]!.position);
        await appsProjection.apply(events, tables);
      },
    };
    expect(await rebuild(watched)).toBe(true);

    expect(Number(positions[0])).toBeGreaterThan(Number(state?.position));
    expect(await snapshot()).toEqual(live);
  });

  it('that was discarded leaves nothing, and whoever was at it writes no more', async () => {
    side.project();
    await settled();
    const before = await snapshot();
    let discarded: Promise<boolean> | undefined;
    const discarding: Projection = {
      ...appsProjection,
      apply: async (...batch) => {
        await appsProjection.apply(...batch);
        discarded = discardRebuild(side.database, 'apps');
      },
    };

    await expect(rebuild(discarding)).rejects.toBeInstanceOf(RebuildLostError);
    expect(await discarded).toBe(true);
    expect(await schemas()).toEqual([]);
    expect(await findRebuilds(admin.manager)).toEqual([]);
    expect(Object.keys(await snapshot())).toEqual(Object.keys(before));
  });

  it('whose rows do not say what the log says is not used', async () => {
    side.project();
    await settled();
    const before = await snapshot();
    const forgetful: Projection = {
      ...appsProjection,
      apply: async (events, tables) =>
        appsProjection.apply(
          events.filter(({ type }) => type !== 'AppDisabled' && type !== 'AppActivated'),
          tables,
        ),
    };

    await expect(rebuild(forgetful)).rejects.toThrow('The rows that were built for apps do not say what the log says.');
    expect(await snapshot()).toEqual(before);
  });

  it('that fails is told and not tried again until somebody asks', async () => {
    side.project();
    await settled();
    const broken: Projection = { ...appsProjection, facts: { ...appsProjection.facts, ofRow: () => [] } };
    const told: string[] = [];
    const observer = { rebuilt: (name: string) => told.push(name), failed: (name: string) => told.push(`not ${name}`) };
    const rebuilder = (projection: Projection) => new Rebuilder(admin, side.store, [projection], toEvent, observer);
    await askForRebuild(admin.manager, appsProjection);
    await rebuilder(broken).work();
    await rebuilder(broken).work();
    expect(told).toEqual(['not apps']);
    expect(await findRebuilds(admin.manager)).toMatchObject([{ error: expect.stringContaining('do not say') }]);
    expect(await schemas()).toEqual([]);

    await askForRebuild(admin.manager, appsProjection);
    await rebuilder(appsProjection).work();
    expect(told).toEqual(['not apps', 'apps']);
  });

  it('parks what it cannot apply, and the parked streams of the old rows are forgotten with them', async () => {
    const [orphan, ill] = [appDisabled(), appAdded()];
    const picky = (bad: string): Projection => ({
      ...appsProjection,
      apply: (events, tables) =>
        events.some(({ data }) => 'appId' in data && data.appId === bad)
          ? Promise.reject(new Error('No.'))
          : appsProjection.apply(events, tables),
    });
    side.project(projections.map((each) => (each.name === 'apps' ? picky(ill.data.appId) : each)));
    await write(side.store, [orphan, ill]);
    await settled();
    const parkedIn = async () =>
      (await findParked(admin.manager)).filter(({ projection }) => projection === 'apps').map(({ error }) => error);
    expect((await parkedIn()).sort()).toEqual([expect.stringContaining('never added'), 'No.']);

    await rebuild(appsProjection);
    expect(await parkedIn()).toEqual([expect.stringContaining('never added')]);
  });

  it('begins by itself when the code has a newer version, and older code steps back', async () => {
    const running = side.project();
    await settled();
    const before = await snapshot();
    const newer: Projection = { ...appsProjection, version: appsProjection.version + 1 };
    const rebuilder = new Rebuilder(admin, side.store, [newer], toEvent, { rebuilt: () => {}, failed: () => {} });
    await rebuilder.work();

    expect(await snapshot()).toEqual(before);
    const checkpoints = await findCheckpoints(admin.manager);
    expect(checkpoints).toContainEqual(expect.objectContaining({ name: 'apps', version: newer.version }));
    await write(side.store, [appAdded()]);
    await eventually(() => running.failures.length > 0);
    expect(String(running.failures[0])).toContain('made by a newer version');
    side.project([newer, ...projections.filter(({ name }) => name !== 'apps')], admin);
    await settled();
  });

  it('brings in a projection that is new to a log with a history, while the others go on', async () => {
    const others = projections.filter(({ name }) => name !== 'apps');
    const first = side.project(others);
    await eventually(async () => Object.keys(await side.checkpoints()).length === others.length);
    await settled();
    await first.stop();
    const { failures } = side.project();
    await eventually(async () => (await findCheckpoints(admin.manager)).some(({ version }) => version === 0));
    await write(side.store, [appAdded()]);
    await eventually(async () => (await side.checkpoints())['tokens'] === (await side.store.head()));
    expect((await side.checkpoints())['apps']).toBeNull();

    await new Rebuilder(admin, side.store, projections, toEvent, { rebuilt: () => {}, failed: () => {} }).work();
    await write(side.store, [appAdded()]);
    await settled();
    const live = await snapshot();
    expect(live['read.apps']).toHaveLength(10);
    await rebuild(appsProjection);
    expect(await snapshot()).toEqual(live);
    expect(failures).toEqual([]);
  });
});

describe('a reset', () => {
  it('empties the rows, and whoever projects fills them again', async () => {
    side.project();
    await settled();
    const before = await snapshot();
    await side.test.query(`update read.apps set name = 'spoiled'`);

    await reset(admin, projections);
    await settled();

    expect(await snapshot()).toEqual(before);
  });
});
