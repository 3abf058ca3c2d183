import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres } from '../../dist/src/embedded/embedded-postgres.js';

/** One real PostgreSQL for the whole run; each spec file makes databases of its own in it. Needs the built service. */
export default async function globalSetup() {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-test-'));
  const postgres = await startEmbeddedPostgres({ dataDir });
  process.env.TEST_POSTGRES_URL = postgres.url;
  globalThis.testPostgres = { postgres, dataDir };
}
