import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AppQueries, appsProjection } from '../../projections/apps.js';
import { reset } from '../../projections/reset.js';
import { TokenQueries, tokensProjection } from '../../projections/tokens.js';
import { DaysOfUse } from '../../src/usage/days-of-use.js';
import { LastUse } from '../../src/usage/last-use.js';
import { SweepLastUseJob } from '../../src/usage/sweep-last-use.job.js';
import { appAdded, appDeleted, tokenCreated, tokenDeleted, tokenRevoked } from '../support/builders.js';
import { write } from '../support/log-events.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';

const at = (time: string) => new Date(`2026-03-02T${time}Z`);
const tokenOf = (id: string) => ({ id, tenantId: 'demo' });
const onDatabase = (database: DataSource) => new LastUse(database, new DaysOfUse(database));

describe('last use', () => {
  let side: ReadSide;
  let database: DataSource;
  let warnings: string[];

  beforeEach(async () => {
    side = await openReadSide();
    database = await side.connect();
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((warning: string) => void warnings.push(warning));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await side.close();
  });

  const anInstance = () => onDatabase(database);
  const rows = () => side.test.query('select id, at from usage.last_used order by id');
  /** Changes with every write of a row. */
  const versionOf = async (id: string) =>
    (await side.test.query('select ctid::text || xmin::text as version from usage.last_used where id = $1', [id]))[0]
      ?.version;
  const breakTable = () => side.test.query('alter table usage.last_used rename to away');
  const mendTable = () => side.test.query('alter table usage.away rename to last_used');
  const ids = (count: number) => Array.from({ length: count }, () => randomUUID());

  it('is not known of what was never used, and nothing is written before the flush', async () => {
    const lastUse = anInstance();
    const [id, other] = ids(2) as [string, string];
    lastUse.record('token', tokenOf(id), at('10:00:01'));

    expect(await rows()).toEqual([]);
    expect(await lastUse.find(id)).toBeNull();
    await lastUse.flush();
    expect(await lastUse.find(id)).toEqual(at('10:00:01'));
    expect(await lastUse.find(other)).toBeNull();
  });

  it('is one row for each id, however often it was used, with the latest moment', async () => {
    const lastUse = anInstance();
    const used = ids(3);
    for (let second = 0; second < 1_000; second += 1)
      for (const id of used) lastUse.record('token', tokenOf(id), new Date(at('10:00:00').getTime() + second * 1_000));
    lastUse.record('token', tokenOf(used[0]!), at('09:00:00'));
    await lastUse.flush();

    const latest = at('10:16:39');
    expect(await rows()).toEqual(used.sort().map((id) => ({ id, at: latest })));
    const found = await Promise.all(used.map((id) => lastUse.find(id)));
    expect(found).toEqual([latest, latest, latest]);
  });

  it('is not written again within the same minute, and is in the next', async () => {
    const lastUse = anInstance();
    const id = randomUUID();
    lastUse.record('token', tokenOf(id), at('10:00:01'));
    await lastUse.flush();
    const version = await versionOf(id);

    lastUse.record('token', tokenOf(id), at('10:00:59.999'));
    await lastUse.flush();
    expect(await versionOf(id)).toBe(version);
    expect(await lastUse.find(id)).toEqual(at('10:00:01'));

    lastUse.record('token', tokenOf(id), at('10:01:00'));
    await lastUse.flush();
    expect(await lastUse.find(id)).toEqual(at('10:01:00'));
  });

  it('is never set back by an instance that comes later with an older moment', async () => {
    const [ahead, behind] = [anInstance(), anInstance()];
    const id = randomUUID();
    ahead.record('token', tokenOf(id), at('10:05:00'));
    behind.record('token', tokenOf(id), at('10:04:00'));
    await ahead.flush();
    const version = await versionOf(id);
    await behind.flush();

    expect(await behind.find(id)).toEqual(at('10:05:00'));
    expect(await versionOf(id)).toBe(version);
  });

  it('that could not be written is written later, and one warning says so', async () => {
    const lastUse = anInstance();
    const [first, second] = ids(2) as [string, string];
    lastUse.record('token', tokenOf(first), at('10:00:00'));
    await breakTable();
    await lastUse.flush();
    lastUse.record('token', tokenOf(second), at('10:01:00'));
    await lastUse.flush();
    await lastUse.flush();
    expect(warnings).toEqual([expect.stringContaining('kept for later')]);

    await mendTable();
    await lastUse.flush();
    expect(await rows()).toHaveLength(2);
    expect(await lastUse.find(first)).toEqual(at('10:00:00'));

    // The next time is news again.
    lastUse.record('token', tokenOf(first), at('10:02:00'));
    await breakTable();
    await lastUse.flush();
    expect(warnings).toHaveLength(2);
  });

  it('that happens while a flush is under way is written by the next one', async () => {
    const lastUse = anInstance();
    const id = randomUUID();
    lastUse.record('token', tokenOf(id), at('10:00:00'));
    const flushing = lastUse.flush();
    // Only now the flush has begun to write.
    await new Promise(setImmediate);
    lastUse.record('token', tokenOf(id), at('10:01:00'));
    await flushing;
    expect(await lastUse.find(id)).toEqual(at('10:00:00'));

    await lastUse.flush();
    expect(await lastUse.find(id)).toEqual(at('10:01:00'));
  });

  it('is written by one flush at a time', async () => {
    const lastUse = anInstance();
    const query = database.query.bind(database);
    let [now, most] = [0, 0];
    jest.spyOn(database, 'query').mockImplementation(async (...question: Parameters<DataSource['query']>) => {
      most = Math.max(most, (now += 1));
      return query(...question).finally(() => (now -= 1));
    });
    const flushes = ids(5).map((id) => {
      lastUse.record('token', tokenOf(id), at('10:00:00'));
      return lastUse.flush();
    });
    await Promise.all(flushes);

    expect(most).toBe(1);
    expect(await rows()).toHaveLength(5);
  });

  it('is kept of 200,000 ids at most between two flushes, and one warning counts the rest', async () => {
    const lastUse = anInstance();
    const used = ids(200_000);
    for (const id of used) lastUse.record('token', tokenOf(id), at('10:00:00'));
    for (const id of ids(3)) lastUse.record('token', tokenOf(id), at('10:00:00'));
    lastUse.record('token', tokenOf(used[0]!), at('10:00:30'));
    await lastUse.flush();

    const [{ count }] = await side.test.query('select count(*)::int from usage.last_used');
    expect(count).toBe(200_000);
    expect(await lastUse.find(used[0]!)).toEqual(at('10:00:30'));
    expect(warnings).toEqual([expect.stringContaining('3 uses were not recorded')]);

    for (const id of ids(3)) lastUse.record('token', tokenOf(id), at('10:01:00'));
    await lastUse.flush();
    expect(warnings).toHaveLength(1);
    expect((await side.test.query('select count(*)::int from usage.last_used'))[0].count).toBe(200_003);

    // What was written longest ago is no longer remembered: within the same minute it is written again.
    const [forgotten, remembered] = [used[0]!, used.at(-1)!];
    for (const id of [forgotten, remembered]) lastUse.record('token', tokenOf(id), at('10:00:45'));
    await lastUse.flush();
    expect(await lastUse.find(forgotten)).toEqual(at('10:00:45'));
    expect(await lastUse.find(remembered)).toEqual(at('10:00:00'));
  });

  it('is written at shutdown', async () => {
    const lastUse = anInstance();
    lastUse.onApplicationBootstrap();
    const id = randomUUID();
    lastUse.record('token', tokenOf(id), at('10:00:00'));
    await lastUse.onApplicationShutdown();

    expect(await rows()).toEqual([{ id, at: at('10:00:00') }]);
  });

  it('is written by itself within a good ten seconds', async () => {
    const lastUse = anInstance();
    lastUse.onApplicationBootstrap();
    lastUse.record('token', tokenOf(randomUUID()), at('10:00:00'));
    await eventually(async () => (await rows()).length === 1);
    await lastUse.onApplicationShutdown();
  });

  it('is written by two instances at once, in whatever order they were used, without a dead-lock', async () => {
    const [one, other] = [onDatabase(database), onDatabase(await side.connect())];
    const used = ids(2_000);
    const start = at('10:00:00').getTime();
    for (let round = 0; round < 20; round += 1) {
      for (const id of used) one.record('token', tokenOf(id), new Date(start + round * 120_000));
      for (const id of used.toReversed())
        other.record('token', tokenOf(id), new Date(start + round * 120_000 + 60_000));
      await Promise.all([one.flush(), other.flush()]);
      expect(warnings).toEqual([]);
    }
    expect(await side.test.query('select distinct at from usage.last_used')).toEqual([
      { at: new Date(start + 19 * 120_000 + 60_000) },
    ]);
  });

  describe('that is swept', () => {
    const sweep = () => {
      const queries = [new AppQueries(database), new TokenQueries(database)] as const;
      return new SweepLastUseJob(anInstance(), new DaysOfUse(database), ...queries).run();
    };
    const age = (minutes: number) =>
      side.test.query(`update usage.last_used set at = now() - $1 * interval '1 minute'`, [minutes]);
    const used = async (...all: string[]) => {
      const lastUse = anInstance();
      for (const id of all) lastUse.record('token', tokenOf(id), new Date());
      await lastUse.flush();
    };
    const kept = async () => (await rows()).map(({ id }) => id as string);

    /** Living and deleted ones, projected; and one that no read model knows. */
    async function lives() {
      const [app, deletedApp, token, revoked, deletedToken, unknown] = ids(6) as [string, string, ...string[]] &
        string[];
      await write(side.store, [appAdded({ appId: app, clientId: app })]);
      await write(side.store, [
        appAdded({ appId: deletedApp, clientId: deletedApp }),
        appDeleted({ appId: deletedApp }),
      ]);
      const aToken = (tokenId: string) =>
        tokenCreated({ tokenId, identifier: tokenId, secret: { hash: tokenId, pepperId: 'pepper-1' } });
      await write(side.store, [aToken(token!)]);
      await write(side.store, [aToken(revoked!), tokenRevoked({ tokenId: revoked! })]);
      await write(side.store, [aToken(deletedToken!), tokenDeleted({ tokenId: deletedToken! })]);
      const projector = side.project([appsProjection, tokensProjection]);
      await side.reached(await side.store.head());
      await used(app, deletedApp, token!, revoked!, deletedToken!, unknown!);
      return { projector, living: [app, token!, revoked!, unknown!].sort(), deleted: [deletedApp, deletedToken!] };
    }

    it('is forgotten of what is deleted, once it is an hour old, and of nothing else', async () => {
      const { living, deleted } = await lives();
      await age(59);
      await sweep();
      expect(await kept()).toEqual([...living, ...deleted].sort());

      await age(61);
      await sweep();
      expect(await kept()).toEqual(living);
    });

    // The promise: last uses cannot be rebuilt from the log, so an empty read model must not cost them.
    it('is kept of all while the read models are built anew', async () => {
      const { projector, living, deleted } = await lives();
      await age(61);
      await projector.stop();
      await reset(database, [appsProjection, tokensProjection]);
      await sweep();

      expect(await kept()).toEqual([...living, ...deleted].sort());
    });

    it('goes through more rows than one page', async () => {
      await side.test.query(
        `insert into usage.last_used select gen_random_uuid(), now() - interval '2 hours' from generate_series(1, 25000)`,
      );
      const asked = new Set<string>();
      const swept = await anInstance().sweep((page) => {
        for (const id of page) asked.add(id);
        return Promise.resolve(page.filter((id) => id < '8'));
      });

      expect(asked.size).toBe(25_000);
      expect(swept).toBeGreaterThan(12_000);
      expect(await kept()).toHaveLength(25_000 - swept);
    });

    it('keeps what is used between the look and the forgetting', async () => {
      const id = randomUUID();
      await used(id);
      await age(61);
      await anInstance().sweep(async (page) => {
        await used(id);
        return page;
      });

      expect(await kept()).toEqual([id]);
    });
  });
});
