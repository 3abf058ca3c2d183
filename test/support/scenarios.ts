import { setTimeout as sleep } from 'node:timers/promises';
import { ask } from './operations.js';
import type { Service } from './service.js';

/** States that specs begin in, reached through the public API. */

export type AppScenario = { id: string; clientId: string; clientSecret: string; name: string };
export type TokenScenario = { id: string; identifier: string; value: string; name: string };

export async function anApp(service: Service, token: string, input: object = {}): Promise<AppScenario> {
  const { app, credentials } = await ask(service, token, 'addApp', { name: 'An app', ...input });
  return { id: app.id, clientId: app.clientId, clientSecret: credentials.clientSecret, name: app.name };
}

export async function aDisabledApp(service: Service, token: string, input: object = {}): Promise<AppScenario> {
  const app = await anApp(service, token, input);
  await ask(service, token, 'disableApp', { id: app.id });
  return app;
}

export async function aDeletedApp(service: Service, token: string, input: object = {}): Promise<AppScenario> {
  const app = await anApp(service, token, input);
  await ask(service, token, 'deleteApp', { id: app.id });
  return app;
}

export async function aToken(service: Service, token: string, input: object = {}): Promise<TokenScenario> {
  const created = await ask(service, token, 'createToken', { name: 'A token', ...input });
  return {
    id: created.token.id,
    identifier: created.token.identifier,
    value: created.value,
    name: created.token.name,
  };
}

export async function aRevokedToken(service: Service, token: string, input: object = {}): Promise<TokenScenario> {
  const created = await aToken(service, token, input);
  await ask(service, token, 'revokeToken', { id: created.id });
  return created;
}

/** Its time has passed; no event says so yet. */
export async function anExpiredToken(service: Service, token: string, input: object = {}): Promise<TokenScenario> {
  const expiresAt = new Date(Date.now() + 1_000);
  const created = await aToken(service, token, { ...input, expiresAt: expiresAt.toISOString() });
  await sleep(expiresAt.getTime() - Date.now() + 20);
  return created;
}

export async function aDeletedToken(service: Service, token: string, input: object = {}): Promise<TokenScenario> {
  const created = await aRevokedToken(service, token, input);
  await ask(service, token, 'deleteToken', { id: created.id });
  return created;
}
