import type { FastifyRequest } from 'fastify';
import type { Origin } from '../event-store/command-request.js';
import type { Caller } from './caller.js';

/** Where a request comes from, once it is known who is calling. */
export function originOf(request: FastifyRequest, caller: Caller): Origin {
  return { caller, correlationId: request.id, ip: request.ip, userAgent: userAgentOf(request) };
}

const userAgentOf = ({ headers }: FastifyRequest) =>
  headers['user-agent']?.replaceAll(/\p{C}/gu, '').slice(0, 500) ?? null;
