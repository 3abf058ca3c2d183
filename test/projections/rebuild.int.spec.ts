import type { DataSource } from 'typeorm';
import { projections } from '../../projections/projections.js';
import { rebuild } from '../../projections/rebuild.js';
import { Tables } from '../../projections/tables.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { accessDenied, appAdded, write } from '../support/log-events.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';

describe('a rebuild', () => {
  let side: ReadSide;
  /** Connections of its own: `npm run rebuild` is another process. */
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

  async function snapshot(): Promise<Record<string, string[]>> {
    const written = new Tables(side.database.manager);
    const tables = projections.flatMap((projection) => projection.tables.map((table) => written.nameOf(table)));
    const rows = await Promise.all(
      tables.map((table) => side.test.query(`select row_to_json(t)::text as row from ${table} t order by id`)),
    );
    return Object.fromEntries(tables.map((table, index) => [table, rows[index]!.map(({ row }) => row)]));
  }

  const everything = projections.map(({ name }) => name);
  const choices = everything.map((name): [string, string[]] => [name, [name]]);

  it.each([['everything', everything], ...choices] as [string, string[]][])(
    'of %s, while the projector works, tells what was told before',
    async (_, names) => {
      side.project();
      await side.reached(await side.store.head());
      const before = await snapshot();
      expect(Object.values(before).every((rows) => rows.length > 0)).toBe(true);

      await rebuild(admin, names);
      await side.reached(await side.store.head());

      expect(await snapshot()).toEqual(before);
    },
  );

  it('of rows that somebody has spoiled mends them', async () => {
    side.project();
    await side.reached(await side.store.head());
    const before = await snapshot();
    await side.test.query(`update read.apps set name = 'spoiled'`);
    await side.test.query(`delete from read.audit_entries`);

    await rebuild(admin, ['apps', 'audit-trail']);
    await side.reached(await side.store.head());

    expect(await snapshot()).toEqual(before);
  });

  it('of one, while the others go on with new events, changes nothing of theirs', async () => {
    const { failures } = side.project();
    await side.reached(await side.store.head());
    const writing = (async () => {
      for (let count = 0; count < 60; count += 1) await write(side.store, [appAdded({ name: `New ${count}` })]);
    })();
    for (let round = 0; round < 4; round += 1) {
      await rebuild(admin, ['audit-trail']);
      await eventually(async () => (await side.checkpoints())['audit-trail'] !== null);
    }
    await writing;
    await side.reached(await side.store.head());

    const live = await snapshot();
    await rebuild(
      admin,
      projections.map(({ name }) => name),
    );
    await side.reached(await side.store.head());
    expect(await snapshot()).toEqual(live);
    expect(failures.length).toBeLessThanOrEqual(6);
  });

  it('of something that does not exist says so and changes nothing', async () => {
    side.project();
    await side.reached(await side.store.head());
    const before = await snapshot();

    await expect(rebuild(admin, ['apps', 'nothing'])).rejects.toThrow('There is no projection "nothing"');

    expect(await snapshot()).toEqual(before);
  });
});
