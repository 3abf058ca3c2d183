import type { MigrationInterface, QueryRunner } from 'typeorm';

export class ReadModels1764000000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
create schema read;

create table read.checkpoints (
  name        text primary key,
  position    text,
  advanced_at timestamptz not null default now()
);

create table read.apps (
  id              uuid primary key,
  tenant_id       text not null,
  client_id       text not null unique,
  name            text not null,
  description     text not null,
  status          text not null,
  permissions     text[] not null,
  secrets         jsonb not null,
  created_by_id   text not null,
  created_by_name text not null,
  created_at      timestamptz not null,
  updated_at      timestamptz not null,
  deleted_at      timestamptz
);
create index on read.apps (tenant_id, created_at, id) where deleted_at is null;
create index on read.apps (tenant_id, updated_at, id) where deleted_at is null;
create index on read.apps (tenant_id, lower(name), id) where deleted_at is null;
create index on read.apps (tenant_id, status) where deleted_at is null;

create table read.tokens (
  id               uuid primary key,
  tenant_id        text not null,
  identifier       text not null unique,
  name             text not null,
  owner_id         text not null,
  owner_name       text not null,
  secret_hash      text unique,
  pepper_id        text not null,
  created_at       timestamptz not null,
  expires_at       timestamptz not null,
  recorded_status  text not null,
  revoked_at       timestamptz,
  revoked_by_id    text,
  revoked_by_name  text,
  deleted_at       timestamptz,
  ended_by_command uuid,
  ended_by_digest  text
);
create index on read.tokens (tenant_id, created_at, id) where deleted_at is null;
create index on read.tokens (tenant_id, expires_at, id) where deleted_at is null;
create index on read.tokens (tenant_id, lower(name), id) where deleted_at is null;
create index on read.tokens (tenant_id, recorded_status) where deleted_at is null;
create index on read.tokens (tenant_id, owner_id, created_at, id) where deleted_at is null;
create index on read.tokens (expires_at) where deleted_at is null and recorded_status = 'ACTIVE';
create index on read.tokens (ended_by_command) where ended_by_command is not null;

create table read.audit_entries (
  id             uuid primary key,
  tenant_id      text not null,
  log_order      bigint not null,
  position       text not null,
  at             timestamptz not null,
  action         text not null,
  actor_kind     text not null,
  actor_id       text not null,
  actor_name     text not null,
  target_type    text,
  target_id      uuid,
  target_name    text,
  reason         text,
  ip             text,
  user_agent     text,
  correlation_id text not null,
  details        jsonb not null
);
create index on read.audit_entries (tenant_id, log_order);
create index on read.audit_entries (tenant_id, actor_id, log_order);
create index on read.audit_entries (tenant_id, action, log_order);
create index on read.audit_entries (target_id, log_order) where target_id is not null;
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop schema read cascade');
  }
}
