import fc from 'fast-check';
import { randomUUID } from 'node:crypto';
import { AuditQueries, LOOKED_THROUGH } from '../../projections/audit-queries.js';
import type { AuditFilter, EntryOrder } from '../../projections/audit-question.js';
import { AuditRow, auditTrailProjection } from '../../projections/audit-trail.js';
import type { Page, PageKey } from '../../projections/keyset.js';
import { Tables } from '../../projections/tables.js';
import type { LatchkeyEvent, Recorded } from '../../src/events.js';
import { auditTrailExported, recorded } from '../support/builders.js';
import { dice } from '../support/histories.js';
import { accessDenied, appAdded, tokenCreated } from '../support/log-events.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const ENTRIES = 600;
const START = Date.parse('2026-03-01T00:00:00Z');
const MINUTE = 60_000;
const TENANTS = ['acme', 'globex'];
const ACTORS = ['ada', 'bob', 'a%b'];

let side: ReadSide;
let queries: AuditQueries;
/** In the log's order. */
let entries: AuditRow[];

beforeAll(async () => {
  side = await openReadSide();
  queries = new AuditQueries(side.database);
  const roll = dice(5);
  const events = Array.from({ length: ENTRIES }, (_, index) => anEvent(roll, index));
  for (let start = 0; start < ENTRIES; start += 97)
    await auditTrailProjection.apply(events.slice(start, start + 97), new Tables(side.database.manager));
  entries = await side.database.getRepository(AuditRow).find({ order: { logOrder: 'ASC' } });
});

afterAll(() => side.close());

/** Hours pass from one to the next, but the clocks of those who write them differ by up to three. */
function anEvent(roll: (sides: number) => number, index: number): Recorded {
  const at = new Date(START + index * 7 * MINUTE + roll(180) * MINUTE).toISOString();
  const targetId = `00000000-0000-4000-8000-00000000000${roll(6)}`;
  const kinds: (() => LatchkeyEvent)[] = [
    () => appAdded({ appId: targetId, name: `App ${roll(9)}`, at }),
    () => ({ type: 'AppDisabled', data: { appId: targetId, at } }),
    () => tokenCreated({ tokenId: targetId, name: `Token_${roll(9)}`, at }),
    () => ({ type: 'TokenRevoked', data: { tokenId: targetId, at } }),
    () => accessDenied({ targetId, targetType: roll(2) ? 'APP' : 'TOKEN', at }),
    () => auditTrailExported({ at }),
  ];
  const actorId = ACTORS[roll(ACTORS.length)]!;
  return recorded(kinds[roll(kinds.length)]!(), {
    id: randomUUID(),
    position: String(index + 1),
    metadata: { tenantId: TENANTS[roll(2)]!, actor: { kind: 'USER', id: actorId, name: actorId.toUpperCase() } },
  });
}

/** What a filter means, told without SQL. */
function isMeant(row: AuditRow, { actorId, actions, targetType, targetId, from, to, text }: AuditFilter): boolean {
  const texts = [row.targetName, row.actorName, row.actorId, row.reason, row.ip, row.userAgent];
  return (
    (actorId === undefined || row.actorId === actorId) &&
    (actions?.includes(row.action) ?? true) &&
    (targetType === undefined || row.targetType === targetType) &&
    (targetId === undefined || row.targetId === targetId) &&
    (from === undefined || row.at >= from) &&
    (to === undefined || row.at < to) &&
    (text === undefined || texts.some((each) => each?.toLowerCase().includes(text.toLowerCase())))
  );
}

async function walk(
  ask: (after: PageKey | null) => Promise<Page<AuditRow>>,
  order: EntryOrder = 'logOrder',
): Promise<AuditRow[]> {
  const rows: AuditRow[] = [];
  for (let after: PageKey | null = null; ;) {
    const page: Page<AuditRow> = await ask(after);
    rows.push(...page.rows);
    if (!page.hasNextPage) return rows;
    const last = page.rows.at(-1);
    after = page.end ?? { value: last![order]!, id: last!.id };
  }
}

