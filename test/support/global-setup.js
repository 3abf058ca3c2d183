import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/src/embedded/embedded-postgres.js';
import { forkStandIn } from './fork-stand-in.js';

/**
 * One real PostgreSQL and one stand-in for EventStoreDB for the whole run; each spec file makes databases and stream prefixes of
 * its own in them. Needs the built service.
 */
export default async function globalSetup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  await trustTheMachine(postgres.url);
  process.env.TEST_POSTGRES_URL = postgres.url;

  const eventStoreDb = await forkStandIn();
  process.env.TEST_EVENTSTOREDB_URL = eventStoreDb.url;

  globalThis.testServers = { postgres, dataDir, eventStoreDb };
}

/** Specs kill processes, never the machine: nothing need be on the disk when a database is made or a transaction committed. */
async function trustTheMachine(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query('alter system set fsync = off');
  await client.query('select pg_reload_conf()');
  await client.end();
}
