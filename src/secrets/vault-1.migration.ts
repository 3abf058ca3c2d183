import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Vault1764000000001 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
create schema vault;

create table vault.client_secrets (
  tenant_id   text not null,
  app_id      uuid not null,
  secret_id   uuid not null unique,
  key_id      text not null,
  wrapped_key bytea not null,
  ciphertext  bytea not null,
  touched_at  timestamptz not null,
  primary key (tenant_id, app_id, secret_id)
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema vault cascade');
  }
}
