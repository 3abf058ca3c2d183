import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Logger } from 'pino';
import { correlationIdOf } from './auth/graphql-door.js';
import type { Settings } from './config.js';
import type { ErrorCode } from './domain-error.js';
import type { Metrics } from './metrics.js';

const BODY_LIMIT = 100_000;

export function createHttpAdapter(settings: Settings): FastifyAdapter {
  return new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    trustProxy: settings.trustProxy,
    requestTimeout: 30_000,
    // There is no middleware, and looking for some at each request is not free.
    skipMiddie: true,
    // What still arrives on an open connection while we stop is answered like everything else; then the connection ends.
    return503OnClosing: false,
    genReqId: ({ headers }: IncomingMessage) => correlationIdOf(headers['x-correlation-id'] ?? headers['x-request-id']),
    // A URL that cannot be decoded is the client's fault, and an answer like any other.
    frameworkErrors: (_error: FastifyError, request: FastifyRequest, reply: FastifyReply) =>
      void guarded(request, reply).code(400).send(failure('BAD_USER_INPUT', 'The address is malformed.')),
  });
}

/** What every answer of this server has in common: its id, its log line, its metrics, the form of its errors. */
export function furnish(app: NestFastifyApplication, log: Logger, metrics: Metrics): FastifyInstance {
  const server = app.getHttpAdapter().getInstance();
  server.server.on('connection', rememberAddress);

  server.addHook('onRequest', (request, reply, done) => {
    guarded(request, reply);
    done();
  });

  server.addHook('onResponse', (request, reply, done) => {
    const route = request.routeOptions.url ?? 'none';
    const milliseconds = reply.elapsedTime;
    metrics.requests.observe({ route, status: String(reply.statusCode) }, milliseconds / 1_000);
    log.info({
      requestId: request.id,
      method: request.method,
      route,
      status: reply.statusCode,
      milliseconds: Math.round(milliseconds),
    });
    done();
  });

  return server;
}

/** Node asks the system for an address once and keeps it. Asked later, when a request is refused, the client may be gone, and nobody knows. */
const rememberAddress = (socket: Socket) => socket.remoteAddress;

const guarded = (request: FastifyRequest, reply: FastifyReply): FastifyReply =>
  reply
    .header('x-correlation-id', request.id)
    .header('x-content-type-options', 'nosniff')
    .header('cache-control', 'no-store');

export const failure = (code: ErrorCode, message: string) => ({ errors: [{ message, extensions: { code } }] });
