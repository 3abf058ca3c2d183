import { Injectable } from '@nestjs/common';
import { randomBytes } from 'node:crypto';
import { DataSource } from 'typeorm';
import { v4 as randomUuid } from 'uuid';
import { Keys } from '../secrets/keys.js';
import { seal, unseal, type Sealed } from '../secrets/seal.js';

export type Person = { readonly tenantId: string; readonly personId: string };
export type PersonKey = { readonly id: string; readonly key: Buffer };

type Row = { id: string; tenantId: string; personId: string; keyId: string; wrappedKey: Buffer; ciphertext: Buffer };
type Remembered = { readonly key: Promise<PersonKey>; readonly until: number };

/** So long another process may go on sealing under a key that has been destroyed: nobody can open what it seals. */
const REMEMBERED_MILLISECONDS = 30_000;
const MOST_REMEMBERED = 10_000;
const PAGE = 500;

const COLUMNS = `id, tenant_id as "tenantId", person_id as "personId", key_id as "keyId", wrapped_key as "wrappedKey", ciphertext`;

/** The keys under which events tell of people, one for each person of a tenant. They are in the vault, not on the log: one that is destroyed is gone. */
@Injectable()
export class PersonKeys {
  readonly #remembered = new Map<string, Remembered>();

  constructor(
    private readonly database: DataSource,
    private readonly keys: Keys,
  ) {}

  /** The key for what is new; made when there is none. */
  of(person: Person): Promise<PersonKey> {
    const name = contextOf(person);
    const known = this.#remembered.get(name);
    if (known && known.until > Date.now()) return known.key;
    if (this.#remembered.size >= MOST_REMEMBERED) this.#remembered.clear();
    const key = this.#findOrMake(person);
    this.#remembered.set(name, { key, until: Date.now() + REMEMBERED_MILLISECONDS });
    key.catch(() => this.#remembered.delete(name));
    return key;
  }

  /** Those that have not been destroyed. Each time it is asked it looks. */
  async find(ids: readonly string[]): Promise<Map<string, PersonKey>> {
    if (ids.length === 0) return new Map();
    const rows = await this.database.query<Row[]>(`select ${COLUMNS} from vault.person_keys where id = any ($1)`, [
      ids,
    ]);
    return new Map(rows.map((row) => [row.id, this.#open(row)]));
  }

  async destroy(person: Person): Promise<void> {
    await this.database.query(
      'delete from vault.person_keys where (tenant_id, person_id) = ($1, $2)',
      valuesOf(person),
    );
    this.#remembered.delete(contextOf(person));
  }

  /** Seals those anew that are under older keys of the ring, which it then need not keep for them. Answers how many there were. */
  async sealAnew(): Promise<number> {
    for (let count = 0; ;) {
      const rows = await this.database.query<Row[]>(
        `select ${COLUMNS} from vault.person_keys where key_id <> $1 limit ${PAGE}`,
        [this.keys.current('vault').id],
      );
      if (rows.length === 0) return count;
      for (const row of rows) {
        const { keyId, wrappedKey, ciphertext } = this.#seal(this.#open(row).key, row);
        await this.database.query(
          'update vault.person_keys set key_id = $2, wrapped_key = $3, ciphertext = $4 where id = $1',
          [row.id, keyId, wrappedKey, ciphertext],
        );
      }
      count += rows.length;
    }
  }

  async #findOrMake(person: Person): Promise<PersonKey> {
    const { keyId, wrappedKey, ciphertext } = this.#seal(randomBytes(32), person);
    const [row] = await this.database.query<Row[]>(
      `insert into vault.person_keys (id, tenant_id, person_id, key_id, wrapped_key, ciphertext)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (tenant_id, person_id) do update set person_id = excluded.person_id
       returning ${COLUMNS}`,
      [randomUuid(), ...valuesOf(person), keyId, wrappedKey, ciphertext],
    );
    if (!row) throw new Error('The vault kept no key of a person.');
    return this.#open(row);
  }

  #seal(key: Buffer, person: Person): Sealed {
    return seal(key.toString('base64'), contextOf(person), this.keys);
  }

  #open({ id, ...row }: Row): PersonKey {
    return { id, key: Buffer.from(unseal(row, contextOf(row), this.keys), 'base64') };
  }
}

const contextOf = ({ tenantId, personId }: Person) => JSON.stringify(['person', 1, tenantId, personId]);
const valuesOf = ({ tenantId, personId }: Person) => [tenantId, personId];
