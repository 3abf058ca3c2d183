import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { Args, Mutation, Resolver } from '@nestjs/graphql';
import { Authenticator } from '../../dist/src/auth/authenticator.js';
import { guardGraphqlDoor } from '../../dist/src/auth/graphql-door.js';
import { MeResolver } from '../../dist/src/auth/me.resolver.js';
import { readEnvironment } from '../../dist/src/config.js';
import { startEmbedded } from '../../dist/src/embedded/embedded.js';
import { openEventStore } from '../../dist/src/event-store/open-event-store.js';
import { createHttpAdapter, furnish } from '../../dist/src/http.js';
import { createLog, JsonLogger } from '../../dist/src/logger.js';
import { Metrics } from '../../dist/src/metrics.js';
import { createDatabase, migrate } from '../../dist/src/postgres/database.js';
import { doors, RootModule } from '../../dist/src/root.module.js';
import { CreateTokenInput, CreateTokenPayload } from '../../dist/src/tokens/tokens.types.js';

/**
 * The service with everything around a mutation - server, hooks, authentication, guard, validation, limits, GraphQL - and a
 * `createToken` that does nothing: what a mutation could reach at best.
 */
class EmptyResolver {
  createToken({ name }) {
    const person = { id: 'ada', name: 'Ada' };
    const now = new Date();
    const token = { id: '00000000-0000-4000-8000-000000000001', identifier: 'lk_id_1', name, status: 'ACTIVE' };
    return {
      token: { ...token, createdBy: person, createdAt: now, expiresAt: now },
      value: `lk_pat_${'0'.repeat(49)}`,
      position: '1',
      stale: false,
    };
  }
}

// What `@Mutation(() => CreateTokenPayload) createToken(@Args('input') input: CreateTokenInput)` comes to.
const { prototype } = EmptyResolver;
Reflect.defineMetadata('design:paramtypes', [CreateTokenInput], prototype, 'createToken');
Args('input')(prototype, 'createToken', 0);
Mutation(() => CreateTokenPayload, { complexity: 100 })(
  prototype,
  'createToken',
  Object.getOwnPropertyDescriptor(prototype, 'createToken'),
);
Resolver()(EmptyResolver);

const environment = readEnvironment({ ...process.env, ROLES: 'api' });
const { settings } = await startEmbedded(environment);
const database = await createDatabase(settings.databaseUrl).initialize();
await migrate(database);
const store = await openEventStore(settings.eventStoreUrl, settings.streamPrefix);
const log = createLog(environment.logLevel);

const root = RootModule.over({ settings, database, store });
const providers = [...root.providers.filter((provider) => !doors.includes(provider)), MeResolver, EmptyResolver];
const app = await NestFactory.create({ ...root, providers }, createHttpAdapter(settings), {
  logger: new JsonLogger(log),
});
guardGraphqlDoor(furnish(app, log, app.get(Metrics)), app.get(Authenticator));
await app.listen(settings.port, settings.host);

process.once('SIGTERM', () => process.exit(0));
