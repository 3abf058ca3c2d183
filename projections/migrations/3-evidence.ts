import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Trees over the audit entries. Rows that are there already get their places when the trail is built anew. */
export class Evidence1764000000010 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table read.audit_entries add column leaf_index bigint, add column leaf_hash text;
create unique index on read.audit_entries (tenant_id, leaf_index);
create index on read.audit_entries (tenant_id) where leaf_index is null;

create table read.audit_nodes (
  tenant_id text not null,
  level     smallint not null,
  index     bigint not null,
  hash      text not null,
  primary key (tenant_id, level, index)
);

create schema audit;

-- What was signed stays signed: no read model, and never rebuilt.
create table audit.heads (
  tenant_id  text not null,
  size       bigint not null,
  root_hash  text not null,
  note       text not null,
  public_key text not null,
  signed_at  timestamptz not null default now(),
  sent_at    timestamptz,
  primary key (tenant_id, size)
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
drop schema audit cascade;
drop table read.audit_nodes;
alter table read.audit_entries drop column leaf_index, drop column leaf_hash;
`);
  }
}
