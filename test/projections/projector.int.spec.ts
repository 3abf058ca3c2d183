import type { EventEmitter } from 'node:events';
import type { PostgresDriver } from 'typeorm/driver/postgres/PostgresDriver.js';
import { AppRow } from '../../projections/apps.js';
import { AuditRow } from '../../projections/audit-trail.js';
import { advance, FencedOffError, findCheckpoints } from '../../projections/checkpoints.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { reset } from '../../projections/reset.js';
import { logWith } from '../../src/event-store/log-with.js';
import { reachedBy } from '../../src/read-side/projector.service.js';
import { expectedApp } from '../support/expected-rows.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { appAdded, write } from '../support/log-events.js';
import { startProjectorProcess } from '../support/projector-process.js';
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

const [apps, tokens, auditTrail] = projections as [Projection, Projection, Projection, ...Projection[]];
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

  it('lets a read model that is still at work come to its end when another fails, before it begins anew', async () => {
    await write(side.store, appHistory(dice(3), 5));
    const failing = around(tokens, { before: () => Promise.reject(new Error('This event is poison.')) });
    let [atWork, mostAtWork] = [0, 0];
    const slow = around(auditTrail, {
      before: async () => {
        mostAtWork = Math.max(mostAtWork, (atWork += 1));
        await new Promise((resolve) => setTimeout(resolve, 50));
      },
      after: () => Promise.resolve(void (atWork -= 1)),
    });
    side.project([apps, failing, slow]);

    await expectAllProjected();
    expect(mostAtWork).toBe(1);
  });

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
    // Stopped inside a batch: before or after its commit.
    const runInProcess = (moment: 'before commit' | 'after commit') =>
      startProjectorProcess(
        side.test.url,
        `const die = () => process.kill(process.pid, 'SIGKILL');
        const dying = projections.map((inner, index) => ({ ...inner, apply: async (...batch) => {
          await inner.apply(...batch);
          if (${JSON.stringify(moment)} === 'before commit' && index === projections.length - 1) die();
        } }));
        run(dying, { projected: die });`,
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

    it('of which one is frozen: the other takes over within five seconds, and the first one, awake again, does no harm', async () => {
      const frozen = startProjectorProcess(side.test.url, 'run(projections);');
      await eventually(() => write(side.store, [appAdded()]).then(() => true));
      await side.reached(await side.store.head());
      const second = side.project();
      frozen.kill('SIGSTOP');
      await write(side.store, [appAdded()]);

      await eventually(() => second.projector.isHolder, 5_000);
      await expectAllProjected();
      frozen.kill('SIGCONT');
      await write(side.store, appHistory(dice(5), 6));
      await expectAllProjected();
      expect(second.projector.isHolder).toBe(true);
      frozen.kill('SIGKILL');
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
      const head = await side.store.head();
      const names = Object.keys(await side.checkpoints());
      const advances = names.map((name) => ({ name, from: null, edition: 0, to: head! }));
      const secondTry = second.transaction((transaction) => advance(transaction, advances));
      secondTry.catch(() => undefined);
      goOn();

      await expect(secondTry).rejects.toBeInstanceOf(FencedOffError);
      await expectAllProjected();
      expect(slow.failures).toEqual([]);
    });

    it('without the lock: of two transactions that move the same checkpoint, one commits', async () => {
      side.project();
      await eventually(async () => Object.keys(await side.checkpoints()).length === projections.length);
      const second = await side.connect();
      const move = (to: string) => (database: typeof second) =>
        database.transaction((transaction) => advance(transaction, [{ name: 'apps', from: null, edition: 0, to }]));

      const results = await Promise.allSettled([move('5')(side.database), move('6')(second)]);

      expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      const refused = results.find((result) => result.status === 'rejected');
      expect(refused?.reason).toBeInstanceOf(FencedOffError);
    });
  });

  describe('with a log that fails again and again', () => {
    it('listens to its connection once, however often it begins anew', async () => {
      const failing = logWith(side.store, {
        follow: () => {
          throw new Error('There is no log.');
        },
      });
      const { failures } = side.project(projections, side.database, failing);
      await eventually(() => failures.length >= 4);
      const { _clients } = (side.database.driver as PostgresDriver).master as { _clients: EventEmitter[] };
      for (const client of _clients) expect(client.listenerCount('end')).toBeLessThanOrEqual(2);
    });
  });

  describe('with a projection that fails as a whole', () => {
    it('stops everything behind it, says so, and goes on by itself when it is mended', async () => {
      const { failures } = side.project();
      await write(side.store, [appAdded()]);
      await side.reached(await side.store.head());
      const before = await side.checkpoints();

      await side.test.query('alter table read.tokens rename to elsewhere');
      await write(side.store, [...tokenHistory(dice(6), 3), ...appHistory(dice(6), 5)]);
      await eventually(() => failures.length >= 2);
      expect(failures.map(String).join()).toContain('read.tokens');
      expect(await side.checkpoints()).toEqual(before);
      expect(await countOf('apps')).toBe(1);

      await side.test.query('alter table read.elsewhere rename to tokens');
      await write(side.store, [appAdded()]);
      await expectAllProjected();
      expect(await countOf('apps')).toBe(3);
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
      await side.test.query('create table log.taken as select * from log.events where position > 2');
      await side.test.query('delete from log.events where position > 2');
      expect(await reachedBy(side.database)).not.toBeNull();
      const again = side.project();

      await eventually(() => again.failures.length > 0);
      expect(failures).toEqual([]);
      expect(String(again.failures[0])).toMatch(/The log ends before/);
      // Whoever waits for an effect, or asks about a credential, is told that nobody knows.
      expect(await reachedBy(side.database)).toBeNull();

      await side.test.query('insert into log.events overriding system value select * from log.taken');
      await eventually(async () => (await reachedBy(side.database)) !== null);
    });

    it('refuses as long as one read model is left that was made from the other log', async () => {
      const { stop } = side.project();
      await write(side.store, appHistory(dice(8), 8));
      await side.reached(await side.store.head());
      await stop();
      await side.test.query('delete from log.events where position > 2');
      await reset(side.database, [apps]);
      const again = side.project();

      await eventually(() => again.failures.length > 0);
      expect(String(again.failures[0])).toMatch(/The log ends before/);
      expect(again.positions).toEqual([]);
      expect((await findCheckpoints(side.database.manager)).map(({ isWhole }) => isWhole)).not.toContain(true);

      await reset(side.database, projections);
      await eventually(async () => (await reachedBy(side.database)) === '2');
    });

    it('looks for its end from the latest place that a read model has reached, and not from the beginning', async () => {
      const { stop } = side.project();
      await write(side.store, appHistory(dice(8), 8));
      const head = await side.store.head();
      await side.reached(head);
      await stop();
      await reset(side.database, [apps]);
      const asked: (string | null)[] = [];
      const log = logWith(side.store, {
        head: () => Promise.reject(new Error('It may read the whole log for that.')),
        follow: (after, signal) => {
          asked.push(after);
          return side.store.follow(after, signal);
        },
      });
      const { failures } = side.project(projections, side.database, log);
      await eventually(async () => (await reachedBy(side.database)) === head);
      expect(failures).toEqual([]);
      expect(asked).toEqual([head, null]);
    });
  });
});
