// What we use of oidc-provider, which ships no types: https://github.com/panva/node-oidc-provider/blob/main/docs/README.md
declare module 'oidc-provider/lib/provider.js' {
  import type { IncomingMessage, ServerResponse } from 'node:http';

  export type Grant = {
    addOIDCScope(scope: string): void;
    save(): Promise<string>;
  };

  export type Context = {
    status: number;
    body: unknown;
    set(headers: Record<string, string>): void;
    redirect(url: string): void;
    cookies: { set(name: string, value: null): void };
    oidc: {
      provider: Provider;
      client?: { clientId: string };
      session?: { accountId?: string; grantIdFor(clientId: string): string | undefined; destroy(): Promise<void> };
      params?: Record<string, string | undefined>;
      result?: { consent?: { grantId?: string } };
      urlFor(route: string): string;
    };
  };

  export type Configuration = Record<string, unknown>;

  export class Provider {
    constructor(issuer: string, configuration: Configuration);
    Grant: {
      new (properties: { accountId: string | undefined; clientId: string }): Grant;
      find(id: string): Promise<Grant | undefined>;
    };
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>;
    cookieName(type: 'session'): string;
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<{ prompt: { name: string } }>;
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { login: { accountId: string } } | { consent: Record<string, never> },
    ): Promise<void>;
  }
}

declare module 'oidc-provider/lib/adapters/memory_adapter.js' {
  export function createMemoryAdapter(): (model: string) => object;
}
