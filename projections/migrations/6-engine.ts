import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What it takes to build read models beside the old ones, to park streams, and to notice a runner that is frozen. */
export class Engine1764000000013 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
alter table read.checkpoints add column version int not null default 1;
alter table read.checkpoints alter column version drop default;
alter table read.checkpoints add column edition int not null default 0;

create table read.runner (
  is_only  boolean primary key default true check (is_only),
  alive_at timestamptz not null
);

create table read.parked_streams (
  projection    text not null,
  stream        text not null,
  tenant_id     text not null,
  subject       uuid,
  event_id      uuid not null,
  event_type    text not null,
  revision      bigint not null,
  error         text not null,
  attempts      int not null,
  waiting       int not null,
  parked_at     timestamptz not null default now(),
  last_tried_at timestamptz not null default now(),
  primary key (projection, stream)
);
create index on read.parked_streams (subject);

create table read.rebuilds (
  projection text primary key,
  version    int not null,
  position   text,
  head       text,
  digest     numeric(20) not null default 0,
  asked_at   timestamptz not null default now(),
  error      text
);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
drop table read.rebuilds, read.parked_streams, read.runner;
alter table read.checkpoints drop column version, drop column edition;
`);
  }
}
