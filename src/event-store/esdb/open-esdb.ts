import { existsSync } from 'node:fs';
import { StoreUnavailableError, type EventStore } from '../event-store.js';
import type { EsdbClient, EsdbCredentials } from './client.js';
import { EsdbConnection } from './connection.js';
import { EsdbEventStore } from './esdb-event-store.js';

type ClientPackage = { connectionString(address: string): EsdbClient };

/** A node that is gone without a word is noticed after the sum of both, in milliseconds. */
const KEEP_ALIVE = { keepAliveInterval: '10000', keepAliveTimeout: '2000' };
/** How long a node has to tell who leads. In seconds for the one client, partly in milliseconds for the other, which keeps its default. */
const GOSSIP = { gossipTimeout: '1' };

/** An insecure server looks at no credentials, and takes them. */
const NOBODY: EsdbCredentials = { username: 'nobody', password: 'nobody' };

export const isEsdbAddress = (address: string) => /^(esdb|kurrentdb|kdb)(\+discover)?:\/\//.test(address);

const isEventStoreDb = (address: string) => address.startsWith('esdb');

/** Opens EventStoreDB (`esdb://`) or KurrentDB (`kurrentdb://`) and makes sure that its log can be read. */
export async function openEsdb(address: string, streamPrefix: string): Promise<EventStore> {
  const clients = await clientPackage(address);
  const credentials = credentialsIn(address);
  refuseMissingAuthority(address);
  const completed = withDefaults(address);
  const connection = new EsdbConnection(() => connect(clients, completed), credentials);
  const store = new EsdbEventStore(connection, streamPrefix);
  try {
    await store.ping();
    return store;
  } catch (error) {
    await store.close();
    throw withReason(error);
  }
}

async function clientPackage(address: string): Promise<ClientPackage> {
  if (isEventStoreDb(address)) {
    const { EventStoreDBClient } = await import('@eventstore/db-client');
    return EventStoreDBClient as unknown as ClientPackage;
  }
  const { KurrentDBClient } = await import('@kurrent/kurrentdb-client');
  return KurrentDBClient as unknown as ClientPackage;
}

function refuseMissingAuthority(address: string): void {
  const authority = new URLSearchParams(address.split('?')[1]).get('tlsCAFile');
  if (authority && !existsSync(authority)) throw new Error(`The file of its tlsCAFile does not exist: ${authority}`);
}

/** What the client says of an address that it cannot read shows the address, and with it the password. */
function connect(clients: ClientPackage, address: string): EsdbClient {
  try {
    return clients.connectionString(address);
  } catch {
    throw new Error('It is no connection string such as esdb+discover://user:password@host:2113?tlsCAFile=ca.crt');
  }
}

function withDefaults(address: string): string {
  const [main = '', query = ''] = address.split('?');
  const parameters = new URLSearchParams(query);
  const given = new Set([...parameters.keys()].map((name) => name.toLowerCase()));
  const defaults = isEventStoreDb(address) ? { ...KEEP_ALIVE, ...GOSSIP } : KEEP_ALIVE;
  for (const [name, value] of Object.entries(defaults)) if (!given.has(name.toLowerCase())) parameters.set(name, value);
  return `${main}?${parameters.toString()}`;
}

/** The client reads them too, but a call of its own needs them given. */
function credentialsIn(address: string): EsdbCredentials {
  const [, username, password] = /^[^/]+:\/\/([^:@/]+):([^@/]*)@/.exec(address) ?? [];
  if (username !== undefined && password !== undefined)
    return { username: decodeURIComponent(username), password: decodeURIComponent(password) };
  if (/[?&]tls=false\b/i.test(address)) return NOBODY;
  throw new Error('It names no user: esdb://user:password@host');
}

/** Why a server cannot be reached is worth knowing at the start: nobody there, or a certificate that does not fit. */
function withReason(error: unknown): unknown {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause.message : '';
  if (!(error instanceof StoreUnavailableError) || !cause) return error;
  const withoutEnd = (text: string) => text.replace(/\.?( Resolution note: )?$/, '');
  return new StoreUnavailableError(`${withoutEnd(error.message)}: ${withoutEnd(cause)}`, { cause: error });
}
