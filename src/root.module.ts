import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import { Module, ValidationPipe, type DynamicModule } from '@nestjs/common';
import { APP_FILTER, APP_GUARD, APP_PIPE } from '@nestjs/core';
import { CqrsModule } from '@nestjs/cqrs';
import { GraphQLModule } from '@nestjs/graphql';
import type { FastifyRequest } from 'fastify';
import { DataSource } from 'typeorm';
import { AppHistoryQueries } from '../projections/app-history.js';
import { AppQueries } from '../projections/apps.js';
import { AuditQueries } from '../projections/audit-queries.js';
import { CredentialQueries } from '../projections/credentials.js';
import { EvidenceQueries } from '../projections/evidence.js';
import { Progress } from '../projections/progress.js';
import { TokenHistoryQueries } from '../projections/token-history.js';
import { TokenQueries } from '../projections/tokens.js';
import { AppView } from './apps/app-view.js';
import { appHandlers } from './apps/app.handlers.js';
import { AppsResolver } from './apps/apps.resolver.js';
import { SweepVaultJob } from './apps/sweep-vault.job.js';
import { AccessDenials } from './audit/access-denials.js';
import { ExportRoutes } from './audit/export/export.routes.js';
import { TrailExport } from './audit/export/trail-export.js';
import { AuditHeads } from './audit/audit-heads.js';
import { AuditTrailResolver } from './audit/audit-trail.resolver.js';
import { EvidenceResolver } from './audit/evidence.resolver.js';
import { HeadSigner } from './audit/head-signer.js';
import { PublishHeadsJob } from './audit/publish-heads.job.js';
import { Authenticator } from './auth/authenticator.js';
import { BearerAuthenticator } from './auth/bearer-authenticator.js';
import { MeResolver } from './auth/me.resolver.js';
import { OpenIdProvider } from './auth/openid-provider.js';
import { RolesGuard } from './auth/roles.guard.js';
import { Clock } from './clock.js';
import { Settings } from './config.js';
import { DomainError } from './domain-error.js';
import { DecideAndAppend } from './event-store/decide-and-append.js';
import { ErrorFilter } from './error.filter.js';
import { EVENT_STORE, type EventStore } from './event-store/event-store.js';
import { Commands } from './graphql/commands.js';
import { formatError } from './graphql/errors.js';
import { limitCost, limitShape, MOST_TOKENS } from './graphql/limits.js';
import type { RequestContext } from './graphql/request-context.js';
import { HealthController } from './health/health.controller.js';
import { Metrics } from './metrics.js';
import { AccessTokens } from './oauth/access-tokens.js';
import { ClientAuthentication } from './oauth/client-authentication.js';
import { CredentialLookups } from './oauth/credential-lookups.js';
import { FailedAttempts } from './oauth/failed-attempts.js';
import { IntrospectionEndpoint } from './oauth/introspection.endpoint.js';
import { Issuer } from './oauth/issuer.js';
import { JwksEndpoint } from './oauth/jwks.endpoint.js';
import { MetadataEndpoint } from './oauth/metadata.endpoint.js';
import { OAuthRoutes } from './oauth/oauth.routes.js';
import { RevocationEndpoint } from './oauth/revocation.endpoint.js';
import { RevokedAccessTokens } from './oauth/revoked-access-tokens.js';
import { TokenEndpoint } from './oauth/token.endpoint.js';
import { Verification } from './oauth/verification.js';
import { ErasePersonalDataHandler } from './personal-data/erase-personal-data.handler.js';
import { PersonKeys } from './personal-data/person-keys.js';
import { PersonalDataResolver } from './personal-data/personal-data.resolver.js';
import { sealingLog } from './personal-data/sealing-log.js';
import { PageRoutes } from './page/page.routes.js';
import { Freshness } from './read-side/freshness.js';
import { ProjectionsResolver } from './read-side/projections.resolver.js';
import { ProjectorService, reachedBy } from './read-side/projector.service.js';
import { Scheduler } from './scheduler.js';
import { ClientSecrets } from './secrets/client-secrets.js';
import { Keys } from './secrets/keys.js';
import { Pepper } from './secrets/pepper.js';
import { ExpireTokensJob } from './tokens/expire-tokens.job.js';
import { TokenBatches } from './tokens/token-batches.handlers.js';
import { TokenView } from './tokens/token-view.js';
import { tokenHandlers } from './tokens/token.handlers.js';
import { TokensResolver } from './tokens/tokens.resolver.js';
import { usageParts } from './usage/last-use.js';
import { SweepLastUseJob } from './usage/sweep-last-use.job.js';
import { UsageResolver } from './usage/usage.resolver.js';

