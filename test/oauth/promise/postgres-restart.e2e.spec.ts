import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jest } from '@jest/globals';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '../../../src/embedded/embedded-postgres.js';
import { eventually } from '../../support/eventually.js';
import { startRelay, type Relay } from '../../support/relay.js';
import { flawsOf } from './history.js';
import { install, runCycles, type Installation } from './installation.js';

jest.setTimeout(180_000);

/** Of its own, so that it can be restarted; the relay is its address, whatever port it comes up on. */
let dataDir: string;
let postgres: EmbeddedPostgres;
let relay: Relay;
let installation: Installation;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-restart-'));
  postgres = await startEmbeddedPostgres({ dataDir });
  relay = await startRelay(postgres.url);
  installation = await install({ DATABASE_URL: relay.url });
});

afterAll(async () => {
  await installation.setup.end();
  await relay.stop();
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
});

it('two instances keep the promise when PostgreSQL is restarted in the middle', async () => {
  const witness = installation.witness();
  const running = runCycles(installation, witness, 150);
  await eventually(
    () => Promise.resolve(witness.count('inactive')),
    (count) => count > 50,
    60_000,
  );
  await postgres.stop();
  postgres = await startEmbeddedPostgres({ dataDir });
  relay.moveTo(postgres.url);
  const before = witness.count('inactive');
  await running;
  expect(flawsOf(witness.history)).toEqual([]);
  expect(witness.count('refused')).toBeGreaterThan(0);
  expect(witness.count('inactive')).toBeGreaterThan(before);
});
