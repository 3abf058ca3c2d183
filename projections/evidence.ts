import type { DataSource, EntityManager } from 'typeorm';
import { keptUnder } from '../src/audit/evidence/kept-hashes.js';
import {
  consistencyPath,
  inclusionPath,
  rootOf,
  rootOver,
  subtreesOf,
  type Range,
} from '../src/audit/evidence/merkle.js';
import { IS_WHOLE, KeptHashesReader } from './audit-tree.js';
import { findCheckpoints } from './checkpoints.js';

export type Head = { readonly size: number; readonly rootHash: Buffer };

const ENTRIES = 'read.audit_entries';

/** What the trees over the audit trail prove. Every question is one tenant's. */
export class EvidenceQueries {
  readonly #hashes: KeptHashesReader;

  constructor(private readonly database: DataSource | EntityManager) {
    this.#hashes = new KeptHashesReader((sql, values) => database.query(sql, values), {
      entries: ENTRIES,
      nodes: 'read.audit_nodes',
    });
  }

  /** How many entries the tree has; `null` while it is being built. */
  async size(tenantId: string): Promise<number | null> {
    const [checkpoints, [tree]] = await Promise.all([
      findCheckpoints(this.database),
      this.database.query<{ size: string; isWhole: boolean }[]>(
        `select coalesce((select max(leaf_index) + 1 from ${ENTRIES} where tenant_id = $1), 0) as size,
                ${IS_WHOLE(ENTRIES)} as "isWhole"`,
        [tenantId],
      ),
    ]);
    const trail = checkpoints.find(({ name }) => name === 'audit-trail');
    return tree?.isWhole && trail?.isWhole ? Number(tree.size) : null;
  }

  async rootAt(tenantId: string, size: number): Promise<Buffer> {
    const [root] = await this.#roots(tenantId, [{ from: 0, to: size }]);
    return root ?? rootOf([]);
  }

  /** Whether the entries that were there when a head was signed are still there, as they were; `size` is that of the tree now. */
  async continues(tenantId: string, head: { size: number; rootHash: string }, size: number): Promise<boolean> {
    return head.size <= size && (await this.rootAt(tenantId, head.size)).toString('base64') === head.rootHash;
  }

  /** The place of an entry in the tree; `null` when the tenant has no such entry. */
  async indexOf(tenantId: string, entryId: string): Promise<number | null> {
    const [entry] = await this.database.query<{ index: string | null }[]>(
      `select leaf_index as index from ${ENTRIES} where id = $1 and tenant_id = $2`,
      [entryId, tenantId],
    );
    return entry?.index == null ? null : Number(entry.index);
  }

  /** The hashes from a leaf to the root of the tree of the first `size` entries. */
  inclusion(tenantId: string, index: number, size: number): Promise<Buffer[]> {
    return this.#roots(tenantId, inclusionPath(index, { from: 0, to: size }));
  }

  /** That the tree of the first `from` entries, at least one, is the beginning of that of the first `to`. */
  consistency(tenantId: string, from: number, to: number): Promise<Buffer[]> {
    return this.#roots(tenantId, consistencyPath(from, { from: 0, to }));
  }

  /** All that have entries. */
  async tenants(): Promise<string[]> {
    // From one to the next along the index: as many steps as there are tenants.
    const rows = await this.database.query<{ tenantId: string }[]>(
      `with recursive tenant as (
         (select tenant_id from ${ENTRIES} order by tenant_id limit 1)
         union all
         select (select entry.tenant_id from ${ENTRIES} entry where entry.tenant_id > tenant.tenant_id order by entry.tenant_id limit 1)
         from tenant where tenant.tenant_id is not null)
       select tenant_id as "tenantId" from tenant where tenant_id is not null`,
    );
    return rows.map(({ tenantId }) => tenantId);
  }

  /** The roots over ranges of leaves, from what is kept of the tree, read in one statement. */
  async #roots(tenantId: string, ranges: readonly Range[]): Promise<Buffer[]> {
    const subtrees = ranges.flatMap((range, place) => subtreesOf(range).map((subtree) => ({ place, subtree })));
    const kept = await this.#hashes.read(subtrees.map(({ subtree }) => ({ tenantId, ...keptUnder(subtree) })));
    const roots = subtrees.map(({ place }, n) => ({ place, root: rootOf(kept[n] ?? []) }));
    return ranges.map((_, place) => rootOver(roots.filter((each) => each.place === place).map(({ root }) => root)));
  }
}
