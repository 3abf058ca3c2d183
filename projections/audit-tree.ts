import { Column, Entity, PrimaryColumn } from 'typeorm';
import { edgeOf, keptOfGrowth, type KeptHashes } from '../src/audit/evidence/kept-hashes.js';
import { leafHashOfRow } from '../src/audit/evidence/leaf.js';
import type { AuditRow } from './audit-trail.js';

/** A hash that is kept of a tenant's tree, above its leaves: those are in the entries themselves. */
@Entity({ schema: 'read', name: 'audit_nodes' })
export class AuditNodeRow {
  @PrimaryColumn('text') tenantId!: string;
  @PrimaryColumn('smallint') level!: number;
  @PrimaryColumn('bigint') index!: string;
  /** Base64. */
  @Column('text') hash!: string;
}

/** Whether each entry of a tenant ($1) has its place in the tree. */
export const IS_WHOLE = (entries: string) =>
  `not exists (select from ${entries} where tenant_id = $1 and leaf_index is null)`;

type OfTenant<Wanted> = Wanted & { readonly tenantId: string };
/** The size of a tree, and what is kept along its edge. */
type TreeEnd = { readonly size: number; readonly edge: readonly Buffer[][] };
type Query = <Row>(sql: string, parameters: unknown[]) => Promise<Row[]>;

/** Reads what is kept of trees, wherever their tables are. */
export class KeptHashesReader {
  constructor(
    private readonly query: Query,
    private readonly names: { readonly entries: string; readonly nodes: string },
  ) {}

  /** How many leaves the trees have. */
  async sizes(tenantIds: readonly string[]): Promise<Map<string, number>> {
    const rows = await this.query<{ tenantId: string; size: string }>(
      `select tenant_id as "tenantId",
              coalesce((select max(leaf_index) + 1 from ${this.names.entries} entry where entry.tenant_id = tenant.tenant_id), 0) as size
       from unnest($1::text[]) as tenant (tenant_id)`,
      [tenantIds],
    );
    return new Map(rows.map(({ tenantId, size }) => [tenantId, Number(size)]));
  }

  /** Where the trees end, to be grown from there. */
  async ends(tenantIds: readonly string[]): Promise<Map<string, TreeEnd>> {
    const sizes = await this.sizes(tenantIds);
    const wanted = [...sizes].flatMap(([tenantId, size]) => edgeOf(size).map((kept) => ({ tenantId, ...kept })));
    const hashes = await this.read(wanted);
    const endOf = (size: number) => ({ size, edge: hashes.splice(0, edgeOf(size).length) });
    return new Map([...sizes].map(([tenantId, size]) => [tenantId, endOf(size)]));
  }

  /** The hashes of each that is wanted, in the order in which they lie. */
  async read(wanted: readonly OfTenant<KeptHashes>[]): Promise<Buffer[][]> {
    // A limit for each keeps to the indexes, whatever the planner believes of a table that is new.
    const rows = await this.query<{ place: string; hash: string }>(
      `select wanted.place, kept.hash
       from unnest($1::text[], $2::int[], $3::bigint[], $4::bigint[]) with ordinality
         as wanted (tenant_id, level, first, last, place)
       cross join lateral (
         (select leaf_index as index, leaf_hash as hash from ${this.names.entries} entry
          where wanted.level = 0 and entry.tenant_id = wanted.tenant_id and leaf_index >= first and leaf_index < last
          order by leaf_index limit 16)
         union all
         (select index, hash from ${this.names.nodes} node
          where wanted.level > 0 and node.tenant_id = wanted.tenant_id and node.level = wanted.level
            and index >= first and index < last
          order by index limit 16)
       ) as kept
       order by wanted.place, kept.index`,
      [
        wanted.map(({ tenantId }) => tenantId),
        wanted.map(({ level }) => level),
        wanted.map(({ from }) => from),
        wanted.map(({ to }) => to),
      ],
    );
    const hashes = wanted.map((): Buffer[] => []);
    for (const { place, hash } of rows) hashes[Number(place) - 1]?.push(Buffer.from(hash, 'base64'));
    if (hashes.some(({ length }, n) => length !== widthOf(wanted[n]))) throw new Error('The audit trail lacks hashes.');
    return hashes;
  }
}

const widthOf = (kept: KeptHashes | undefined) => (kept ? kept.to - kept.from : 0);

/** Puts entries, which do not have their places yet, at the ends of their tenants' trees. Answers what is to be kept beyond them. */
export function growTrees(rows: readonly AuditRow[], ends: ReadonlyMap<string, TreeEnd>): AuditNodeRow[] {
  const leaves = new Map([...ends.keys()].map((tenantId): [string, Buffer[]] => [tenantId, []]));
  for (const row of rows) {
    const size = ends.get(row.tenantId)?.size ?? 0;
    const own = leaves.get(row.tenantId) ?? [];
    const leaf = leafHashOfRow(row);
    row.leafIndex = String(size + own.length);
    row.leafHash = leaf.toString('base64');
    own.push(leaf);
  }
  return [...ends].flatMap(([tenantId, { size, edge }]) =>
    keptOfGrowth(size, edge, leaves.get(tenantId) ?? []).map(({ level, index, hash }) => ({
      tenantId,
      level,
      index: String(index),
      hash: hash.toString('base64'),
    })),
  );
}
