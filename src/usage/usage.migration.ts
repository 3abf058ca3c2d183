import type { MigrationInterface, QueryRunner } from 'typeorm';

export class Usage1764000000003 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    // Each row is updated again and again: with room left on its page that touches no index.
    await runner.query(/* sql */ `
create schema usage;

create table usage.last_used (
  id uuid primary key,
  at timestamptz not null
) with (fillfactor = 70);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema usage cascade');
  }
}
