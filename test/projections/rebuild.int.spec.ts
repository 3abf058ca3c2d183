import { setTimeout as sleep } from 'node:timers/promises';
import { TypeORMError, type DataSource } from 'typeorm';
import { appsProjection } from '../../projections/apps.js';
import { auditTrailProjection } from '../../projections/audit-trail.js';
import { findCheckpoints } from '../../projections/checkpoints.js';
import { findParked } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { Rebuild, RebuildLostError } from '../../projections/rebuild.js';
import { Rebuilder } from '../../projections/rebuilder.js';
import { askForRebuild, discardRebuild, findRebuilds, schemaOf } from '../../projections/rebuilds.js';
import { readToEnd } from '../../projections/read-to-end.js';
import { reset } from '../../projections/reset.js';
import { Tables } from '../../projections/tables.js';
import { tokensProjection } from '../../projections/tokens.js';
import { logWith } from '../../src/event-store/log-with.js';
import { toEvent } from '../../src/events.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { accessDenied, appAdded, appDisabled, write } from '../support/log-events.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';
import { indexesOf, schemasOfRebuilds, snapshotOf } from '../support/read-tables.js';

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

const never = new AbortController().signal;
async function rebuild(projection: Projection, signal = never): Promise<boolean> {
  await askForRebuild(admin.manager, projection);
  return new Rebuild(admin, side.store, projection, toEvent).run(signal);
}
const all = projections.map((projection): [string, Projection] => [projection.name, projection]);
const columnsOfIndexes = async (schema: string, table: string) =>
  (
    await side.test.query(`select substring(indexdef from '\\(.*') as columns from pg_indexes
     where schemaname = '${schema}' and tablename = '${table}' order by 1`)
  ).map(({ columns }) => columns as string);

