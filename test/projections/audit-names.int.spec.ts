import { BEGINNINGS } from '../../projections/audit-trail.js';
import { appAdded, write } from '../support/log-events.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

type Plan = { 'Actual Rows': number; 'Actual Loops': number; Plans?: Plan[] };

const rowsOf = (plan: Plan): number[] => [
  plan['Actual Rows'] * plan['Actual Loops'],
  ...(plan.Plans ?? []).flatMap(rowsOf),
];

let side: ReadSide;

beforeAll(async () => (side = await openReadSide()));
afterAll(() => side.close());

it('the name of what an event is about is found in a few entries, however many there are', async () => {
  side.project();
  const app = appAdded({ name: 'Hammered' });
  await write(side.store, [app, appAdded()]);
  await side.reached(await side.store.head());
  // The second never was.
  const ids = [[app.data.appId, '00000000-0000-4000-8000-000000000000']];
  await side.test.query(
    `insert into read.audit_entries (id, tenant_id, log_order, position, at, action, actor_kind, actor_id, correlation_id, details, target_id)
     select gen_random_uuid(), 'acme', 1000 + n, 1000 + n, now(), 'AccessDenied', 'USER', 'mallory', 'c', '{}', target
     from generate_series(1, 20000) as numbers (n), unnest($1::uuid[]) as targets (target)`,
    ids,
  );
  const sql = BEGINNINGS('read.audit_entries');
  expect(await side.test.query(sql, ids)).toEqual([
    { tenantId: 'acme', targetId: app.data.appId, targetName: 'Hammered' },
  ]);
  const [{ 'QUERY PLAN': plans }] = await side.test.query(`explain (analyze, format json) ${sql}`, ids);
  expect(Math.max(...(plans as { Plan: Plan }[]).flatMap(({ Plan }) => rowsOf(Plan)))).toBeLessThanOrEqual(
    100 * ids[0]!.length,
  );
});
