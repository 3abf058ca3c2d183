import type { MigrationInterface, QueryRunner } from 'typeorm';

/** In which hours the entries lie. */
export class AuditTrail1764000000011 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(/* sql */ `
create table read.audit_hours (
  id          uuid primary key,
  tenant_id   text not null,
  hour        timestamptz not null,
  first_order bigint not null,
  last_order  bigint not null
);
insert into read.audit_hours
select md5(tenant_id || '/' || hours)::uuid, tenant_id, to_timestamp(hours * 3600), min(log_order), max(log_order)
from (select tenant_id, log_order, floor(extract(epoch from at) / 3600)::bigint as hours from read.audit_entries) as entries
group by tenant_id, hours;
create unique index on read.audit_hours (tenant_id, hour);
`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('drop table read.audit_hours');
  }
}
