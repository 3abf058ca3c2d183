import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { NIL } from 'uuid';
import { newSecret } from './format.js';
import { Keys } from './keys.js';
import { seal, unseal, type Sealed } from './seal.js';

/** Which secret: the third part tells the secrets of one app apart. */
export type SecretName = { tenantId: string; appId: string; secretId: string };

type Row = { key_id: string; wrapped_key: Buffer; ciphertext: Buffer };

const VERSION = 1;
const SWEEP_PAGE = 500;
/** Younger rows may belong to a command that is still on its way to the log. */
const ORPHAN_AGE = '1 hour';

/**
 * The vault of viewable client secrets. It is not part of the log and cannot be rebuilt from it: what is destroyed here is gone.
 *
 * A secret is kept before the event that tells of it is appended, since the two stores share no transaction. A command that is
 * sent again finds the secret that its first try kept; one that never reached the log leaves an orphan, which `sweep` removes.
 */
@Injectable()
export class ClientSecrets {
  constructor(
    private readonly database: DataSource,
    private readonly keys: Keys,
  ) {}

  /** A new secret, or the one that was kept under this name before. */
  async issue(name: SecretName): Promise<string> {
    const { keyId, wrappedKey, ciphertext } = seal(newSecret('lk_sec_'), contextOf(name), this.keys);
    const [row] = await this.database.query<Row[]>(
      `insert into vault.client_secrets (tenant_id, app_id, secret_id, key_id, wrapped_key, ciphertext, touched_at)
       values ($1, $2, $3, $4, $5, $6, now())
       on conflict (tenant_id, app_id, secret_id) do update set touched_at = now()
       returning key_id, wrapped_key, ciphertext`,
      [...valuesOf(name), keyId, wrappedKey, ciphertext],
    );
    if (!row) throw new Error('The vault kept nothing.');
    return this.#open(name, row);
  }

  /** `null` when it was destroyed. */
  async reveal(name: SecretName): Promise<string | null> {
    const [row] = await this.database.query<Row[]>(
      `select key_id, wrapped_key, ciphertext from vault.client_secrets where (tenant_id, app_id, secret_id) = ($1, $2, $3)`,
      valuesOf(name),
    );
    return row ? this.#open(name, row) : null;
  }

  async destroy(tenantId: string, appId: string, secretIds: string[] | 'all'): Promise<void> {
    await this.database.query(
      `delete from vault.client_secrets where tenant_id = $1 and app_id = $2 and ($3::uuid[] is null or secret_id = any ($3))`,
      [tenantId, appId, secretIds === 'all' ? null : secretIds],
    );
  }

  /** Destroys what no app uses any more, or ever did. `isInUse` must answer from the log, not from a read model. */
  async sweep(isInUse: (name: SecretName) => Promise<boolean>): Promise<number> {
    let swept = 0;
    let after: SecretName = { tenantId: '', appId: NIL, secretId: NIL };
    for (;;) {
      const names = await this.database.query<SecretName[]>(
        `select tenant_id as "tenantId", app_id as "appId", secret_id as "secretId" from vault.client_secrets
         where (tenant_id, app_id, secret_id) > ($1, $2, $3) and touched_at < now() - interval '${ORPHAN_AGE}'
         order by tenant_id, app_id, secret_id limit ${SWEEP_PAGE}`,
        valuesOf(after),
      );
      const last = names.at(-1);
      if (!last) return swept;
      after = last;

      const used = await Promise.all(names.map(isInUse));
      const unused = names.filter((_, index) => !used[index]);
      // The age is checked again: a command that was sent again meanwhile counts on its secret.
      await this.database.query(
        `delete from vault.client_secrets where touched_at < now() - interval '${ORPHAN_AGE}' and (tenant_id, app_id, secret_id) in (
           select * from unnest($1::text[], $2::uuid[], $3::uuid[]))`,
        [
          unused.map(({ tenantId }) => tenantId),
          unused.map(({ appId }) => appId),
          unused.map(({ secretId }) => secretId),
        ],
      );
      swept += unused.length;
    }
  }

  #open(name: SecretName, row: Row): string {
    const sealed: Sealed = { keyId: row.key_id, wrappedKey: row.wrapped_key, ciphertext: row.ciphertext };
    return unseal(sealed, contextOf(name), this.keys);
  }
}

const contextOf = ({ tenantId, appId, secretId }: SecretName) => JSON.stringify([VERSION, tenantId, appId, secretId]);
const valuesOf = ({ tenantId, appId, secretId }: SecretName) => [tenantId, appId, secretId];
