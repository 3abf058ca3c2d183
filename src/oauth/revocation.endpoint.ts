import { Injectable } from '@nestjs/common';
import type { AppCredentials } from '../../projections/credentials.js';
import { DomainError } from '../domain-error.js';
import { AccessTokens, type AccessTokenClaims } from './access-tokens.js';
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
    // Section 2.2: what does not hold anyway is as good as revoked. What is another tenant's is as if it did not exist.
    if (!credential) return this.#revokeWhatDoesNotHold(token, client);
    if (credential.tenantId !== client.tenantId) return;
    if (credential.kind !== 'access_token' || credential.app.id !== client.id)
      throw new UnauthorizedClient('The token was not issued to this client.');
    await this.#revoke(credential.claims);
  }

  /** Here, that is: by the clock of another instance, or by this one's when it steps back, it may hold yet. */
  async #revokeWhatDoesNotHold(token: string, client: AppCredentials): Promise<undefined> {
    // Answered as revoked, it would be good as soon as this instance learns of the key: it is to be sent again.
    if (this.accessTokens.isOfUnknownKey(token))
      throw new DomainError('UNAVAILABLE', 'The key that signed the token is not known here yet.');
    const claims = await this.accessTokens.read(token, KEPT_SECONDS);
    if (claims?.client_id === client.clientId) await this.#revoke(claims);
  }

  #revoke({ jti, exp }: AccessTokenClaims): Promise<void> {
    return this.revoked.add(jti, new Date(exp * 1_000));
  }
}
