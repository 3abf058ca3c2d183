import type { FastifyRequest } from 'fastify';
import { isIP } from 'node:net';
import type { Origin } from '../event-store/command-request.js';
import type { Caller } from './caller.js';

/** Where a request comes from, once it is known who is calling. */
export function originOf(request: FastifyRequest, caller: Caller): Origin {
  return { caller, correlationId: request.id, ip: addressOf(request), userAgent: userAgentOf(request) };
}

/** What a proxy says of the client, if it is an address at all; else that of the proxy. */
export const addressOf = ({ ip, socket }: FastifyRequest): string | null =>
  isIP(ip) ? ip : (socket.remoteAddress ?? null);

const userAgentOf = ({ headers }: FastifyRequest) =>
  headers['user-agent']?.replaceAll(/\p{C}/gu, '').slice(0, 500) ?? null;
