import { Injectable, Logger } from '@nestjs/common';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest, HTTPMethods } from 'fastify';
import { hasSeveralAuthorizations } from '../auth/authorization-header.js';
import { publicUrlOf, Settings } from '../config.js';
import { isUnavailable } from '../unavailable.js';
import type { OAuthRequest } from './client-authentication.js';
import { parseForm, refuseInAddress } from './form.js';
import { IntrospectionEndpoint } from './introspection.endpoint.js';
import { JwksEndpoint } from './jwks.endpoint.js';
import { MetadataEndpoint } from './metadata.endpoint.js';
import { InvalidRequest, OAuthError, ServerError, TemporarilyUnavailable } from './oauth-error.js';
import { RevocationEndpoint } from './revocation.endpoint.js';
import { TokenEndpoint } from './token.endpoint.js';

const FORM = 'application/x-www-form-urlencoded';
const BODY_LIMIT = 20_000;
const ALL_METHODS: HTTPMethods[] = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
/** As long as a key is published before it signs, and not longer than anybody can wait. */
const PUBLIC_FOR = 'public, max-age=300';

/**
 * The OAuth endpoints, as routes of the server itself: they are asked thousands of times a second, and their bodies, errors and
 * headers are the specification's, not GraphQL's.
 */
@Injectable()
export class OAuthRoutes {
  readonly #logger = new Logger('OAuth');

  constructor(
    private readonly token: TokenEndpoint,
    private readonly introspection: IntrospectionEndpoint,
    private readonly revocation: RevocationEndpoint,
    private readonly metadata: MetadataEndpoint,
    private readonly jwks: JwksEndpoint,
    private readonly settings: Settings,
  ) {}

  register(server: FastifyInstance): void {
    void server.register((scope, _options, done) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser<string>(FORM, { parseAs: 'string' }, (_request, body, parsed) => parsed(null, body));
      scope.setErrorHandler((error: FastifyError, _request, reply) => this.#refuse(error, reply));
      this.#post(scope, '/oauth/token', (request) => this.token.answer(request));
      this.#post(scope, '/oauth/introspect', (request) => this.introspection.answer(request));
      this.#post(scope, '/oauth/revoke', (request) => this.revocation.answer(request));
      for (const path of metadataPaths(this.settings)) this.#get(scope, path, () => this.metadata.answer());
      this.#get(scope, '/.well-known/jwks.json', () => this.jwks.answer());
      done();
    });
  }

  #post(scope: FastifyInstance, url: string, answer: (request: OAuthRequest) => Promise<object | undefined>): void {
    scope.post(url, { bodyLimit: BODY_LIMIT }, async (request: FastifyRequest, reply) => {
      refuseInAddress(request.url);
      if (hasSeveralAuthorizations(request)) throw new InvalidRequest('Send one Authorization header.');
      if (typeof request.body !== 'string') throw new InvalidRequest(`Send the parameters as ${FORM}.`);
      const answered = await answer(Object.assign(request, { body: parseForm(request.body) }));
      return uncached(reply).send(answered);
    });
    refuseOtherMethods(scope, url, ['POST']);
  }

  #get(scope: FastifyInstance, url: string, answer: () => object): void {
    scope.get(url, (_request, reply) => {
      const answered = answer();
      return reply.header('cache-control', PUBLIC_FOR).send(answered);
    });
    refuseOtherMethods(scope, url, ['GET', 'HEAD']);
  }

  #refuse(error: FastifyError, reply: FastifyReply): FastifyReply {
    const told = this.#tell(error);
    return uncached(reply)
      .code(told.status)
      .headers(told.headers)
      .send({ error: told.code, error_description: told.message });
  }

  #tell(error: FastifyError | Error): OAuthError {
    if (error instanceof OAuthError) return error;
    if (isUnavailable(error)) return new TemporarilyUnavailable({ cause: error });
    const status = 'statusCode' in error ? (error.statusCode ?? 500) : 500;
    if (status === 415) return new InvalidRequest(`Send the parameters as ${FORM}.`, 415);
    if (status < 500) return new InvalidRequest('The request is malformed or too large.', status);
    this.#logger.error(error);
    return new ServerError();
  }
}

/** RFC 8414, section 3.1: where the issuer has a path, it comes last; a proxy that cuts it off asks without. */
function metadataPaths(settings: Settings): string[] {
  const wellKnown = '/.well-known/oauth-authorization-server';
  const path = new URL(publicUrlOf(settings)).pathname.replace(/\/$/, '');
  return path ? [wellKnown, wellKnown + path] : [wellKnown];
}

/** RFC 6749, section 5.1. The other header, for caches of today, has every answer of this server. */
const uncached = (reply: FastifyReply) => reply.header('pragma', 'no-cache');

function refuseOtherMethods(scope: FastifyInstance, url: string, allowed: HTTPMethods[]): void {
  scope.route({
    method: ALL_METHODS.filter((method) => !allowed.includes(method)),
    url,
    // Before the body is looked at: whatever it is, the method is what is wrong.
    onRequest: () => {
      const allow = allowed.join(', ');
      return Promise.reject(new InvalidRequest(`Use ${allow}.`, 405, { allow }));
    },
    handler: () => Promise.resolve(),
  });
}
