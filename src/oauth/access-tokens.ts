import { Injectable } from '@nestjs/common';
import { decodeJwt, decodeProtectedHeader, errors, jwtVerify, SignJWT } from 'jose';
import { v4 as randomUuid } from 'uuid';
import { z } from 'zod';
import type { AppCredentials } from '../../projections/credentials.js';
import { Clock } from '../clock.js';
import { Settings } from '../config.js';
import { Keys } from '../secrets/keys.js';
import { Issuer } from './issuer.js';

const TYPE = 'at+jwt';
const THUMBPRINT = /^[\w-]{43}$/;
/** Strictly: decoders read over blanks and line ends. */
const COMPACT = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** What an access token says: RFC 9068, section 2.2, and whose it is here. */
const claims = z.object({
  iss: z.string(),
  aud: z.string(),
  sub: z.string(),
  client_id: z.string(),
  jti: z.uuid(),
  iat: z.int(),
  exp: z.int(),
  tenant_id: z.string(),
  /** That of the app when it was issued: see `AppRow.generation`. */
  generation: z.int(),
});
export type AccessTokenClaims = z.infer<typeof claims>;

/** Signs access tokens, and tells whether one is ours and in time. Whether it still holds is another question. */
@Injectable()
export class AccessTokens {
  constructor(
    private readonly keys: Keys,
    private readonly issuer: Issuer,
    private readonly settings: Settings,
    private readonly clock: Clock,
  ) {}

  /** The audience of every access token. */
  get audience(): string {
    return this.settings.accessTokenAudience ?? this.issuer.url;
  }

  async issue(app: AppCredentials): Promise<{ accessToken: string; expiresIn: number }> {
    const { id, alg, privateKey } = this.keys.signing(this.settings.accessTokenAlgorithm);
    const expiresIn = Math.floor(this.settings.accessTokenLifetime / 1_000);
    const iat = Math.floor(this.clock.now().getTime() / 1_000);
    const said: AccessTokenClaims = {
      iss: this.issuer.url,
      aud: this.audience,
      sub: app.clientId,
      client_id: app.clientId,
      jti: randomUuid(),
      iat,
      exp: iat + expiresIn,
      tenant_id: app.tenantId,
      generation: app.generation,
    };
    const accessToken = await new SignJWT(said).setProtectedHeader({ alg, typ: TYPE, kid: id }).sign(privateKey);
    return { accessToken, expiresIn };
  }

  /** `null` for what is not signed by a key of ours, is of another kind, or has expired, by some seconds more if so wanted. */
  async read(token: string, clockTolerance = 0): Promise<AccessTokenClaims | null> {
    if (!COMPACT.test(token)) return null;
    try {
      // Our own keys and nothing else: what a header says about where to find one (`jku`, `jwk`, `x5u`) is not looked at.
      const { payload } = await jwtVerify(token, ({ kid, alg }) => this.#keyOf(kid, alg), {
        algorithms: ['ES256', 'RS256'],
        typ: TYPE,
        issuer: this.issuer.url,
        currentDate: this.clock.now(),
        clockTolerance,
      });
      return claims.parse(payload);
    } catch (error) {
      if (error instanceof errors.JOSEError || error instanceof z.ZodError) return null;
      throw error;
    }
  }

  /** Whether it claims to be issued here: a hint where to ask, no proof. */
  isOurs(token: string): boolean {
    try {
      return decodeJwt(token).iss === this.issuer.url;
    } catch {
      return false;
    }
  }

  /**
   * Whether it may have been issued here with a key that this instance has not learned of. Nothing is proven of such a token: who
   * made it up gets an answer that is of no use.
   */
  isOfUnknownKey(token: string): boolean {
    if (!COMPACT.test(token)) return false;
    try {
      const { kid = '' } = decodeProtectedHeader(token);
      const { iss, exp = 0 } = decodeJwt(token);
      const isLiving = iss === this.issuer.url && exp * 1_000 > this.clock.now().getTime();
      return isLiving && THUMBPRINT.test(kid) && !this.keys.published().some(({ id }) => id === kid);
    } catch {
      return false;
    }
  }

  #keyOf(kid: string | undefined, alg: string) {
    const key = this.keys.published().find((published) => published.id === kid);
    if (key?.alg !== alg) throw new errors.JWKSNoMatchingKey();
    return key.publicJwk;
  }
}
