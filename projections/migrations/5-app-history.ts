import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What was there at a past moment. */
export class AppHistory1764000000012 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
create table read.app_versions (
  id              uuid primary key,
  app_id          uuid not null,
  tenant_id       text not null,
  client_id       text not null,
  name            text not null,
  description     text not null,
  status          text not null,
  permissions     text[] not null,
  secrets         jsonb not null,
  created_by_id   text not null,
  created_by_name text not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  valid_from      timestamptz not null,
  valid_to        timestamptz check (valid_to >= valid_from)
);
create index on read.app_versions (app_id) where valid_to is null;
create index on read.app_versions (app_id, valid_from);
create index on read.app_versions (tenant_id, created_at, app_id);
create index on read.app_versions (tenant_id, updated_at, app_id);
create index on read.app_versions (tenant_id, lower(name), app_id);

create index on read.tokens (tenant_id, created_at, id) where deleted_at is not null;
create index on read.tokens (tenant_id, expires_at, id) where deleted_at is not null;
create index on read.tokens (tenant_id, lower(name), id) where deleted_at is not null;
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
drop table read.app_versions;
drop index read.tokens_tenant_id_created_at_id_idx1, read.tokens_tenant_id_expires_at_id_idx1, read.tokens_tenant_id_lower_id_idx1;
`);
  }
}