/** The projection, and a look at the indexes of its tables whenever it has done one thing or the other. */
function lookingAfter(projection: Projection, table: string, work: 'apply' | 'erase'): [Projection, string[][]] {
  const looks: string[][] = [];
  const look = async (done: Promise<void>) => {
    await done;
    looks.push(await columnsOfIndexes(schemaOf(projection.name), table));
  };
  const own: Partial<Projection> =
    work === 'apply'
      ? { apply: (...batch) => look(projection.apply(...batch)) }
      : { erase: (...erasure) => look(projection.erase(...erasure)) };
  return [{ ...projection, ...own }, looks];
}

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
      const [before, asIndexed] = [await snapshotOf(side), await indexesOf(side)];
      const table = new Tables(side.database.manager).nameOf(projection.tables[0]);
      await side.test.query(`update ${table} set tenant_id = 'spoiled'`);
      expect(await snapshotOf(side)).not.toEqual(before);

      expect(await rebuild(projection)).toBe(true);

      expect(await snapshotOf(side)).toEqual(before);
      expect(await indexesOf(side)).toEqual(asIndexed);
      expect(await schemasOfRebuilds(side)).toEqual([]);
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

    const live = await snapshotOf(side);
    for (const [, projection] of all) await rebuild(projection);
    expect(await snapshotOf(side)).toEqual(live);
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
    const live = await snapshotOf(side);
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
    expect(await snapshotOf(side)).toEqual(live);
  });

  it('makes the indexes that only readers need when the rows are there', async () => {
    side.project();
    await settled();
    const [watched, looks] = lookingAfter(auditTrailProjection, 'audit_entries', 'apply');
    await rebuild(watched);

    expect(looks).toEqual([
      ['(id)', '(target_id, log_order) WHERE (target_id IS NOT NULL)', '(tenant_id, leaf_index)'],
    ]);
    expect(await columnsOfIndexes('read', 'audit_entries')).toContain('(tenant_id, log_order)');
  });

  it('that was stopped between the rows and their indexes, or among these, makes those that are missing', async () => {
    side.project();
    await settled();
    const asIndexed = await indexesOf(side);
    expect(await rebuild(...stoppedAfter(appsProjection, 1))).toBe(false);
    expect(await columnsOfIndexes('rebuild_apps', 'apps')).toEqual(['(client_id)', '(id)']);
    await side.test.query('create index on rebuild_apps.apps (tenant_id, created_at, id) where deleted_at is null');
    expect(await rebuild(appsProjection)).toBe(true);
    expect(await indexesOf(side)).toEqual(asIndexed);
  });

  it('that is stopped while an index is made does not wait for it, and makes it later', async () => {
    side.project();
    await settled();
    const slow = (seconds: number) =>
      side.test.query(`create or replace function read.slowly(id uuid) returns uuid immutable language plpgsql as
                       $$ begin perform pg_sleep(${seconds}); return id; end $$`);
    await slow(0);
    await side.test.query('create index on read.apps (read.slowly(id))');
    await slow(60);
    const stopping = new AbortController();
    const going = rebuild(appsProjection, stopping.signal);
    const isMakingIt = `select from pg_stat_activity where state = 'active' and query ~ 'slowly' and pid <> pg_backend_pid()`;
    await eventually(async () => (await side.test.query(isMakingIt)).length > 0);
    stopping.abort();
    expect(await going).toBe(false);
    expect(await side.test.query(isMakingIt)).toEqual([]);

    await slow(0);
    expect(await rebuild(appsProjection)).toBe(true);
    expect((await columnsOfIndexes('read', 'apps')).join()).toContain('slowly');
  });

  it('makes the indexes before it looks for all that tells of somebody', async () => {
    side.project();
    await write(side.store, [{ type: 'PersonalDataErased', data: { personId: 'ada', at: new Date().toISOString() } }]);
    await settled();
    const before = await snapshotOf(side);
    const [watched, looks] = lookingAfter(auditTrailProjection, 'audit_entries', 'erase');
    await rebuild(watched);

    expect(looks).toEqual([expect.arrayContaining(['(tenant_id, actor_id, log_order)'])]);
    expect(await snapshotOf(side)).toEqual(before);
  });

  it('of several reads the log once for all, and one that fails holds up no other', async () => {
    side.project();
    await settled();
    const before = await snapshotOf(side);
    const head = await side.store.head();
    const wholeLog: unknown[] = [];
    const log = logWith(side.store, {
      follow: (after, signal) => {
        if (after === null) wholeLog.push(after);
        return side.store.follow(after, signal);
      },
    });
    const broken: Projection = { ...appsProjection, apply: () => Promise.reject(new TypeORMError('No space.')) };
    const told: string[] = [];
    const observer = {
      rebuilt: (name: string) => told.push(name),
      failed: (name: string, error: unknown) => told.push(`${name}: ${String(error)}`),
    };
    const others = projections.filter(({ name }) => name !== 'apps');
    for (const projection of projections) await askForRebuild(admin.manager, projection);
    await new Rebuilder(admin, log, [broken, ...others], toEvent, observer).work();

    expect(told.sort()).toEqual(['app-history', 'apps: TypeORMError: No space.', 'audit-trail', 'tokens']);
    // Together, and once more the one that failed.
    expect(wholeLog).toHaveLength(2);
    expect(await findRebuilds(admin.manager)).toMatchObject([{ projection: 'apps', position: null, head }]);
    await new Rebuilder(admin, log, projections, toEvent, observer).work();
    expect(told.at(-1)).toBe('apps');
    expect(await snapshotOf(side)).toEqual(before);
  });

  it('goes on from where each of several was', async () => {
    side.project();
    await settled();
    await rebuild(...stoppedAfter(appsProjection, 1));
    await write(side.store, appHistory(dice(31), 8));
    await settled();
    const live = await snapshotOf(side);
    await askForRebuild(admin.manager, tokensProjection);
    const told: string[] = [];
    const observer = { rebuilt: (name: string) => told.push(name), failed: (name: string) => told.push(`not ${name}`) };
    await new Rebuilder(admin, side.store, projections, toEvent, observer).work();

    expect(told.sort()).toEqual(['apps', 'tokens']);
    expect(await snapshotOf(side)).toEqual(live);
  });

  it('that was discarded leaves nothing, and whoever was at it writes no more', async () => {
    side.project();
    await settled();
    const before = await snapshotOf(side);
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
    expect(await schemasOfRebuilds(side)).toEqual([]);
    expect(await findRebuilds(admin.manager)).toEqual([]);
    expect(Object.keys(await snapshotOf(side))).toEqual(Object.keys(before));
  });

  it('that is discarded just when it is about to take its place gives way', async () => {
    side.project();
    await settled();
    const before = await snapshotOf(side);
    let discarded: Promise<void> | undefined;
    let follows = 0;
    const store = logWith(side.store, {
      async *follow(after, signal) {
        follows += 1;
        // For the last time before the switch. What a discard does, slowly.
        if (follows === 2)
          await new Promise<void>((begun) => {
            discarded = side.database.transaction(async (transaction) => {
              await transaction.query(`delete from read.rebuilds where projection = 'apps'`);
              begun();
              await transaction.query('select pg_sleep(0.5)');
              await transaction.query(`drop schema ${schemaOf('apps')} cascade`);
            });
          });
        yield* side.store.follow(after, signal);
      },
    });

    await askForRebuild(admin.manager, appsProjection);
    await expect(new Rebuild(admin, store, appsProjection, toEvent).run(never)).rejects.toBeInstanceOf(
      RebuildLostError,
    );
    await discarded;
    expect(await snapshotOf(side)).toEqual(before);
  });

  it('that cannot take its place, since a backup reads the old rows, holds up no reader and takes it later', async () => {
    const backup = side.database.createQueryRunner();
    await backup.startTransaction();
    await backup.query('select from read.tokens limit 1');

    const rebuilt = rebuild(tokensProjection);
    for (const end = Date.now() + 4_000; Date.now() < end; await sleep(50))
      await admin.transaction(async (reader) => {
        await reader.query(`set local statement_timeout = '2s'`);
        await reader.query('select count(*) from read.tokens');
      });
    expect(await findRebuilds(admin.manager)).toMatchObject([{ projection: 'tokens', error: null }]);

    await backup.commitTransaction();
    await backup.release();
    expect(await rebuilt).toBe(true);
  });

  it('whose rows do not say what the log says is not used', async () => {
    side.project();
    await settled();
    const before = await snapshotOf(side);
    const forgetful: Projection = {
      ...appsProjection,
      apply: async (events, tables) =>
        appsProjection.apply(
          events.filter(({ type }) => type !== 'AppDisabled' && type !== 'AppActivated'),
          tables,
        ),
    };

    await expect(rebuild(forgetful)).rejects.toThrow('The rows that were built for apps do not say what the log says.');
    expect(await snapshotOf(side)).toEqual(before);
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
    expect(await schemasOfRebuilds(side)).toEqual([]);

    await askForRebuild(admin.manager, appsProjection);
    await rebuilder(appsProjection).work();
    expect(told).toEqual(['not apps', 'apps']);
  });

  it('that another process has gone on with is not thrown away by the one that lost it', async () => {
    side.project();
    await settled();
    const other = await side.connect();
    const told: string[] = [];
    const observer = { rebuilt: (name: string) => told.push(name), failed: (name: string) => told.push(`not ${name}`) };
    let isLost = false;
    const goOnElsewhere = async () => {
      isLost = true;
      await write(side.store, [appAdded()]);
      const rebuild = new Rebuild(other, side.store, appsProjection, toEvent);
      await rebuild.begin();
      for await (const batch of readToEnd(side.store, rebuild.position, never)) await rebuild.add(batch, never);
    };
    const losing = logWith(side.store, {
      async *follow(after, signal) {
        // The rows are there, and are about to be checked.
        if (after !== null && !isLost) await goOnElsewhere();
        yield* side.store.follow(after, isLost ? AbortSignal.abort() : signal);
      },
    });
    await askForRebuild(admin.manager, appsProjection);
    await new Rebuilder(admin, losing, [appsProjection], toEvent, observer).work();

    expect(isLost).toBe(true);
    expect(told).toEqual([]);
    expect(await findRebuilds(admin.manager)).toMatchObject([{ error: null, position: await side.store.head() }]);
    expect(await schemasOfRebuilds(side)).toEqual([schemaOf('apps')]);
    await new Rebuilder(other, side.store, [appsProjection], toEvent, observer).work();
    expect(told).toEqual(['apps']);
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
    const before = await snapshotOf(side);
    const newer: Projection = { ...appsProjection, version: appsProjection.version + 1 };
    const rebuilder = new Rebuilder(admin, side.store, [newer], toEvent, { rebuilt: () => {}, failed: () => {} });
    await rebuilder.work();

    expect(await snapshotOf(side)).toEqual(before);
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
    const live = await snapshotOf(side);
    expect(live['read.apps']).toHaveLength(10);
    await rebuild(appsProjection);
    expect(await snapshotOf(side)).toEqual(live);
    expect(failures).toEqual([]);
  });
});

describe('a reset', () => {
  it('empties the rows, and whoever projects fills them again', async () => {
    side.project();
    await settled();
    const before = await snapshotOf(side);
    await side.test.query(`update read.apps set name = 'spoiled'`);

    await reset(admin, projections);
    await settled();

    expect(await snapshotOf(side)).toEqual(before);
  });
});
