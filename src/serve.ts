import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { ExportRoutes } from './audit/export/export.routes.js';
import { BearerAuthenticator } from './auth/bearer-authenticator.js';
import { guardGraphqlDoor } from './auth/graphql-door.js';
import { publicUrlOf, type Settings } from './config.js';
import { openEventStore } from './event-store/open-event-store.js';
import { createHttpAdapter, furnish } from './http.js';
import { createLog, JsonLogger } from './logger.js';
import { Metrics } from './metrics.js';
import { OAuthRoutes } from './oauth/oauth.routes.js';
import { PageRoutes } from './page/page.routes.js';
import { createDatabase, migrate } from './postgres/database.js';
import { RootModule } from './root.module.js';

/** Brings up the service on what the settings name; what must be stopped again is put on `stops` as it comes up. */
export async function serve(settings: Settings, stops: (() => Promise<unknown>)[]): Promise<void> {
  const log = createLog(settings.logLevel);
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
  const server = furnish(app, log, app.get(Metrics));
  guardGraphqlDoor(server, app.get(BearerAuthenticator));
  app.get(OAuthRoutes).register(server);
  app.get(ExportRoutes).register(server);
  app.get(PageRoutes).register(server);
  await listen(app, settings);

  if (settings.isProduction && settings.publicUrl === undefined)
    log.warn('PUBLIC_URL is not set: access tokens, metadata and heads name an address that only this machine knows.');
  const { port } = new URL(await app.getUrl());
  const address = publicUrlOf({ publicUrl: settings.publicUrl, port: Number(port) });
  console.log(`Latchkey listens on ${address}: GraphQL at ${address}/graphql, health at ${address}/health/ready`);
}

async function listen(app: NestFastifyApplication, { port, host }: Settings): Promise<void> {
  try {
    await app.listen(port, host);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE')
      throw new Error(`Port ${port} is taken. Stop what uses it, or choose another PORT.`, { cause: error });
    throw new Error(`HOST ${host} and PORT ${port} cannot be listened at: ${(error as Error).message}`, {
      cause: error,
    });
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
