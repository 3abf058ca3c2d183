import 'reflect-metadata';
import { projections } from '../../projections/projections.js';
import { rebuild } from '../../projections/rebuild.js';
import { readEnvironment } from '../config.js';
import { claimDataDirectory } from '../embedded/data-directory.js';
import { startEmbeddedPostgres } from '../embedded/embedded-postgres.js';
import { createDatabase, migrate } from '../postgres/database.js';

/** `npm run rebuild -- [name …]`: builds read models anew from the log, all of them unless some are named. */
async function main(names: string[]): Promise<void> {
  const environment = readEnvironment(process.env);
  if (environment.databaseUrl) await rebuildIn(environment.databaseUrl, names);
  else await withEmbeddedPostgres(environment.dataDir, (url) => rebuildIn(url, names));
  console.log(`Emptied: ${names.join(', ')}. Latchkey builds them anew from the log as it runs.`);
}

async function rebuildIn(url: string, names: string[]): Promise<void> {
  const database = await createDatabase(url).initialize();
  try {
    await migrate(database);
    await rebuild(database, names);
  } finally {
    await database.destroy();
  }
}

/** The server of a running Latchkey is left to it; one that had to be started for this is stopped again. */
async function withEmbeddedPostgres(dataDir: string, use: (url: string) => Promise<void>): Promise<void> {
  const claim = await claimDataDirectory(dataDir).catch(() => null);
  const postgres = await startEmbeddedPostgres({ dataDir });
  try {
    await use(postgres.url);
  } finally {
    if (claim) await postgres.stop();
    await claim?.release();
  }
}

const asked = process.argv.slice(2);
const everything = projections.map(({ name }) => name);
await main(asked.length > 0 ? asked : everything).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
});
