const AT = `timestamptz '2026-01-01' + n * interval '1 second'`;
/** Ten entries are about each thing; every thousandth is rare in all that can be asked for. */
const TARGET = `(n - 1) / 10`;

const EXTENT = `
  insert into read.audit_hours
  select gen_random_uuid(), 'demo', date_trunc('hour', at), min(log_order), max(log_order) from read.audit_entries group by 3`;

/** Writes entries 1 to `count` of the audit trail past the projector: one a second, by fifty people from two hundred addresses. */
export async function fillTrail(client, count) {
  await withoutIndexes(client, 'audit_entries', () =>
    client.query(
      `insert into read.audit_entries (id, tenant_id, log_order, position, at, action, actor_kind, actor_id, actor_name, target_type,
                                       target_id, target_name, reason, ip, user_agent, correlation_id, details)
       select gen_random_uuid(), 'demo', n, n::text, ${AT},
              case when n % 1000 = 0 then 'TokenRevoked' when n % 10 = 1 then 'AppAdded' else 'AppDisabled' end,
              'USER', case when n % 1000 = 0 then 'user-rare' else 'user-' || n % 50 end, 'Somebody ' || n % 50,
              case when n % 1000 = 0 then 'TOKEN' else 'APP' end, ('00000000-0000-4000-8000-' || lpad((${TARGET})::text, 12, '0'))::uuid,
              md5((${TARGET})::text), null, '192.0.2.' || n % 200,
              'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36',
              md5(n::text), json_build_object('clientId', 'lk_app_' || n, 'description', 'Sends the invoices.')
       from generate_series(1, $1::int) as numbers (n)`,
      [count],
    ),
  );
  await client.query(EXTENT);
  await client.query('vacuum analyze');
}

/** Filling first and indexing afterwards takes a fraction of the time. */
export async function withoutIndexes(client, table, fill) {
  const { rows } = await client.query(
    `select indexrelid::regclass::text as name, pg_get_indexdef(indexrelid) as definition from pg_index
     where indrelid = $1::regclass and not indisunique`,
    [`read.${table}`],
  );
  for (const { name } of rows) await client.query(`drop index ${name}`);
  await fill();
  for (const { definition } of rows) await client.query(definition);
}
