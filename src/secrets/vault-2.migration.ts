import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The same command sent twice at once writes the same row twice. Only of the one key that it names does `on conflict` wait for
 * the other; of a second unique one it fails.
 */
export class OneKeyOfSecrets1764000000002 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table vault.client_secrets drop constraint client_secrets_secret_id_key;
create index on vault.client_secrets (secret_id);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
drop index vault.client_secrets_secret_id_idx;
alter table vault.client_secrets add unique (secret_id);
`);
  }
}