export const doors = [
  MeResolver,
  AppsResolver,
  TokensResolver,
  AuditTrailResolver,
  EvidenceResolver,
  ProjectionsResolver,
  UsageResolver,
  PersonalDataResolver,
];
const commands = [
  DecideAndAppend,
  ...appHandlers,
  ...tokenHandlers,
  TokenBatches,
  ErasePersonalDataHandler,
  Commands,
  AccessDenials,
];
const oauth = [
  OAuthRoutes,
  TokenEndpoint,
  IntrospectionEndpoint,
  RevocationEndpoint,
  MetadataEndpoint,
  JwksEndpoint,
  ClientAuthentication,
  FailedAttempts,
  Verification,
  CredentialLookups,
  AccessTokens,
  RevokedAccessTokens,
  Issuer,
];
const jobs = [Scheduler, ExpireTokensJob, PublishHeadsJob, SweepVaultJob, SweepLastUseJob];
const parts = [
  OpenIdProvider,
  Authenticator,
  BearerAuthenticator,
  Freshness,
  ClientSecrets,
  PersonKeys,
  Keys,
  Pepper,
  Clock,
  Metrics,
  AppView,
  TokenView,
  ...usageParts,
  AuditHeads,
  HeadSigner,
  ProjectorService,
  ExportRoutes,
  TrailExport,
  PageRoutes,
];

/** What exists before Nest does. */
export type Foundations = { settings: Settings; database: DataSource; store: EventStore };

@Module({})
export class RootModule {
  static over({ settings, database, store }: Foundations): DynamicModule {
    return {
      module: RootModule,
      imports: [CqrsModule.forRoot(), graphqlModule(settings)],
      controllers: [HealthController],
      providers: [
        { provide: Settings, useValue: settings },
        { provide: DataSource, useValue: database },
        { provide: EVENT_STORE, useFactory: (keys: PersonKeys) => sealingLog(store, keys), inject: [PersonKeys] },
        { provide: AppQueries, useFactory: () => new AppQueries(database) },
        { provide: AppHistoryQueries, useFactory: () => new AppHistoryQueries(database) },
        { provide: TokenQueries, useFactory: () => new TokenQueries(database) },
        { provide: TokenHistoryQueries, useFactory: () => new TokenHistoryQueries(database) },
        { provide: CredentialQueries, useFactory: () => new CredentialQueries(database) },
        { provide: AuditQueries, useFactory: () => new AuditQueries(database) },
        { provide: EvidenceQueries, useFactory: () => new EvidenceQueries(database) },
        { provide: Progress, useFactory: () => new Progress(() => reachedBy(database)) },
        { provide: APP_FILTER, useClass: ErrorFilter },
        { provide: APP_GUARD, useClass: RolesGuard },
        { provide: APP_PIPE, useValue: new ValidationPipe({ transform: true, exceptionFactory: badInput }) },
        ...parts,
        ...oauth,
        ...commands,
        ...jobs,
        ...doors,
      ],
    };
  }
}

function graphqlModule({ isProduction }: Settings): DynamicModule {
  const clock = new Clock();
  return GraphQLModule.forRoot<ApolloDriverConfig>({
    driver: ApolloDriver,
    autoSchemaFile: true,
    sortSchema: true,
    graphiql: false,
    introspection: !isProduction,
    hideSchemaDetailsFromClientErrors: isProduction,
    includeStacktraceInErrorResponses: false,
    preserveHttpStatusForExecutionErrors: false,
    parseOptions: { maxTokens: MOST_TOKENS },
    validationRules: [limitShape],
    plugins: [limitCost],
    formatError,
    context: ({ origin }: FastifyRequest): RequestContext => {
      if (!origin) throw new DomainError('UNAUTHENTICATED', 'Send an access token.');
      return { origin, clock };
    },
  });
}

type Problem = { constraints?: Record<string, string>; children?: Problem[] };

function badInput(problems: Problem[]) {
  const sentences = (problem: Problem): string[] => [
    ...Object.values(problem.constraints ?? {}),
    ...(problem.children ?? []).flatMap(sentences),
  ];
  return new DomainError('BAD_USER_INPUT', `${problems.flatMap(sentences).join('; ')}.`);
}
