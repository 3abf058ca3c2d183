import type { MigrationInterface, QueryRunner } from 'typeorm';

export class PersonKeys1764000000020 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
create table vault.person_keys (
  id          uuid primary key,
  tenant_id   text not null,
  person_id   text not null,
  key_id      text not null,
  wrapped_key bytea not null,
  ciphertext  bytea not null,
  unique (tenant_id, person_id)
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table vault.person_keys');
  }
}
