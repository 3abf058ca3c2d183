import { Injectable } from '@nestjs/common';
import type { AppCredentials, TokenCredentials } from '../../projections/credentials.js';
import { AccessDenials } from '../audit/access-denials.js';
import { appCaller } from '../auth/caller.js';
import { originOf } from '../auth/origin.js';
import { Clock } from '../clock.js';
import { DomainError } from '../domain-error.js';
import { Metrics } from '../metrics.js';
import { LastUse } from '../usage/last-use.js';
import type { AccessTokenClaims } from './access-tokens.js';
import { ClientAuthentication, type OAuthRequest } from './client-authentication.js';
import { requiredParameter } from './form.js';
import { Issuer } from './issuer.js';
import { UnauthorizedClient } from './oauth-error.js';
import { Verification, type GoodCredential } from './verification.js';

const INACTIVE = { active: false };

/** RFC 7662: whether a token holds at this moment, and for whom. */
@Injectable()
export class IntrospectionEndpoint {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly verification: Verification,
    private readonly issuer: Issuer,
    private readonly denials: AccessDenials,
    private readonly metrics: Metrics,
    private readonly lastUse: LastUse,
    private readonly clock: Clock,
  ) {}

  async answer(request: OAuthRequest) {
    const token = requiredParameter(request.body, 'token');
    // Looked up together with the caller's own credentials; what kind of token the hint names does not matter.
    const [caller, credential] = await Promise.all([
      this.clients.authenticate(request, 'introspectToken'),
      this.verification.verify(token),
    ]);
    this.#requirePermission(request, caller);
    const isVisible = credential?.tenantId === caller.tenantId;
    this.metrics.introspections.inc({ outcome: isVisible ? 'active' : 'inactive' });
    if (!credential || !isVisible) return INACTIVE;
    this.#recordUse(credential);
    return this.#told(credential);
  }

  #recordUse(credential: GoodCredential): void {
    const now = this.clock.now();
    if (credential.kind === 'access_token') return this.lastUse.record('app', credential.app, now);
    return this.lastUse.record('token', credential.token, now);
  }

  #requirePermission(request: OAuthRequest, caller: AppCredentials): void {
    if (caller.permissions.includes('INTROSPECT_TOKENS')) return;
    const message = 'The app may not introspect tokens.';
    const refusal = new DomainError('FORBIDDEN', message);
    this.denials.record(originOf(request, appCaller(caller)), 'introspectToken', refusal, { targetId: caller.id });
    throw new UnauthorizedClient(message, 403);
  }

  #told(credential: GoodCredential) {
    return credential.kind === 'access_token'
      ? accessTokenTold(this.issuer.url, credential.claims)
      : personalAccessTokenTold(this.issuer.url, credential.token);
  }
}

const accessTokenTold = (iss: string, claims: AccessTokenClaims) => ({
  active: true,
  iss,
  token_type: 'Bearer',
  kind: 'access_token',
  sub: claims.sub,
  client_id: claims.client_id,
  aud: claims.aud,
  jti: claims.jti,
  iat: claims.iat,
  exp: claims.exp,
  tenant_id: claims.tenant_id,
});

const personalAccessTokenTold = (iss: string, token: TokenCredentials) => ({
  active: true,
  iss,
  token_type: 'Bearer',
  kind: 'personal_access_token',
  sub: token.ownerId,
  // Not told of a person whose data was erased.
  username: token.ownerName ?? undefined,
  jti: token.identifier,
  iat: seconds(token.createdAt),
  exp: seconds(token.expiresAt),
  tenant_id: token.tenantId,
});

const seconds = (at: Date) => Math.floor(at.getTime() / 1_000);
