import { spawn } from 'node:child_process';
import { AppRow } from '../../projections/apps.js';
import { AuditRow } from '../../projections/audit-trail.js';
import { advance, FencedOffError } from '../../projections/checkpoints.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { expectedApp } from '../support/expected-rows.js';
import { appHistory, dice } from '../support/histories.js';
import { appAdded, streamOf, write } from '../support/log-events.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';

/** Like another projection, but something happens before or after each of its batches. */
const around = (
  inner: Projection,
  { before, after }: { before?: () => Promise<void>; after?: () => Promise<void> },
): Projection => ({
  ...inner,
  apply: async (...batch) => {
    await before?.();
    await inner.apply(...batch);
    await after?.();
  },
});

const [apps, tokens, auditTrail] = projections as [Projection, Projection, Projection];
const RUNNER_PIDS = `select pid from pg_locks where locktype = 'advisory' and granted
  and database = (select oid from pg_database where datname = current_database())
  and (classid::bigint << 32 | objid::bigint) = 7165112022`;

describe('the projector', () => {
  let side: ReadSide;

  beforeEach(async () => {
    side = await openReadSide();
  });
  afterEach(() => side.close());

  const countOf = async (table: 'apps' | 'audit_entries') =>
    Number((await side.test.query(`select count(*) from read.${table}`))[0].count);
  const killRunner = () => side.test.query(`select pg_terminate_backend(pid) from (${RUNNER_PIDS}) as runners`);

  /** Every app's row is what its stream tells, and every event is on the trail once. */
  async function expectAllProjected(): Promise<void> {
    await side.reached(await side.store.head());
    const rows = await side.database.getRepository(AppRow).find();
    for (const row of rows) expect(row).toEqual(expectedApp(await side.store.read(`latchkey.app-${row.id}`)));
    const [logged] = await side.test.query(`select array_agg(id order by position) as ids from log.events`);
    const trail = await side.database.getRepository(AuditRow).find({ order: { logOrder: 'ASC' } });
    expect(trail.map(({ id }) => id)).toEqual(logged.ids);
  }

  describe('whose connection is killed', () => {
    it('before it commits, leaves nothing; the batch is done once, later', async () => {
      await write(side.store, appHistory(dice(1), 12));
      let seenByOthers = -1;
      let kills = 0;
      const killedOnce = around(auditTrail, {
        after: async () => {
          if (kills++ > 0) return;
          seenByOthers = await countOf('apps');
          await killRunner();
        },
      });
      const { failures } = side.project([apps, tokens, killedOnce]);

      await expectAllProjected();
      expect(seenByOthers).toBe(0);
      expect(kills).toBeGreaterThanOrEqual(2);
      expect(failures).toHaveLength(1);
    });

    it('at any moment, has every effect once', async () => {
      side.project();
      const over = new AbortController();
      const killing = (async () => {
        while (!over.signal.aborted) {
          await killRunner();
          await new Promise((resolve) => setTimeout(resolve, 150));
        }
      })();
      const roll = dice(5);
      await Promise.all(Array.from({ length: 40 }, () => write(side.store, appHistory(roll, 15))));
      over.abort();
      await killing;

      await expectAllProjected();
      expect(await countOf('apps')).toBe(40);
    });

    it('while nothing happens, notices and takes up its work again', async () => {
      const { projector, failures } = side.project();
      await eventually(() => projector.isHolder);
      await killRunner();
      await eventually(() => failures.length > 0, 3_000);
      await write(side.store, [appAdded()]);

      await expectAllProjected();
    });
  });

  describe('whose process is killed', () => {
    // The built service's projector in a process of its own, stopped inside a batch: before or after its commit.
    const runInProcess = (moment: 'before commit' | 'after commit') =>
      spawn(
        process.execPath,
        [
          '--input-type=module',
          '-e',
          `
          import 'reflect-metadata';
          const dist = ${JSON.stringify(new URL('../../dist', `file://${process.cwd()}/test/projections/`).href)};
          const { createDatabase } = await import(dist + '/src/postgres/database.js');
          const { openEventStore } = await import(dist + '/src/event-store/open-event-store.js');
          const { toEvent } = await import(dist + '/src/events.js');
          const { projections } = await import(dist + '/projections/projections.js');
          const { Projector } = await import(dist + '/projections/projector.js');
          const database = await createDatabase(${JSON.stringify(side.test.url)}).initialize();
          const store = await openEventStore(${JSON.stringify(side.test.url)}, 'latchkey');
          const die = () => process.kill(process.pid, 'SIGKILL');
          const dying = projections.map((inner, index) => ({ ...inner, apply: async (...batch) => {
            await inner.apply(...batch);
            if (${JSON.stringify(moment)} === 'before commit' && index === projections.length - 1) die();
          } }));
          new Projector(database, store, dying, toEvent, { projected: die, recovered: () => {}, failed: (error) => console.error(error) }).start();
        `,
        ],
        { stdio: ['ignore', 'ignore', 'inherit'] },
      );

    it.each([
      ['before commit', 0],
      ['after commit', 1],
    ] as const)('%s: the next runner has the effect once', async (moment, appsLeft) => {
      await write(side.store, appHistory(dice(2), 10));
      const child = runInProcess(moment);
      const signal = await new Promise((resolve) => child.once('exit', (_code, name) => resolve(name)));
      expect(signal).toBe('SIGKILL');
      expect(await countOf('apps')).toBe(appsLeft);

      side.project();
      await expectAllProjected();
    });
  });

  describe('of which two run', () => {
    it('with the lock: one works, and the other takes over when the first one is gone', async () => {
      const [first, second] = [side.project(), side.project(projections, await side.connect())];
      await eventually(() => first.projector.isHolder || second.projector.isHolder);
      await new Promise((resolve) => setTimeout(resolve, 700));
      expect([first.projector.isHolder, second.projector.isHolder].filter(Boolean)).toHaveLength(1);
      const [holder, waiting] = first.projector.isHolder ? [first, second] : [second, first];
      await write(side.store, [appAdded()]);
      await side.reached(await side.store.head());
      expect(waiting.positions).toEqual([]);

      await holder.stop();
      await eventually(() => waiting.projector.isHolder, 2_000);
      await write(side.store, [appAdded()]);
      await expectAllProjected();
      expect(waiting.positions).toHaveLength(1);
      expect(waiting.failures).toEqual([]);
    });

    it('with the lock: killing the connection of the one hands over, and never are both at work', async () => {
      const runners = [side.project(), side.project(projections, await side.connect())];
      const holders: number[] = [];
      const watch = setInterval(() => holders.push(runners.filter(({ projector }) => projector.isHolder).length), 5);
      for (let round = 0; round < 5; round += 1) {
        await write(side.store, [appAdded()]);
        await killRunner();
        await new Promise((resolve) => setTimeout(resolve, 300));
      }
      await expectAllProjected();
      clearInterval(watch);
      expect(Math.max(...holders)).toBe(1);
      expect(await countOf('apps')).toBe(5);
    });

    it('without the lock: the fence refuses one, and every effect is there once', async () => {
      await write(side.store, appHistory(dice(4), 10));
      // The first stops inside its batch; its lock is taken away, as after a lost connection that did not know it.
      let goOn = () => {};
      const held = new Promise<void>((resolve) => (goOn = resolve));
      let isInside = false;
      const slow = side.project([
        around(apps, {
          before: async () => {
            isInside = true;
            await held;
          },
        }),
        tokens,
        auditTrail,
      ]);
      await eventually(() => isInside);
      const second = await side.connect();
      await second.transaction(async (transaction) => {
        const before = await side.checkpoints();
        const head = await side.store.head();
        await advance(
          transaction,
          Object.keys(before).map((name) => ({ name, from: null, to: head! })),
        );
      });
      goOn();

      await eventually(() => slow.failures.length > 0);
      expect(slow.failures[0]).toBeInstanceOf(FencedOffError);
      // The other runner claimed the batch as done: nothing of the refused one's may be left.
      expect(await countOf('apps')).toBe(0);
      expect(await countOf('audit_entries')).toBe(0);
    });

    it('without the lock: of two transactions that move the same checkpoint, one commits', async () => {
      side.project();
      await eventually(async () => Object.keys(await side.checkpoints()).length === 3);
      const second = await side.connect();
      const move = (to: string) => (database: typeof second) =>
        database.transaction((transaction) => advance(transaction, [{ name: 'apps', from: null, to }]));

      const results = await Promise.allSettled([move('5')(side.database), move('6')(second)]);

      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const refused = results.find((result) => result.status === 'rejected');
      expect(refused?.reason).toBeInstanceOf(FencedOffError);
    });
  });

  describe('with a projection that fails', () => {
    it('stops everything behind it, says so, and goes on by itself when it is mended', async () => {
      let isBroken = false;
      const fragile = around(tokens, {
        before: () => (isBroken ? Promise.reject(new Error('Poison.')) : Promise.resolve()),
      });
      const { failures } = side.project([apps, fragile, auditTrail]);
      await write(side.store, [appAdded()]);
      await side.reached(await side.store.head());
      const before = await side.checkpoints();

      isBroken = true;
      await write(side.store, appHistory(dice(6), 5));
      await eventually(() => failures.length >= 2);
      expect(failures.map(String)).toContain('Error: Poison.');
      expect(await side.checkpoints()).toEqual(before);
      expect(await countOf('apps')).toBe(1);

      isBroken = false;
      await write(side.store, [appAdded()]);
      await expectAllProjected();
      expect(await countOf('apps')).toBe(3);
    });

    it('tells of an event that speaks of something that never began, and does not carry on', async () => {
      const { failures } = side.project();
      const orphan = {
        type: 'AppDisabled',
        data: { appId: crypto.randomUUID(), at: '2026-03-01T10:00:00.000Z' },
      } as const;
      await write(side.store, [orphan, appAdded()]);

      await eventually(() => failures.length >= 2);
      expect(String(failures[0])).toContain(orphan.data.appId);
      expect(await countOf('apps')).toBe(0);
      expect(streamOf(orphan)).toContain(orphan.data.appId);
    });
  });

  describe('whose log is not the one it knew', () => {
    // A log restored from an older copy: what comes now would be taken for known until it has grown past the checkpoint.
    it('refuses to go on, and says so', async () => {
      const { failures, stop } = side.project();
      const events = appHistory(dice(8), 8);
      await write(side.store, events);
      await side.reached(await side.store.head());
      await stop();
      await side.test.query(`delete from log.events where position > 2`);
      const again = side.project();

      await eventually(() => again.failures.length > 0);
      expect(failures).toEqual([]);
      expect(String(again.failures[0])).toMatch(/The log ends before/);
    });
  });
});
