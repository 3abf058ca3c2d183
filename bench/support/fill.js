import { setTimeout as sleep } from 'node:timers/promises';
import { Clock } from '../../dist/src/clock.js';
import { developmentKeyRing } from '../../dist/src/embedded/development-key-ring.js';
import { PersonKeys } from '../../dist/src/personal-data/person-keys.js';
import { sealPerson } from '../../dist/src/personal-data/sealed-person.js';
import { Keys } from '../../dist/src/secrets/keys.js';

/** Ids are made from numbers, so that a bench knows them. */
export const tokenId = (number) => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;

const ID = `('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid`;
const SECRET_HASH = `translate(encode(sha256(n::text::bytea), 'base64'), '+/=', '-_')`;
const CREATED_AT = `timestamptz '2026-01-01' + n * interval '1 second'`;
const NAME = `md5(n::text)`;

const METADATA = `json_build_object('schemaVersion', 2, 'tenantId', 'demo',
  'actor', json_build_object('kind', 'USER', 'id', 'ada', 'name', 'Ada'), 'commandId', id, 'inputDigest', 'bench',
  '$correlationId', 'bench', '$causationId', id, 'ip', '127.0.0.1', 'userAgent', 'bench')`;

const SECRET = `'hash', ${SECRET_HASH}, 'pepperId', 'pepper-1'`;
const EVENTS = {
  TokenCreated: `json_build_object('tokenId', subject, 'identifier', 'lk_id_' || n, 'name', ${NAME},
    'owner', json_build_object('id', 'ada'), 'secret', json_build_object(${SECRET}),
    'expiresAt', '2099-01-01T00:00:00.000Z', 'at', at)`,
  TokenRevoked: `json_build_object('tokenId', subject, 'at', at)`,
  AppAdded: `json_build_object('appId', subject, 'clientId', 'lk_app_' || n, 'name', ${NAME}, 'description', 'Sends the invoices.',
    'secret', json_build_object('id', id, 'hint', 'abcd', ${SECRET}), 'at', at)`,
  AppDisabled: `json_build_object('appId', subject, 'at', at)`,
};
const PAGE = 10_000;

/** Puts an event on the log for each of the aggregates 1 to `count`, as the service would have, but in bulk. */
export async function fill(stack, client, { type, revision = 0, count }) {
  const key = await keyOfAda(stack, client);
  const category = type.startsWith('App') ? 'app' : 'token';
  for (let from = 1; from <= count; from += PAGE) {
    const { rows } = await client.query(
      `select id, 'latchkey.${category}-' || subject as stream, ${EVENTS[type]} as data, ${METADATA} as metadata
       from (select n, ${ID} as subject, gen_random_uuid() as id, to_char(${CREATED_AT}, 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as at
             from generate_series($1::int, $2::int) as numbers (n)) as numbered`,
      [from, Math.min(from + PAGE - 1, count)],
    );
    const events = rows.map((event) => sealPerson(event, key));
    await client.query(
      `insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
       select (select coalesce(max(position), 0) from log.events) + place, stream, $1, id, $2, data, metadata, clock_timestamp()
       from unnest($3::text[], $4::uuid[], $5::json[], $6::json[]) with ordinality as event (stream, id, data, metadata, place)`,
      [revision, type, ...['stream', 'id', 'data', 'metadata'].map((column) => events.map((event) => event[column]))],
    );
  }
}

/** What events tell of their actor is sealed under this one. */
async function keyOfAda({ dataDir }, client) {
  const database = { query: async (text, values) => (await client.query(text, values)).rows };
  const keys = new Keys(await developmentKeyRing(dataDir), new Clock());
  return new PersonKeys(database, keys).of({ tenantId: 'demo', personId: 'ada' });
}

const MIX = [
  { type: 'AppAdded' },
  { type: 'AppDisabled', revision: 1 },
  { type: 'TokenCreated' },
  { type: 'TokenRevoked', revision: 1 },
];

/** Puts so many events of each of four types on the log. Answers how many they are together. */
export async function fillMix(stack, client, count) {
  for (const event of MIX) await fill(stack, client, { ...event, count });
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
