import { readEnvironment, type Environment } from './config.js';
import { startEmbedded } from './embedded/embedded.js';

const stops: (() => Promise<unknown>)[] = [];
let starting: Promise<void> = Promise.resolve();

async function start(environment: Environment): Promise<void> {
  // Loading the service takes about as long as PostgreSQL takes to come up.
  const [embedded, { serve }] = await Promise.all([startEmbedded(environment), import('./serve.js')]);
  stops.push(() => embedded.stop());
  const { settings } = embedded;
  await serve(settings, stops);

  if (!environment.oidcIssuer) {
    console.log(
      `Development sign-in at ${settings.oidcIssuer} with the users ada (administrator), dev (developer), aud (auditor)`,
    );
    console.log('Get a token for curl with: npm run --silent token -- dev');
  }
}

/** In reverse order of the start, to the end even when a part fails; a second signal does not wait for it. */
async function stop(): Promise<void> {
  // What is half up can be taken down only when it is up, or has failed.
  await starting.catch(() => undefined);
  const failures: unknown[] = [];
  for (const each of stops.splice(0).reverse()) await each().catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

function stopOn(signal: NodeJS.Signals): void {
  process.once(signal, () => {
    process.once(signal, () => process.exit(1));
    stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  });
}

function fail(error: unknown): never {
  console.error(error instanceof Error ? error.message : String(error));
  process.exit(1);
}

stopOn('SIGTERM');
stopOn('SIGINT');

try {
  starting = start(readEnvironment(process.env));
  await starting;
} catch (error) {
  await stop().catch(() => undefined);
  fail(error);
}
