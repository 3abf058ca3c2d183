import type { MigrationInterface, QueryRunner } from 'typeorm';

export class DaysOfUse1764000000030 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // In the order in which it is asked for and swept: a day at a time.
    await runner.query(/* sql */ `
create table usage.days_of_use (
  day date not null,
  tenant_id text not null,
  kind text not null check (kind in ('app', 'token')),
  id uuid not null,
  primary key (day, tenant_id, kind, id)
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table usage.days_of_use');
  }
}
