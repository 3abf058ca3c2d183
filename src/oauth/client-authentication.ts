import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { AppCredentials } from '../../projections/credentials.js';
import { AccessDenials } from '../audit/access-denials.js';
import { appCaller } from '../auth/caller.js';
import { addressOf, originOf } from '../auth/origin.js';
import { Clock } from '../clock.js';
import { DomainError } from '../domain-error.js';
import { Metrics } from '../metrics.js';
import { isClientId } from '../secrets/format.js';
import { Pepper } from '../secrets/pepper.js';
import { LastUse } from '../usage/last-use.js';
import { presentedCredentials, type ClientCredentials } from './client-credentials.js';
import { CredentialLookups } from './credential-lookups.js';
import { FailedAttempts } from './failed-attempts.js';
import type { Form } from './form.js';
import { InvalidClient, TooManyFailures } from './oauth-error.js';

export type OAuthRequest = FastifyRequest<{ Body: Form }>;
export type OAuthOperation = 'requestAccessToken' | 'introspectToken' | 'revokeAccessToken';

/** Looked up instead of an id that cannot be one of ours, so that a client that does not exist takes as long as one that does. */
const NOBODY = `lk_app_${'0'.repeat(22)}`;

/** Finds out which app is calling (RFC 6749, section 2.3.1). */
@Injectable()
export class ClientAuthentication {
  constructor(
    private readonly lookups: CredentialLookups,
    private readonly pepper: Pepper,
    private readonly failures: FailedAttempts,
    private readonly denials: AccessDenials,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    private readonly lastUse: LastUse,
  ) {}

  /** Throws `InvalidClient` or, after many failures, `TooManyFailures`. */
  async authenticate(request: OAuthRequest, operation: OAuthOperation): Promise<AppCredentials> {
    const presented = this.#presented(request);
    const { clientId, clientSecret, hasUsedHeader } = presented;
    const app = await this.lookups.app(isClientId(clientId) ? clientId : NOBODY);
    const holds = this.#holds(app, clientSecret);
    if (!app || !holds) throw this.#refusal(request, presented, app, operation);

    if (app.status !== 'ACTIVE') {
      this.#record(request, app, operation, new DomainError('APP_DISABLED', 'The app is disabled.'));
      this.metrics.clientAuthentications.inc({ outcome: 'refused' });
      throw new InvalidClient(hasUsedHeader, 'The app is disabled.');
    }
    this.metrics.clientAuthentications.inc({ outcome: 'ok' });
    this.lastUse.record('app', app, this.clock.now());
    return app;
  }

  #presented(request: OAuthRequest): ClientCredentials {
    try {
      return presentedCredentials(request.headers.authorization, request.body);
    } catch (error) {
      if (error instanceof InvalidClient) this.#count(null, request);
      throw error;
    }
  }

  /** Hashes also when there is nothing to compare with. */
  #holds(app: AppCredentials | null, clientSecret: string): boolean {
    const now = this.clock.now().getTime();
    const live = (app?.secrets ?? []).filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > now);
    return this.pepper.matches(clientSecret, ...live);
  }

  #refusal(
    request: OAuthRequest,
    { clientId, hasUsedHeader }: ClientCredentials,
    app: AppCredentials | null,
    operation: OAuthOperation,
  ): Error {
    if (app) {
      const error = new DomainError('UNAUTHENTICATED', 'The client secret is wrong.');
      // After the answer, which is not to tell by its time that there is such a client.
      setImmediate(() => this.#record(request, app, operation, error));
    }
    this.#count(clientId, request);
    return new InvalidClient(hasUsedHeader);
  }

  /** Throws when there were too many. */
  #count(clientId: string | null, request: OAuthRequest): void {
    // What cannot be a client id is not kept: it may be of any length, and there is nothing to guess.
    const wait = this.failures.add(
      clientId !== null && isClientId(clientId) ? clientId : null,
      addressOf(request) ?? '',
    );
    this.metrics.clientAuthentications.inc({ outcome: wait === null ? 'refused' : 'limited' });
    if (wait !== null) throw new TooManyFailures(wait);
  }

  #record(request: OAuthRequest, app: AppCredentials, operation: OAuthOperation, error: DomainError): void {
    this.denials.record(originOf(request, appCaller(app)), operation, error, { targetId: app.id });
  }
}
