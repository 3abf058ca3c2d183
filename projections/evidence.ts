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
import { KeptHashesReader } from './audit-tree.js';
import { findCheckpoints } from './checkpoints.js';

export type Head = { readonly size: number; readonly rootHash: Buffer };
export type InclusionProof = { readonly index: number; readonly size: number; readonly hashes: Buffer[] };

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
    const trail = (await findCheckpoints(this.database)).find(({ name }) => name === 'audit-trail');
    if (!trail?.isWhole) return null;
    const old = `select 1 from ${ENTRIES} where tenant_id = $1 and leaf_index is null limit 1`;
    if ((await this.database.query<unknown[]>(old, [tenantId])).length > 0) return null;
    return (await this.#hashes.sizes([tenantId])).get(tenantId) ?? 0;
  }

  async rootAt(tenantId: string, size: number): Promise<Buffer> {
    const [root] = await this.#roots(tenantId, [{ from: 0, to: size }]);
    return root ?? rootOf([]);
  }

  /** The leaf of an entry, `null` when the tenant has no such entry, and the hashes from it to the root of a tree of this size. */
  async inclusion(tenantId: string, entryId: string, size: number): Promise<InclusionProof | null> {
    const [entry] = await this.database.query<{ index: string }[]>(
      `select leaf_index as index from ${ENTRIES} where id = $1 and tenant_id = $2 and leaf_index < $3`,
      [entryId, tenantId, size],
    );
    if (!entry) return null;
    const index = Number(entry.index);
    return { index, size, hashes: await this.#roots(tenantId, inclusionPath(index, { from: 0, to: size })) };
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
