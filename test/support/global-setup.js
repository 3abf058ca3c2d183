import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/src/embedded/embedded-postgres.js';
import { forkStandIn } from './fork-stand-in.js';

/**
 * One real PostgreSQL and one stand-in for EventStoreDB for the whole run; each spec file makes databases and stream prefixes of
 * its own in them. Needs the built service.
 */
export default async function globalSetup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  process.env.TEST_POSTGRES_URL = postgres.url;

  const eventStoreDb = await forkStandIn();
  process.env.TEST_EVENTSTOREDB_URL = eventStoreDb.url;

  globalThis.testServers = { postgres, dataDir, eventStoreDb };
}
