import { once } from 'node:events';
import { auditTrailProjection } from '../../projections/audit-trail.js';
import { projections } from '../../projections/projections.js';
import { Rebuilder } from '../../projections/rebuilder.js';
import { askForRebuild, findRebuilds } from '../../projections/rebuilds.js';
import { toEvent } from '../../src/events.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { write } from '../support/log-events.js';
import { startProjectorProcess } from '../support/projector-process.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';
import { indexesOf, schemasOfRebuilds, snapshotOf } from '../support/read-tables.js';

let side: ReadSide;

beforeEach(async () => {
  side = await openReadSide();
  side.project();
  await write(side.store, [...appHistory(dice(7), 12), ...tokenHistory(dice(8), 4)]);
  await side.reached(await side.store.head());
});
afterEach(() => side.close());

/** Rebuilds in a process that dies before it sends such a statement for so many times, or when it is done. */
function rebuildAndDie(statement: RegExp, times: number) {
  return startProjectorProcess(
    side.test.url,
    `const { Rebuilder } = await import(dist + '/projections/rebuilder.js');
    const { default: pg } = await import('pg');
    const die = () => process.kill(process.pid, 'SIGKILL');
    const { query } = pg.Client.prototype;
    let left = ${times};
    pg.Client.prototype.query = function (...args) {
      if (${statement}.test(args[0].text ?? args[0]) && (left -= 1) === 0) die();
      return query.apply(this, args);
    };
    await database.destroy();
    await database.initialize();
    new Rebuilder(database, store, projections, toEvent, { rebuilt: die, failed: console.error }).start();`,
  );
}

describe('a rebuild whose process is killed', () => {
  it.each([
    ['before its rows are committed', /set digest/, 1, false],
    ['when its rows are there, before their indexes', /^create index/i, 1, false],
    ['among the indexes', /^create index/i, 3, false],
    ['in the switch, before its commit', /^drop schema/, 1, false],
    ['after the switch', /never/, 1, true],
  ])(
    '%s leaves the old rows or the new, and another process ends it',
    async (_moment, statement, times, isSwitched) => {
      const [before, asIndexed] = [await snapshotOf(side), await indexesOf(side)];
      await side.test.query(`update read.audit_entries set correlation_id = 'spoiled'`);
      const spoiled = await snapshotOf(side);
      const admin = await side.connect();
      await askForRebuild(admin.manager, auditTrailProjection);

      const [, signal] = await once(rebuildAndDie(statement, times), 'exit');
      expect(signal).toBe('SIGKILL');
      expect(await snapshotOf(side)).toEqual(isSwitched ? before : spoiled);
      expect((await findRebuilds(admin.manager)).length).toBe(isSwitched ? 0 : 1);

      const rebuilder = new Rebuilder(admin, side.store, projections, toEvent, {
        rebuilt: () => undefined,
        failed: (_name, error) => console.error(error),
      });
      // The lock of the dead process is free as soon as PostgreSQL notices.
      await eventually(async () => {
        await rebuilder.work();
        return (await findRebuilds(admin.manager)).length === 0;
      });
      expect(await snapshotOf(side)).toEqual(before);
      expect(await indexesOf(side)).toEqual(asIndexed);
      expect(await schemasOfRebuilds(side)).toEqual([]);
    },
  );
});
