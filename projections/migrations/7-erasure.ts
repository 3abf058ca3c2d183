import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Room for people whose data were erased, and for what the evidence has of them. */
export class Erasure1764000000021 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table read.apps alter column created_by_name drop not null;
alter table read.app_versions alter column created_by_name drop not null;
alter table read.tokens alter column owner_name drop not null;
alter table read.audit_entries
  alter column actor_name drop not null,
  add column commitment text,
  add column salt text;
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table read.audit_entries drop column commitment, drop column salt;
`);
  }
}
