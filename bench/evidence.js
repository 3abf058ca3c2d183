import { createHash } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { keptOfGrowth } from '../dist/src/audit/evidence/kept-hashes.js';
import { rootOf } from '../dist/src/audit/evidence/merkle.js';
import { withStack } from './support/stack.js';
import { milliseconds, quantile } from './support/statistics.js';

const ENTRIES = 1_000_000;
const ROUNDS = 300;
const LIMIT_MILLISECONDS = 5;

/** How long does a proof take at a million entries, from request to answer? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('evidence');
    const { url } = await stack.service(databaseUrl);
    const root = await fillTree(client);
    const ask = (query) => graphql(url, stack.issuer.token, query);

    const { auditCheckpoint } = await ask('{ auditCheckpoint { size rootHash note } }');
    if (auditCheckpoint.rootHash !== root.toString('base64')) throw new Error('The root is not that of the leaves.');

    const questions = {
      'for comparison, me': () => '{ me { id } }',
      inclusion: () => `{ auditInclusionProof(entryId: "${idOf(some())}") { index size hashes } }`,
      consistency: () => `{ auditConsistencyProof(from: ${some() + 1}, to: ${ENTRIES}) { hashes } }`,
      'signed head': () => '{ auditCheckpoint { size rootHash note publicKey } }',
    };
    const told = [];
    for (const [name, question] of Object.entries(questions)) {
      const times = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const started = performance.now();
        await ask(question());
        if (round >= ROUNDS / 10) times.push(performance.now() - started);
      }
      told.push(`${name} p50 ${milliseconds(quantile(times, 0.5))} p95 ${milliseconds(quantile(times, 0.95))}`);
    }
    return `evidence: proofs at ${ENTRIES.toLocaleString('en')} entries: ${told.join(', ')} (limit ${LIMIT_MILLISECONDS} ms)`;
  });

const some = () => Math.floor(Math.random() * ENTRIES);
const idOf = (n) => `00000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** Writes entries and the hashes above them past the projector; answers the root. */
async function fillTree(client) {
  await client.query(
    `insert into read.audit_entries (id, tenant_id, log_order, position, at, action, actor_kind, actor_id, actor_name,
                                     ip, user_agent, correlation_id, details, leaf_index, leaf_hash)
     select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'demo', n + 1, n + 1,
            timestamptz '2026-01-01' + n * interval '1 second', 'TokenRevoked', 'USER', 'ada', 'Ada',
            '127.0.0.1', 'bench', 'bench', '{}', n, encode(sha256(n::text::bytea), 'base64')
     from generate_series(0, $1::int - 1) as numbers (n)`,
    [ENTRIES],
  );
  const leaves = Array.from({ length: ENTRIES }, (_, n) => createHash('sha256').update(String(n)).digest());
  const kept = keptOfGrowth(0, [], leaves);
  await client.query(
    `insert into read.audit_nodes (tenant_id, level, index, hash)
     select 'demo', * from unnest($1::smallint[], $2::bigint[], $3::text[])`,
    [kept.map(({ level }) => level), kept.map(({ index }) => index), kept.map(({ hash }) => hash.toString('base64'))],
  );
  // What autovacuum does within a minute.
  await client.query('vacuum analyze');
  return rootOf(leaves);
}

async function graphql(url, token, query) {
  const response = await globalThis.fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
    body: JSON.stringify({ query }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors[0].message);
  return data;
}
