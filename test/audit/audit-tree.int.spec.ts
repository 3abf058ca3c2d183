import { AuditRow, auditTrailProjection } from '../../projections/audit-trail.js';
import { EvidenceQueries } from '../../projections/evidence.js';
import { Tables } from '../../projections/tables.js';
import { leafHashOfRow } from '../../src/audit/evidence/leaf.js';
import { rootOf } from '../../src/audit/evidence/merkle.js';
import type { Recorded } from '../../src/events.js';
import type { EntityManager } from 'typeorm';
import { dice } from '../support/histories.js';
import { accessDenied, appAdded, callerOf, logged, tokenCreated } from '../support/log-events.js';
import { isContinued, isIncluded } from '../support/proofs.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const COUNT = 620;
const TENANTS = ['acme', 'globex', 'initech'];

/** Some of each kind, of three tenants, one of which has more than half of all. */
const EVENTS = Array.from({ length: COUNT }, (_, n): Recorded => {
  const tenantId = n % 11 ? TENANTS[n % 2]! : 'initech';
  const event =
    n % 3 ? tokenCreated({ name: `Token ${n}` }) : n % 2 ? appAdded({ name: `Größe ${n}` }) : accessDenied();
  const recorded = logged(event, callerOf(n % 7 ? tenantId : 'acme', { name: `N${n}` }));
  const [stream, position] = [`latchkey.some-${n}`, String(n + 1)];
  return { ...recorded, stream, position, revision: 0n, recordedAt: new Date() } as unknown as Recorded;
});

describe('the trees over the audit trail', () => {
  let side: ReadSide;

  beforeAll(async () => {
    side = await openReadSide();
    await side.test.query(`insert into read.checkpoints (name, is_whole, version) values ('audit-trail', true, 2)`);
  });
  afterAll(() => side.close());

  /** What there is when the events were applied in such batches; nothing of it stays. */
  async function applied<Result>(sizes: readonly number[], look: (manager: EntityManager) => Promise<Result>) {
    const runner = side.database.createQueryRunner();
    await runner.startTransaction();
    try {
      let at = 0;
      for (const size of sizes) {
        await auditTrailProjection.apply(EVENTS.slice(at, at + size), new Tables(runner.manager));
        at += size;
      }
      return await look(runner.manager);
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
  }

  const allRows = async (manager: EntityManager) => ({
    entries: await manager.query<object[]>('select * from read.audit_entries order by log_order'),
    nodes: await manager.query<object[]>('select * from read.audit_nodes order by tenant_id, level, index'),
  });

  it('are the same in whatever batches the events came', async () => {
    const roll = dice(17);
    const random = Array.from({ length: 40 }, () => 1 + roll(40));
    random.push(COUNT - random.reduce((sum, size) => sum + size, 0));
    const atOnce = await applied([COUNT], allRows);
    expect(
      await applied(
        random.filter((size) => size > 0),
        allRows,
      ),
    ).toEqual(atOnce);
    expect(await applied([1, 1, 1, 300, 1, COUNT - 304], allRows)).toEqual(atOnce);
    expect(atOnce.nodes.length).toBeGreaterThan(30);
  });

  it("have each tenant's entries in the order in which they were applied, and nobody else's", async () => {
    await applied([COUNT], async (manager) => {
      const evidence = new EvidenceQueries(manager);
      expect(await evidence.tenants()).toEqual(TENANTS);
      for (const tenantId of TENANTS) {
        const rows = await manager.getRepository(AuditRow).find({ where: { tenantId }, order: { logOrder: 'ASC' } });
        expect(rows.map(({ leafIndex }) => Number(leafIndex))).toEqual(rows.map((_, n) => n));
        const leaves = rows.map(leafHashOfRow);
        expect(rows.map(({ leafHash }) => leafHash)).toEqual(leaves.map((hash) => hash.toString('base64')));
        expect(await evidence.size(tenantId)).toBe(rows.length);
        expect(await evidence.rootAt(tenantId, rows.length)).toEqual(rootOf(leaves));
        expect(await evidence.indexOf(tenantId, rows[3]!.id)).toBe(3);
        expect(await evidence.indexOf('somebody', rows[3]!.id)).toBeNull();
      }
      expect(await evidence.size('nobody')).toBe(0);
      expect(await evidence.rootAt('nobody', 0)).toEqual(rootOf([]));
    });
  });

  it('prove entries and growth, as docs/audit.md verifies them', async () => {
    await applied([COUNT], async (manager) => {
      const [evidence, tenantId, roll] = [new EvidenceQueries(manager), 'acme', dice(3)];
      const rows = await manager.getRepository(AuditRow).find({ where: { tenantId }, order: { logOrder: 'ASC' } });
      const newRoot = await evidence.rootAt(tenantId, rows.length);
      for (const at of [0, rows.length - 1, ...Array.from({ length: 25 }, () => roll(rows.length))]) {
        const leafHash = Buffer.from(rows[at]!.leafHash!, 'base64');
        const size = at + 1 + roll(rows.length - at);
        const path = await evidence.inclusion(tenantId, at, size);
        const root = await evidence.rootAt(tenantId, size);
        expect(isIncluded({ leafHash, index: at, size, hashes: path, root })).toBe(true);
        const hashes = await evidence.consistency(tenantId, size, rows.length);
        expect(isContinued({ oldSize: size, oldRoot: root, newSize: rows.length, newRoot, hashes })).toBe(true);
      }
    });
  });

  it('are being built as long as there are rows without a place, or the trail has not come to the end of the log', async () => {
    await applied([5], async (manager) => {
      const evidence = new EvidenceQueries(manager);
      const { tenantId } = EVENTS[0]!.metadata;
      expect(await evidence.size(tenantId)).toBeGreaterThan(0);
      await manager.query(`update read.audit_entries set leaf_index = null, leaf_hash = null where id = $1`, [
        EVENTS[0]!.id,
      ]);
      expect(await evidence.size(tenantId)).toBeNull();
      await manager.query('update read.checkpoints set is_whole = false');
      expect(await evidence.size('nobody')).toBeNull();
    });
  });

  it('are not grown over a hole', async () => {
    await applied([100], async (manager) => {
      await manager.query('delete from read.audit_nodes');
      const growing = auditTrailProjection.apply(EVENTS.slice(100, 101), new Tables(manager));
      await expect(growing).rejects.toThrow('lacks hashes');
    });
  });
});
