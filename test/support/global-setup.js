import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/src/embedded/embedded-postgres.js';

/**
 * One real PostgreSQL and one stand-in for EventStoreDB for the whole run; each spec file makes databases and stream prefixes of
 * its own in them. Needs the built service.
 */
export default async function globalSetup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  process.env.TEST_POSTGRES_URL = postgres.url;

  const eventStoreDb = fork('test/eventstoredb/server.js', ['--port', '0'], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    execArgv: [],
  });
  const [ready] = await once(eventStoreDb.stdout, 'data');
  process.env.TEST_EVENTSTOREDB_URL = `esdb://127.0.0.1:${/\d+/.exec(ready)}?tls=false`;

  globalThis.testServers = { postgres, dataDir, eventStoreDb };
}
