import { Injectable } from '@nestjs/common';
import { fastifyStatic } from '@fastify/static';
import type { FastifyInstance, FastifyReply } from 'fastify';
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { OpenIdProvider } from '../auth/openid-provider.js';
import { Settings } from '../config.js';
import { failure } from '../http.js';
import { pageHeaders } from './page-headers.js';

/** Where `npm run build` puts the page. */
const BUILT = join(import.meta.dirname, '..', '..', 'web');
const NONCE_WORD = '__STYLE_NONCE__';
/** The views of the page: each is in the address, and the page itself finds out which is meant. */
const VIEWS = ['/', '/audit-trail', '/status'];

/** The page "Apps and tokens", as routes of the server itself: files, and what the page must know to sign somebody in. */
@Injectable()
export class PageRoutes {
  #document: Promise<string> | undefined;

  constructor(
    private readonly settings: Settings,
    private readonly provider: OpenIdProvider,
  ) {}

  register(server: FastifyInstance): void {
    void server.register(fastifyStatic, {
      root: join(BUILT, 'assets'),
      prefix: '/assets/',
      decorateReply: false,
      index: false,
      immutable: true,
      maxAge: '1y',
      preCompressed: true,
    });
    for (const view of VIEWS) server.get(view, (_request, reply) => this.#show(reply));
    server.get('/page-settings', () => this.#pageSettings());
  }

  async #show(reply: FastifyReply): Promise<FastifyReply> {
    const document = await this.#read();
    if (document === null) return reply.code(404).send(failure('NOT_FOUND', 'The page is not built: npm run build.'));
    const nonce = randomBytes(16).toString('base64');
    return reply
      .headers(pageHeaders(this.settings, nonce, await this.#tokenEndpoint()))
      .header('cache-control', 'no-cache')
      .type('text/html; charset=utf-8')
      .send(document.replaceAll(NONCE_WORD, nonce));
  }

  /** The page is there also while the provider is away. */
  async #tokenEndpoint(): Promise<string | undefined> {
    const metadata = await this.provider.metadata().catch(() => null);
    return metadata?.token_endpoint;
  }

  async #read(): Promise<string | null> {
    this.#document ??= readFile(join(BUILT, 'index.html'), 'utf8');
    return this.#document.catch(() => {
      this.#document = undefined;
      return null;
    });
  }

  /** Everybody may know it: it is what any sign-in shows in the address. */
  #pageSettings() {
    const { oidcIssuer, oidcClientId, oidcScope, oidcAudience } = this.settings;
    return { issuer: oidcIssuer, clientId: oidcClientId, scope: oidcScope, audience: oidcAudience };
  }
}
