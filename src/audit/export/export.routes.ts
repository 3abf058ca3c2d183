import { Injectable, Logger, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { Readable } from 'node:stream';
import { authorise } from '../../auth/access.js';
import { admit } from '../../auth/bearer-door.js';
import { BearerAuthenticator } from '../../auth/bearer-authenticator.js';
import { DomainError, type ErrorCode } from '../../domain-error.js';
import type { Origin } from '../../event-store/command-request.js';
import { failure } from '../../http.js';
import { isUnavailable } from '../../unavailable.js';
import { AccessDenials } from '../access-denials.js';
import { exportFormats } from './export-formats.js';
import { exportRequest } from './export-request.js';
import { TrailExport } from './trail-export.js';

const PATH = '/audit/export';
const OTHER_METHODS: HTTPMethods[] = ['HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const BUFFERED = 65_536;

const statuses: Partial<Record<ErrorCode, number>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  BAD_USER_INPUT: 400,
  UNAVAILABLE: 503,
};

type ExportCall = FastifyRequest<{ Querystring: Record<string, unknown> }>;

/** `GET /audit/export`: a route of the server itself, as what it answers is a stream and no GraphQL. */
@Injectable()
export class ExportRoutes implements BeforeApplicationShutdown {
  readonly #logger = new Logger('Export');
  readonly #underWay = new Set<Readable>();

  constructor(
    private readonly authenticator: BearerAuthenticator,
    private readonly denials: AccessDenials,
    private readonly trailExport: TrailExport,
  ) {}

  register(server: FastifyInstance): void {
    void server.register((scope, _options, done) => {
      scope.setErrorHandler((error: FastifyError, _request, reply) => this.#refuse(error, reply));
      scope.addHook('onRequest', async (request, reply) => {
        if (request.method !== 'GET') return refuseMethod(reply);
        return admit(request, reply, this.authenticator);
      });
      scope.get(PATH, { exposeHeadRoute: false }, (request: ExportCall, reply) => this.#answer(request, reply));
      scope.route({ method: OTHER_METHODS, url: PATH, handler: (_request, reply) => refuseMethod(reply) });
      done();
    });
  }

  /** What is under way breaks off, so that its readers go on elsewhere, and the server can close. */
  beforeApplicationShutdown(): void {
    for (const stream of this.#underWay) stream.destroy(new Error('The service stops.'));
  }

  async #answer(request: ExportCall, reply: FastifyReply): Promise<FastifyReply> {
    const { origin } = request;
    if (!origin) throw new DomainError('UNAUTHENTICATED', 'Send an access token.');
    this.#authorise(origin);
    const asked = exportRequest(request.query);
    const stream = this.#streamOf(await this.trailExport.begin(origin, asked));
    const name = fileName(origin.caller.tenantId, asked.format, new Date());
    return reply
      .header('content-type', exportFormats[asked.format].contentType(asked.after !== null))
      .header('content-disposition', `attachment; filename="${name}"`)
      .send(stream);
  }

  #authorise(origin: Origin): void {
    try {
      authorise(origin.caller, 'exportAuditTrail');
    } catch (error) {
      if (error instanceof DomainError) this.denials.record(origin, 'exportAuditTrail', error);
      throw error;
    }
  }

  /** Pulls no more than the connection takes. When it fails, the connection breaks, and nobody takes a part for the whole. */
  #streamOf(text: AsyncIterable<string>): Readable {
    const stream = Readable.from(text, { objectMode: false, highWaterMark: BUFFERED });
    this.#underWay.add(stream);
    stream.once('close', () => this.#underWay.delete(stream));
    return stream;
  }

  #refuse(error: FastifyError | Error, reply: FastifyReply): FastifyReply {
    const { code, message } = this.#tell(error);
    const status = statuses[code] ?? 500;
    if (status === 503) void reply.header('retry-after', '5');
    return reply.removeHeader('content-disposition').code(status).type('application/json').send(failure(code, message));
  }

  #tell(error: FastifyError | Error): { code: ErrorCode; message: string } {
    if (error instanceof DomainError) return error;
    if (isUnavailable(error))
      return { code: 'UNAVAILABLE', message: 'This cannot be answered at the moment. Try again.' };
    if ('statusCode' in error && (error.statusCode ?? 500) < 500)
      return { code: 'BAD_USER_INPUT', message: 'The request is malformed or too large.' };
    this.#logger.error(error);
    return { code: 'INTERNAL', message: 'Something went wrong here.' };
  }
}

const refuseMethod = (reply: FastifyReply) =>
  reply.code(405).header('allow', 'GET').send(failure('BAD_USER_INPUT', 'Use GET.'));

const fileName = (tenantId: string, format: string, now: Date) =>
  `audit-trail-${tenantId.replaceAll(/[^\w.-]/g, '_')}-${now.toISOString().slice(0, 10)}.${format}`;
