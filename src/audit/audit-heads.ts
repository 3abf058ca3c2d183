import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { SignedHead } from './head-signer.js';

export type KeptHead = SignedHead & { isSent: boolean };

/** The heads that were signed, for ever. They are not made from the log, and no rebuild changes them. */
@Injectable()
export class AuditHeads {
  constructor(private readonly database: DataSource) {}

  async findLast(tenantId: string): Promise<KeptHead | null> {
    const [row] = await this.database.query<(Omit<KeptHead, 'size'> & { size: string })[]>(
      `select size, root_hash as "rootHash", note, public_key as "publicKey", sent_at is not null as "isSent"
       from audit.heads where tenant_id = $1 order by size desc limit 1`,
      [tenantId],
    );
    return row ? { ...row, size: Number(row.size) } : null;
  }

  /** All that a head was signed of. */
  async tenants(): Promise<string[]> {
    const rows = await this.database.query<{ tenantId: string }[]>(
      'select distinct tenant_id as "tenantId" from audit.heads',
    );
    return rows.map(({ tenantId }) => tenantId);
  }

  async keep(tenantId: string, { size, rootHash, note, publicKey }: SignedHead): Promise<void> {
    await this.database.query(
      'insert into audit.heads (tenant_id, size, root_hash, note, public_key) values ($1, $2, $3, $4, $5)',
      [tenantId, size, rootHash, note, publicKey],
    );
  }

  async markSent(tenantId: string, { size }: SignedHead): Promise<void> {
    await this.database.query('update audit.heads set sent_at = now() where tenant_id = $1 and size = $2', [
      tenantId,
      size,
    ]);
  }
}
