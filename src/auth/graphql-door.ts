import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { v4 as randomUuid } from 'uuid';
import { DomainError } from '../domain-error.js';
import type { Origin } from '../event-store/command-request.js';
import { isUnavailable } from '../unavailable.js';
import type { Caller } from './caller.js';
import { originOf } from './origin.js';

declare module 'fastify' {
  interface FastifyRequest {
    /** Set once the caller is known. */
    origin?: Origin;
  }
}

const PATH = '/graphql';
const PLAIN_ID = /^[\w.:-]{1,100}$/;
const BEARER = /^Bearer ([\w.~+/-]+=*)$/i;

/** The id under which a request is found in logs, events and the audit trail: the caller's own if it is a plain one. */
export function correlationIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && PLAIN_ID.test(header) ? header : randomUuid();
}

/** Finds out who is calling, once per HTTP request and before its body is read. RFC 6750 says how to refuse. */
export function guardGraphqlDoor(
  server: FastifyInstance,
  authenticator: { authenticate(token: string): Promise<Caller> },
): void {
  server.addHook('onRequest', async (request, reply) => {
    // By the route that matched, not by the address: /%67raphql leads there as well.
    if (request.routeOptions.url !== PATH) return;
    if (request.method !== 'POST')
      return refuse(reply.code(405).header('allow', 'POST'), new DomainError('BAD_USER_INPUT', 'Use POST.'));
    try {
      request.origin = originOf(request, await authenticator.authenticate(bearerTokenOf(request)));
    } catch (error) {
      if (isUnavailable(error)) return refuse(reply.code(503).header('retry-after', '5'), unavailable(error));
      if (!(error instanceof DomainError)) throw error;
      return refuse(challenge(request, reply), error);
    }
  });
}

function bearerTokenOf({ headers }: FastifyRequest): string {
  const token = BEARER.exec(headers.authorization ?? '')?.[1];
  if (token) return token;
  throw new DomainError('UNAUTHENTICATED', 'Send an access token: Authorization: Bearer …');
}

/** A request without credentials gets no error code (RFC 6750, section 3.1). */
function challenge(request: FastifyRequest, reply: FastifyReply): FastifyReply {
  const error = request.headers.authorization === undefined ? '' : ', error="invalid_token"';
  return reply.code(401).header('www-authenticate', `Bearer realm="latchkey"${error}`);
}

const unavailable = (error: unknown) =>
  error instanceof DomainError ? error : new DomainError('UNAVAILABLE', 'Who you are cannot be told at the moment.');

function refuse(reply: FastifyReply, { code, message }: DomainError): FastifyReply {
  return reply.send({ errors: [{ message, extensions: { code } }] });
}
