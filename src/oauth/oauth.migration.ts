import type { MigrationInterface, QueryRunner } from 'typeorm';

export class OAuth1764000000005 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
create schema oauth;

create table oauth.revoked_access_tokens (
  id         uuid primary key,
  expires_at timestamptz not null
);
create index on oauth.revoked_access_tokens (expires_at);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema oauth cascade');
  }
}
