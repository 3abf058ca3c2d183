import { setTimeout as sleep } from 'node:timers/promises';

/** Ids are made from numbers, so that a bench knows them. */
export const tokenId = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const ID = `('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`;
const SECRET_HASH = `translate(encode(sha256(n::text::bytea), 'base64'), '+/=', '-_')`;
const CREATED_AT = `timestamptz '2026-01-01' + n * interval '1 second'`;
const NAME = `md5(n::text)`;

const METADATA = `json_build_object('schemaVersion', 1, 'tenantId', 'demo',
  'actor', json_build_object('kind', 'USER', 'id', 'ada', 'name', 'Ada'), 'commandId', command_id, 'inputDigest', 'bench',
  '$correlationId', 'bench', '$causationId', command_id, 'ip', '127.0.0.1', 'userAgent', 'bench')`;

const SECRET = `'hash', ${SECRET_HASH}, 'pepperId', 'pepper-1'`;
const EVENTS = {
  TokenCreated: `json_build_object('tokenId', id, 'identifier', 'lk_id_' || n, 'name', ${NAME},
    'owner', json_build_object('id', 'ada', 'name', 'Ada'), 'secret', json_build_object(${SECRET}),
    'expiresAt', '2099-01-01T00:00:00.000Z', 'at', at)`,
  TokenRevoked: `json_build_object('tokenId', id, 'at', at)`,
  AppAdded: `json_build_object('appId', id, 'clientId', 'lk_app_' || n, 'name', ${NAME}, 'description', 'Sends the invoices.',
    'secret', json_build_object('id', command_id, 'hint', 'abcd', ${SECRET}), 'at', at)`,
  AppDisabled: `json_build_object('appId', id, 'at', at)`,
};

/** Puts an event on the log for each of the aggregates 1 to `count`, as the service would have, but in bulk. */
export async function fill(client, { type, revision = 0, count }) {
  const category = type.startsWith('App') ? 'app' : 'token';
  await client.query(
    `insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
     select (select coalesce(max(position), 0) from log.events) + n,
            'latchkey.${category}-' || id, $1, command_id, $2, ${EVENTS[type]}, ${METADATA}, clock_timestamp()
     from (select n, ${ID} as id, gen_random_uuid() as command_id,
                  to_char(${CREATED_AT}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
           from generate_series(1, $3::int) as numbers (n)) as numbered`,
    [revision, type, count],
  );
}

const MIX = [
  { type: 'AppAdded' },
  { type: 'AppDisabled', revision: 1 },
  { type: 'TokenCreated' },
  { type: 'TokenRevoked', revision: 1 },
];

/** Puts so many events of each of four types on the log. Answers how many they are together. */
export async function fillMix(client, count) {
  for (const event of MIX) await fill(client, { ...event, count });
  return MIX.length * count;
}

/** Resolves when every read model shows the whole log. */
export async function projected(client) {
  const behind = `select 1 from read.checkpoints
    where position is distinct from (select max(position)::text from log.events) limit 1`;
  while ((await client.query(behind)).rows.length > 0) await sleep(20);
}

/** Writes rows of apps and tokens past the projector: every tenth app is disabled, every tenth token revoked. */
export async function fillRows(client, count) {
  await client.query(
    `insert into read.apps (id, tenant_id, client_id, name, description, status, permissions, secrets, generation,
                            created_by_id, created_by_name, created_at, updated_at)
     select ${ID}, 'demo', 'lk_app_' || n, ${NAME}, 'Sends the invoices.', case n % 10 when 0 then 'DISABLED' else 'ACTIVE' end,
            '{}', '[]', 0, 'ada', 'Ada', ${CREATED_AT}, ${CREATED_AT}
     from generate_series(1, $1::int) as numbers (n)`,
    [count],
  );
  await client.query(
    `insert into read.tokens (id, tenant_id, identifier, name, owner_id, owner_name, secret_hash, pepper_id,
                              created_at, expires_at, recorded_status)
     select ${ID}, 'demo', 'lk_id_' || n, ${NAME}, 'ada', 'Ada', ${SECRET_HASH}, 'pepper-1',
            ${CREATED_AT}, timestamptz '2099-01-01' + n * interval '1 second', case n % 10 when 0 then 'REVOKED' else 'ACTIVE' end
     from generate_series(1, $1::int) as numbers (n)`,
    [count],
  );
  // What autovacuum does within a minute.
  await client.query('vacuum analyze');
}
