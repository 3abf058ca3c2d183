import { Injectable } from '@nestjs/common';
import { Clock } from '../clock.js';
import { DomainError } from '../domain-error.js';
import { AccessTokens } from '../oauth/access-tokens.js';
import { Verification } from '../oauth/verification.js';
import { LastUse } from '../usage/last-use.js';
import { Authenticator } from './authenticator.js';
import { appCaller, type Caller } from './caller.js';

/** Who bears a token: a user by one of the OpenID provider, an app by an access token of ours. Personal access tokens are refused. */
@Injectable()
export class BearerAuthenticator {
  constructor(
    private readonly users: Authenticator,
    private readonly accessTokens: AccessTokens,
    private readonly verification: Verification,
    private readonly lastUse: LastUse,
    private readonly clock: Clock,
  ) {}

  async authenticate(token: string): Promise<Caller> {
    return this.accessTokens.isOurs(token) ? this.#app(token) : this.users.authenticate(token);
  }

  /** What the app may do is what it may do now, not when the token was issued. */
  async #app(token: string): Promise<Caller> {
    const credential = await this.verification.accessToken(token);
    if (credential?.claims.aud !== this.accessTokens.audience)
      throw new DomainError('UNAUTHENTICATED', 'The access token is not valid here.');
    this.lastUse.record('app', credential.app, this.clock.now());
    return appCaller(credential.app);
  }
}
