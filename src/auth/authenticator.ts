import { Injectable } from '@nestjs/common';
import { createRemoteJWKSet, errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { Settings } from '../config.js';
import { DomainError } from '../domain-error.js';
import { isPlainText } from '../graphql/plain-text.js';
import { isClientId } from '../secrets/format.js';
import { roles, type Caller, type Role } from './caller.js';
import { OpenIdProvider, TIMEOUT_MILLISECONDS, unreachable } from './openid-provider.js';

/** Signatures only: a token "signed" with `none`, or by HMAC with our provider's public key, is nobody's. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
const CLOCK_TOLERANCE_SECONDS = 5;

const tenantName = z.string().regex(/^[^\p{C}\s/]{1,100}$/u);
/**
 * Ends up in events and rows: one that PostgreSQL cannot keep would park what it did, and one that is no plain text could not be asked
 * for. A client id is the subject of its app alone: https://www.rfc-editor.org/rfc/rfc9700#section-4.15
 */
const subjectName = z
  .string()
  .regex(/^\P{C}*$/u)
  .refine((text) => isPlainText(text, { max: 255 }) && !isClientId(text));

const refused = (reason: string) => new DomainError('UNAUTHENTICATED', reason);

/** Turns the bearer token of an OpenID provider into a caller. */
@Injectable()
export class Authenticator {
  #keys: JWTVerifyGetKey | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly provider: OpenIdProvider,
  ) {}

  /** Throws UNAUTHENTICATED for a token that does not hold, UNAVAILABLE when the provider cannot be asked for its keys. */
  async authenticate(token: string): Promise<Caller> {
    const keys = await this.#providerKeys();
    return this.#callerOf(await this.#verify(token, keys));
  }

  async #verify(token: string, keys: JWTVerifyGetKey): Promise<JWTPayload> {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: this.settings.oidcIssuer,
        audience: this.settings.oidcAudience,
        algorithms: ALGORITHMS,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        requiredClaims: ['sub', 'exp'],
      });
      return payload;
    } catch (error) {
      if (error instanceof errors.JWTExpired) throw refused('The access token has expired.');
      if (isKeySetTrouble(error)) throw unreachable(error);
      throw refused('The access token is not valid here.');
    }
  }

  async #providerKeys(): Promise<JWTVerifyGetKey> {
    const { jwks_uri } = await this.provider.metadata();
    return (this.#keys ??= createRemoteJWKSet(new URL(jwks_uri), { timeoutDuration: TIMEOUT_MILLISECONDS }));
  }

  #callerOf(claims: JWTPayload): Caller {
    const tenantId = this.settings.tenantId ?? claimAt(claims, this.settings.oidcTenantClaim);
    const tenant = tenantName.safeParse(tenantId);
    if (!tenant.success)
      throw refused(`The access token names no tenant in its claim ${this.settings.oidcTenantClaim}.`);
    const subject = subjectName.safeParse(claims.sub);
    if (!subject.success) throw refused('The access token names no subject that can be a user.');

    const names = [claims['name'], claims['preferred_username'], claims['email']].map(printable);
    return {
      kind: 'USER',
      id: subject.data,
      name: names.find((name) => name.trim() !== '') ?? printable(subject.data),
      tenantId: tenant.data,
      roles: rolesIn(claimAt(claims, this.settings.oidcRolesClaim)),
      permissions: [],
    };
  }
}

/** A claim by its name or by its path: `realm_access.roles`. A name may itself hold dots, as addresses do. */
function claimAt(claims: JWTPayload, path: string): unknown {
  if (Object.hasOwn(claims, path)) return claims[path];
  return path.split('.').reduce<unknown>((value, step) => (isRecord(value) ? value[step] : undefined), claims);
}

/** A list, as text or as an array, or an object whose keys are the roles: providers do it in each way. */
function rolesIn(claim: unknown): Role[] {
  const values = typeof claim === 'string' ? claim.split(/[\s,]+/) : Array.isArray(claim) ? claim : keysOf(claim);
  const given = values.map((value) => (typeof value === 'string' ? value.toUpperCase() : ''));
  return roles.filter((role) => given.includes(role));
}

const keysOf = (value: unknown) => (isRecord(value) ? Object.keys(value).filter((key) => value[key]) : []);
const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null;

/** Names come from outside and end up in lists and exports: no control or direction characters, no endless ones. */
const printable = (text: unknown) =>
  typeof text === 'string' ? [...text.replaceAll(/\p{C}/gu, '')].slice(0, 200).join('') : '';

function isKeySetTrouble(error: unknown): boolean {
  if (error instanceof errors.JWKSTimeout || error instanceof errors.JWKSInvalid) return true;
  if (!(error instanceof errors.JOSEError)) return true;
  return error.code === 'ERR_JOSE_GENERIC';
}
