import { withoutIndexes } from './fill-trail.js';

const id = (number) => `('00000000-0000-4000-8000-' || lpad((${number})::text, 12, '0'))::uuid`;
const AT = (n) => `timestamptz '2026-01-01' + (${n}) * interval '1 second'`;

/**
 * Rows past the projector, as a million events make them: 50,000 apps of ten changes each, every fifth of them deleted at last, and
 * 200,000 tokens that are created and revoked, half of them deleted. An event a second, through all of the time.
 */
export async function fillHistory(client) {
  await withoutIndexes(client, 'app_versions', () =>
    client.query(
      `insert into read.app_versions (id, app_id, tenant_id, client_id, name, description, status, permissions, secrets, created_by_id,
                                      created_by_name, created_at, updated_at, valid_from, valid_to)
       select gen_random_uuid(), ${id('app')}, 'demo', 'lk_app_' || app, md5(app::text), 'Sends the invoices.',
              case change % 2 when 0 then 'ACTIVE' else 'DISABLED' end, '{}', '[]', 'ada', 'Ada', ${AT('app * 20')},
              ${AT('app * 20 + change * 10000')}, ${AT('app * 20 + change * 10000')},
              case when change < 9 or app % 5 = 0 then ${AT('app * 20 + (change + 1) * 10000')} end
       from generate_series(1, 50000) as apps (app), generate_series(0, 9) as changes (change)`,
    ),
  );
  await withoutIndexes(client, 'tokens', () =>
    client.query(
      `insert into read.tokens (id, tenant_id, identifier, name, owner_id, owner_name, secret_hash, pepper_id, created_at, expires_at,
                                recorded_status, revoked_at, revoked_by_id, revoked_by_name, deleted_at)
       select ${id('n')}, 'demo', 'lk_id_' || n, md5(n::text), 'ada', 'Ada', null, 'pepper-1', ${AT('n * 5')},
              ${AT('n * 5')} + interval '3 days', 'REVOKED', ${AT('n * 5 + 50000')}, 'ada', 'Ada',
              case when n % 2 = 0 then ${AT('n * 5 + 100000')} end
       from generate_series(1, 200000) as numbers (n)`,
    ),
  );
  await client.query('vacuum analyze');
}

/** From the first event to the last. */
export const momentAt = (share) =>
  new Date(Date.parse('2026-01-01T00:00:00Z') + share * 1_100_000 * 1_000).toISOString();
