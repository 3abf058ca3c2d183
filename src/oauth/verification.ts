import { Injectable } from '@nestjs/common';
import type { AppCredentials, TokenCredentials } from '../../projections/credentials.js';
import { statusOf } from '../../projections/tokens.js';
import { Clock } from '../clock.js';
import { isWellFormed } from '../secrets/format.js';
import { AccessTokens, type AccessTokenClaims } from './access-tokens.js';
import { CredentialLookups } from './credential-lookups.js';

/** A credential that holds at this moment, and for whom. */
export type GoodCredential =
  | { kind: 'personal_access_token'; tenantId: string; token: TokenCredentials }
  | { kind: 'access_token'; tenantId: string; claims: AccessTokenClaims; app: AppCredentials };

const PERSONAL = 'lk_pat_';

/** Says whether a credential holds, from current state. It starts from "no", and everything has to speak for "yes". */
@Injectable()
export class Verification {
  constructor(
    private readonly lookups: CredentialLookups,
    private readonly accessTokens: AccessTokens,
    private readonly clock: Clock,
  ) {}

  /** `null` for whatever is not a credential that holds. */
  verify(text: string): Promise<GoodCredential | null> {
    return text.startsWith(PERSONAL) ? this.#personalAccessToken(text) : this.accessToken(text);
  }

  async accessToken(text: string): Promise<(GoodCredential & { kind: 'access_token' }) | null> {
    const claims = await this.accessTokens.read(text);
    if (!claims) return null;
    const [app, isRevoked] = await Promise.all([
      this.lookups.app(claims.client_id),
      this.lookups.isRevoked(claims.jti),
    ]);
    const isGood =
      app?.status === 'ACTIVE' &&
      app.generation === claims.generation &&
      app.tenantId === claims.tenant_id &&
      !isRevoked;
    if (!isGood) return null;
    return { kind: 'access_token', tenantId: app.tenantId, claims, app };
  }

  async #personalAccessToken(text: string): Promise<GoodCredential | null> {
    // A typing error shows without a look-up.
    if (!isWellFormed(text, PERSONAL)) return null;
    const token = await this.lookups.token(text);
    if (!token || statusOf(token, this.clock.now()) !== 'ACTIVE') return null;
    return { kind: 'personal_access_token', tenantId: token.tenantId, token };
  }
}