const moment = fc.integer({ min: -5, max: (ENTRIES * 7) / 60 + 5 }).map((hour) => new Date(START + hour * 60 * MINUTE));
const filters: fc.Arbitrary<AuditFilter> = fc.record(
  {
    actorId: fc.constantFrom(...ACTORS, 'nobody'),
    // Also the same more than once.
    actions: fc.array(
      fc.constantFrom('AppAdded', 'AppDisabled', 'TokenRevoked', 'AccessDenied', 'AuditTrailExported'),
      {
        maxLength: 6,
      },
    ),
    targetType: fc.constantFrom('APP', 'TOKEN'),
    targetId: fc.constantFrom(...Array.from({ length: 7 }, (_, n) => `00000000-0000-4000-8000-00000000000${n}`)),
    from: moment,
    to: moment,
    text: fc.constantFrom('app 1', 'TOKEN_', '%', '127.0.0', 'not use deleteapp', 'nothing of this kind'),
  },
  { requiredKeys: [] },
);

describe('the audit trail', () => {
  it('shows what any filter means, page by page in both directions, and counts it', async () => {
    await fc.assert(
      fc.asyncProperty(filters, fc.integer({ min: 1, max: 40 }), async (filter, first) => {
        const meant = entries.filter((row) => row.tenantId === 'acme' && isMeant(row, filter));
        const until = String(ENTRIES);

        expect(await walk((after) => queries.list('acme', filter, { first, after }))).toEqual(meant.toReversed());
        // Only all of it is asked for in the order of the tree.
        for (const order of ['logOrder', 'leafIndex'] as const) {
          if (order === 'leafIndex' && Object.keys(filter).length > 0) continue;
          const stretch = (after: PageKey | null) => ({ order, first, after: after?.value ?? null, until });
          expect(await walk((after) => queries.listStretch('acme', filter, stretch(after)), order)).toEqual(meant);
        }
        expect(await queries.count('acme', filter)).toBe(meant.length);
      }),
      { numRuns: 150 },
    );
  });

  it('shows of a stretch what lies after its beginning, up to its end', async () => {
    const asked = { order: 'logOrder', first: 1_000, after: '100', until: '300' } as const;
    const stretch = await queries.listStretch('acme', {}, asked);
    const meant = entries.filter(({ tenantId, logOrder }) => {
      return tenantId === 'acme' && Number(logOrder) > 100 && Number(logOrder) <= 300;
    });
    expect(stretch).toEqual({ rows: meant, hasNextPage: false });
  });

  it('knows the hours of what was there before it kept them', async () => {
    const kept = await side.test.query('select * from read.audit_hours order by id');
    expect(kept.length).toBeGreaterThan(100);
    const { AuditTrail1764000000011: Migration } = await import('../../projections/migrations/4-audit-trail.js');
    const runner = side.database.createQueryRunner();
    await new Migration().down(runner);
    await new Migration().up(runner);
    await runner.release();
    expect(await side.test.query('select * from read.audit_hours order by id')).toEqual(kept);
  });
});

describe('a text that few of many entries have', () => {
  const many = LOOKED_THROUGH * 2 + 500;

  beforeAll(async () => {
    await side.test.query(
      `insert into read.audit_entries (id, tenant_id, log_order, position, at, action, actor_kind, actor_id, actor_name,
                                       target_type, target_name, correlation_id, details)
       select gen_random_uuid(), 'initech', n, n::text, now(), 'AppDisabled', 'USER', 'ada', 'Ada', 'APP',
              case when n in (1, 2000, 2500, 4499) then 'Needle' else 'Hay' end, 'c', '{}'
       from generate_series(1, $1::int) as numbers (n)`,
      [many],
    );
  });

  it('is found in pages of which none looks through more than its part, and once each', async () => {
    let pages = 0;
    const found = await walk((after) => {
      pages += 1;
      return queries.list('initech', { text: 'needle' }, { first: 50, after });
    });
    expect(found.map(({ logOrder }) => Number(logOrder))).toEqual([4_499, 2_500, 2_000, 1]);
    expect(pages).toBe(3);
  });

  it('is found in order where a page is full before its part is looked through', async () => {
    const found = await walk((after) => queries.list('initech', { text: 'needle' }, { first: 1, after }));
    expect(found.map(({ logOrder }) => Number(logOrder))).toEqual([4_499, 2_500, 2_000, 1]);
  });
});
