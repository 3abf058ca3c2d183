import { Injectable } from '@nestjs/common';
import type { AppCredentials } from '../../projections/credentials.js';
import { DomainError } from '../domain-error.js';
import { AccessTokens } from './access-tokens.js';
import { ClientAuthentication, type OAuthRequest } from './client-authentication.js';
import { requiredParameter } from './form.js';
import { UnauthorizedClient } from './oauth-error.js';
import { KEPT_SECONDS, RevokedAccessTokens } from './revoked-access-tokens.js';
import { Verification } from './verification.js';

/** RFC 7009: a client gives up an access token of its own. Personal access tokens are their owners' to revoke. */
@Injectable()
export class RevocationEndpoint {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly verification: Verification,
    private readonly accessTokens: AccessTokens,
    private readonly revoked: RevokedAccessTokens,
  ) {}

  async answer(request: OAuthRequest): Promise<undefined> {
    const token = requiredParameter(request.body, 'token');
    const client = await this.clients.authenticate(request, 'revokeAccessToken');
    const credential = await this.verification.verify(token);
    // Answered as revoked, it would be good as soon as this instance learns of the key: it is to be sent again.
    if (!credential && this.accessTokens.isOfUnknownKey(token))
      throw new DomainError('UNAVAILABLE', 'The key that signed the token is not known here yet.');
    if (!credential) await this.#revokeExpired(token, client);
    // Section 2.2: what does not hold anyway is as good as revoked. What is another tenant's is as if it did not exist.
    if (credential?.tenantId !== client.tenantId) return;
    if (credential.kind !== 'access_token' || credential.app.id !== client.id)
      throw new UnauthorizedClient('The token was not issued to this client.');
    await this.revoked.add(credential.claims.jti, new Date(credential.claims.exp * 1_000));
  }

  /** By the clock of another instance, or by this one's when it steps back, it may hold yet. */
  async #revokeExpired(token: string, client: AppCredentials): Promise<void> {
    const claims = await this.accessTokens.read(token, KEPT_SECONDS);
    if (claims?.client_id === client.clientId) await this.revoked.add(claims.jti, new Date(claims.exp * 1_000));
  }
}
