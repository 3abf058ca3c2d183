import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What it takes to say whether a credential holds. */
export class Credentials1764000000004 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table read.checkpoints add column is_whole boolean not null default true;
alter table read.checkpoints alter column is_whole set default false;

alter table read.apps add column generation int not null default 0;
alter table read.apps alter column generation drop default;
update read.apps app set generation = (
  select count(*) from read.audit_entries entry where entry.target_id = app.id and entry.action = 'AppDisabled');
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table read.apps drop column generation;
alter table read.checkpoints drop column is_whole;
`);
  }
}
