import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { v4 as randomUuid } from 'uuid';
import { DomainError } from '../domain-error.js';
import { admit, refuse, type AuthenticatesBearers } from './bearer-door.js';

const PATH = '/graphql';
const PLAIN_ID = /^[\w.:-]{1,100}$/;

/** The id under which a request is found in logs, events and the audit trail: the caller's own if it is a plain one. */
export function correlationIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && PLAIN_ID.test(header) ? header : randomUuid();
}

/** Finds out who is calling, once per HTTP request and before its body is read. Of use for routes that come after it. */
export function guardGraphqlDoor(server: FastifyInstance, authenticator: AuthenticatesBearers): void {
  server.addHook('onRoute', (route) => {
    // The route itself is guarded, not an address: /%67raphql leads there as well.
    if (route.url === PATH) route.onRequest = (request, reply) => enter(request, reply, authenticator);
  });
}

async function enter(request: FastifyRequest, reply: FastifyReply, authenticator: AuthenticatesBearers) {
  if (request.method !== 'POST')
    return refuse(reply.code(405).header('allow', 'POST'), new DomainError('BAD_USER_INPUT', 'Use POST.'));
  return admit(request, reply, authenticator);
}
