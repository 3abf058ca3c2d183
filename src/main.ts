import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { Authenticator } from './auth/authenticator.js';
import { guardGraphqlDoor } from './auth/graphql-door.js';
import { readEnvironment, type Environment, type Settings } from './config.js';
import { publicUrlOf, startEmbedded } from './embedded/embedded.js';
import { openEventStore } from './event-store/open-event-store.js';
import { createHttpAdapter, furnish } from './http.js';
import { createLog, JsonLogger } from './logger.js';
import { Metrics } from './metrics.js';
import { createDatabase, migrate } from './postgres/database.js';
import { RootModule } from './root.module.js';

const stops: (() => Promise<unknown>)[] = [];
let starting: Promise<void> = Promise.resolve();

async function start(environment: Environment): Promise<void> {
  const log = createLog(environment.logLevel);
  const embedded = await startEmbedded(environment);
  stops.push(() => embedded.stop());
  const { settings } = embedded;

  const database = await reached('DATABASE_URL', createDatabase(settings.databaseUrl).initialize());
  stops.push(() => database.destroy());
  await migrate(database);
  const store = await reached('EVENT_STORE_URL', openEventStore(settings.eventStoreUrl, settings.streamPrefix));
  stops.push(() => store.close());

  const root = RootModule.over({ settings, database, store });
  const logger = new JsonLogger(log);
  const app = await NestFactory.create<NestFastifyApplication>(root, createHttpAdapter(settings), {
    logger,
    abortOnError: false,
  });
  stops.push(() => app.close());
  guardGraphqlDoor(furnish(app, log, app.get(Metrics)), app.get(Authenticator));
  await listen(app, settings);

  const { port } = new URL(await app.getUrl());
  const address = publicUrlOf({ publicUrl: settings.publicUrl, port: Number(port) });
  console.log(`Latchkey listens on ${address}: GraphQL at ${address}/graphql, health at ${address}/health/ready`);
  if (!environment.oidcIssuer) {
    console.log(
      `Development sign-in at ${settings.oidcIssuer} with the users ada (administrator), dev (developer), aud (auditor)`,
    );
    console.log('Get a token for curl with: npm run --silent token -- dev');
  }
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    throw new Error(`Port ${port} is taken. Stop what uses it, or choose another PORT.`, { cause: error });
  }
}

async function reached<Opened>(setting: string, opening: Promise<Opened>): Promise<Opened> {
  try {
    return await opening;
  } catch (error) {
    // Several addresses of one name fail as one error that says nothing itself.
    const [reason] = error instanceof AggregateError ? (error.errors as unknown[]) : [error];
    const sentence = reason instanceof Error ? reason.message : String(reason);
    throw new Error(`What ${setting} names cannot be used: ${sentence}.`, { cause: error });
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
