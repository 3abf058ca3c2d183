import { EventStoreDBClient } from '@eventstore/db-client';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import http, { type IncomingMessage } from 'node:http';
import https from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';

const ADMIN = 'admin';
const PAUSE_MILLISECONDS = 1_000;
const ANSWER_MILLISECONDS = 5_000;

type Address = { scheme: string; user: string; password: string; hosts: string; settings: string };

/**
 * Makes the user that the address names, with the password that stands there, and lets this user read `$all`: all that an
 * EventStoreDB with users needs before Latchkey keeps its log there. Done again, it sets the password and changes nothing else.
 * Right after its start a server may not know its administrator yet: what fails is tried again for a while. Answers the user's name.
 */
export async function prepareEventStoreDb(url: string, adminPassword: string, milliseconds = 60_000): Promise<string> {
  const address = addressIn(url);
  const end = Date.now() + milliseconds;
  for (;;) {
    try {
      await makeUser(address, adminPassword);
      await letReadAll(address, adminPassword);
      return address.user;
    } catch (error) {
      if (Date.now() + PAUSE_MILLISECONDS > end) throw error;
      await sleep(PAUSE_MILLISECONDS);
    }
  }
}

/** Not by `URL`: the address of a cluster may list several hosts. */
function addressIn(url: string): Address {
  const parts = /^([a-z+]+:\/\/)([^:@/]+):([^:@/]+)@([^/?]+)\/?(\?.*)?$/.exec(url);
  if (!parts) throw new Error('EVENT_STORE_URL must name a user and a password: esdb://user:password@host:2113.');
  const [, scheme = '', user = '', password = '', hosts = '', settings = ''] = parts;
  return { scheme, user: decodeURIComponent(user), password: decodeURIComponent(password), hosts, settings };
}

/** Users are managed over HTTP; any node of a cluster takes it. */
async function makeUser(address: Address, adminPassword: string): Promise<void> {
  const { user, password } = address;
  const newUser = { LoginName: user, FullName: user, Groups: [], Password: password };
  const status = await post(address, adminPassword, '/users', newUser);
  if (status !== 409) return refuseUnlessDone(status);
  const path = `/users/${encodeURIComponent(user)}/command/reset-password`;
  refuseUnlessDone(await post(address, adminPassword, path, { NewPassword: password }));
}

function refuseUnlessDone(status: number): void {
  if (status === 401) throw new Error('EventStoreDB does not take this password for its user admin.');
  if (status < 200 || status > 299) throw new Error(`EventStoreDB answered ${status} when asked to make a user.`);
}

async function post({ hosts, settings }: Address, adminPassword: string, path: string, body: object): Promise<number> {
  const { tls, tlsCAFile } = Object.fromEntries(new URLSearchParams(settings));
  const [protocol, client] = tls === 'false' ? (['http', http] as const) : (['https', https] as const);
  const request = client.request(`${protocol}://${hosts.split(',')[0]}${path}`, {
    method: 'POST',
    auth: `${ADMIN}:${adminPassword}`,
    headers: { 'content-type': 'application/json' },
    agent: false,
    ...(tlsCAFile && { ca: readFileSync(tlsCAFile) }),
  });
  request.setTimeout(ANSWER_MILLISECONDS, () => request.destroy(new Error('EventStoreDB does not answer.')));
  request.end(JSON.stringify(body));
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode ?? 0;
}

/** Who else may read `$all` keeps the right. */
async function letReadAll({ scheme, user, hosts, settings }: Address, adminPassword: string): Promise<void> {
  // This client knows KurrentDB by its former name only.
  const asAdmin = `${scheme.replace(/^(kurrentdb|kdb)/, 'esdb')}${ADMIN}:${encodeURIComponent(adminPassword)}@${hosts}${settings}`;
  const client = EventStoreDBClient.connectionString(asAdmin);
  try {
    const { metadata } = await client.getStreamMetadata('$all');
    const readers = [metadata?.acl?.readRoles ?? '$admins'].flat();
    if (readers.includes(user)) return;
    await client.setStreamMetadata('$all', { ...metadata, acl: { ...metadata?.acl, readRoles: [...readers, user] } });
  } finally {
    await client.dispose();
  }
}
