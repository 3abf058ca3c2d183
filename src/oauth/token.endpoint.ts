import { Injectable } from '@nestjs/common';
import { Metrics } from '../metrics.js';
import { AccessTokens } from './access-tokens.js';
import { ClientAuthentication, type OAuthRequest } from './client-authentication.js';
import { requiredParameter, type Form } from './form.js';
import { InvalidScope, InvalidTarget, UnsupportedGrantType } from './oauth-error.js';

/** RFC 6749, section 4.4: an app's own credentials for an access token. There is no refresh token. */
@Injectable()
export class TokenEndpoint {
  constructor(
    private readonly clients: ClientAuthentication,
    private readonly accessTokens: AccessTokens,
    private readonly metrics: Metrics,
  ) {}

  async answer(request: OAuthRequest) {
    const form = request.body;
    const app = await this.clients.authenticate(request, 'requestAccessToken');
    requireClientCredentials(form);
    refuseScope(form);
    this.#requireAudience(form);
    const { accessToken, expiresIn } = await this.accessTokens.issue(app);
    this.metrics.accessTokens.inc();
    return { access_token: accessToken, token_type: 'Bearer', expires_in: expiresIn };
  }

  /** RFC 8707, section 2, and `audience`, as some clients call it. What cannot be granted is refused, not replaced. */
  #requireAudience(form: Form): void {
    const asked = [form.get('resource'), form.get('audience')].filter((target) => target !== undefined);
    if (asked.every((target) => target === this.accessTokens.audience)) return;
    throw new InvalidTarget('Access tokens are issued for one audience, and this is another.');
  }
}

function requireClientCredentials(form: Form): void {
  if (requiredParameter(form, 'grant_type') !== 'client_credentials')
    throw new UnsupportedGrantType('The only grant type is client_credentials.');
}

/** RFC 6749, section 3.3: apps have no scopes, so whatever is asked for exceeds what could be granted. */
function refuseScope(form: Form): void {
  if (form.has('scope')) throw new InvalidScope('There are no scopes to be granted.');
}
