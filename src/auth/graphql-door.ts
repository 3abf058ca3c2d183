import type { FastifyInstance } from 'fastify';
import { v4 as randomUuid } from 'uuid';
import { DomainError } from '../domain-error.js';
import { admit, refuse, type AuthenticatesBearers } from './bearer-door.js';

const PATH = '/graphql';
const PLAIN_ID = /^[\w.:-]{1,100}$/;

/** The id under which a request is found in logs, events and the audit trail: the caller's own if it is a plain one. */
export function correlationIdOf(header: string | string[] | undefined): string {
  return typeof header === 'string' && PLAIN_ID.test(header) ? header : randomUuid();
}

/** Finds out who is calling, once per HTTP request and before its body is read. */
export function guardGraphqlDoor(server: FastifyInstance, authenticator: AuthenticatesBearers): void {
  server.addHook('onRequest', async (request, reply) => {
    // By the route that matched, not by the address: /%67raphql leads there as well.
    if (request.routeOptions.url !== PATH) return;
    if (request.method !== 'POST')
      return refuse(reply.code(405).header('allow', 'POST'), new DomainError('BAD_USER_INPUT', 'Use POST.'));
    return admit(request, reply, authenticator);
  });
}
