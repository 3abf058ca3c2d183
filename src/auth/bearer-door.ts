import type { FastifyReply, FastifyRequest } from 'fastify';
import { DomainError } from '../domain-error.js';
import type { Origin } from '../event-store/command-request.js';
import { isUnavailable } from '../unavailable.js';
import { hasSeveralAuthorizations } from './authorization-header.js';
import type { Caller } from './caller.js';
import { originOf } from './origin.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller is known. */
    origin?: Origin;
  }
}

export type AuthenticatesBearers = { authenticate(token: string): Promise<Caller> };

const SCHEME = /^Bearer(?: |$)/i;
const BEARER = /^Bearer +([\w.~+/-]+=*)$/i;

/** Finds out who is calling, before the body of a request is read, or refuses as RFC 6750 says. */
export async function admit(
  request: FastifyRequest,
  reply: FastifyReply,
  authenticator: AuthenticatesBearers,
): Promise<FastifyReply | undefined> {
  try {
    request.origin = originOf(request, await authenticator.authenticate(bearerTokenOf(request)));
    return undefined;
  } catch (error) {
    if (isUnavailable(error)) return refuse(reply.code(503).header('retry-after', '5'), unavailable(error));
    if (!(error instanceof DomainError)) throw error;
    return refuse(challenge(request, reply), error);
  }
}

export function refuse(reply: FastifyReply, { code, message }: DomainError): FastifyReply {
  return reply.send({ errors: [{ message, extensions: { code } }] });
}

function bearerTokenOf(request: FastifyRequest): string {
  if (hasSeveralAuthorizations(request)) throw new DomainError('UNAUTHENTICATED', 'Send one Authorization header.');
  const token = BEARER.exec(request.headers.authorization ?? '')?.[1];
  if (token) return token;
  throw new DomainError('UNAUTHENTICATED', 'Send an access token: Authorization: Bearer …');
}

/** A request without credentials, or with those of another scheme, gets no error code (RFC 6750, section 3.1). */
function challenge(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = SCHEME.test(request.headers.authorization ?? '') ? ', error="invalid_token"' : '';
  return reply.code(401).header('www-authenticate', `Bearer realm="latchkey"${error}`);
}

const unavailable = (error: unknown) =>
  error instanceof DomainError ? error : new DomainError('UNAVAILABLE', 'Who you are cannot be told at the moment.');
