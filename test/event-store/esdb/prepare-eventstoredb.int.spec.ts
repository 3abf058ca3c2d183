import { EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { connect, createServer as createTcpServer, type AddressInfo, type Socket } from 'node:net';
import { resolve } from 'node:path';
import { json } from 'node:stream/consumers';
import { prepareEventStoreDb } from '../../../src/event-store/esdb/prepare-eventstoredb.js';
import { startEventStoreDb, type EventStoreDb } from '../../support/eventstoredb.js';

/**
 * As EventStoreDB does, one port speaks HTTP/1 for the management of users and HTTP/2 for gRPC. The users are a stand-in made
 * after the documentation and the source of 23.10; the log is the one that is held to recordings.
 */
type Asked = { authorization: string | undefined; path: string | undefined; body: unknown };

let db: EventStoreDb;
let users: Map<string, string>;
let asked: Asked[];
/** Answers other than the usual, soonest first. */
let troubles: number[];
let management: Server;
let port: number;
let client: EventStoreDBClient;

beforeEach(async () => {
  [users, asked, troubles] = [new Map([['admin', 'root']]), [], []];
  db = await startEventStoreDb();
  management = createServer((request, response) => void manageUsers(request, response)).listen(0, '127.0.0.1');
  await once(management, 'listening');
  const { port: managementPort } = management.address() as AddressInfo;
  const door = createTcpServer((socket) => lead(socket, managementPort)).listen(0, '127.0.0.1');
  await once(door, 'listening');
  ({ port } = door.address() as AddressInfo);
  management.on('close', () => door.close());
  client = EventStoreDBClient.connectionString(db.url);
});

afterEach(async () => {
  await client.dispose();
  management.close();
  await db.stop();
});

/** Only HTTP/2 begins with `PRI`. */
function lead(socket: Socket, managementPort: number): void {
  socket.once('data', (first: Buffer) => {
    const behind = connect(first.toString('latin1', 0, 3) === 'PRI' ? db.port : managementPort, '127.0.0.1');
    behind.write(first);
    socket.pipe(behind).pipe(socket);
    behind.on('error', () => socket.destroy());
  });
  socket.on('error', () => {});
}

async function manageUsers(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = (await json(request)) as Record<string, string>;
  asked.push({ authorization: request.headers.authorization, path: request.url, body });
  response.statusCode = troubles.shift() ?? answerTo(request, body);
  response.end('{}');
}

function answerTo({ method, url = '', headers }: IncomingMessage, body: Record<string, string>): number {
  const admin = `Basic ${Buffer.from(`admin:${users.get('admin')}`).toString('base64')}`;
  if (headers.authorization !== admin) return 401;
  const login = /^\/users\/([^/]+)\/command\/reset-password$/.exec(url)?.[1];
  if (method !== 'POST' || (url !== '/users' && !login)) return 404;
  if (login) {
    users.set(decodeURIComponent(login), body['NewPassword'] ?? '');
    return 200;
  }
  if (users.has(body['LoginName'] ?? '')) return 409;
  users.set(body['LoginName'] ?? '', body['Password'] ?? '');
  return 201;
}

const address = (password = 'secret') => `esdb://latchkey:${password}@127.0.0.1:${port}?tls=false`;
const readers = async () => (await client.getStreamMetadata('$all')).metadata?.acl?.readRoles;
const metadataEvents = async () => {
  const { metastreamRevision } = await client.getStreamMetadata('$all');
  return metastreamRevision;
};

describe('a new EventStoreDB', () => {
  it('gets the user of the address, in no group, and lets it read $all', async () => {
    expect(await prepareEventStoreDb(address(), 'root')).toBe('latchkey');
    expect(users.get('latchkey')).toBe('secret');
    expect(asked[0]?.body).toEqual({ LoginName: 'latchkey', FullName: 'latchkey', Groups: [], Password: 'secret' });
    expect(await readers()).toEqual(['$admins', 'latchkey']);
  });

  it('takes a password with signs that an address has to encode', async () => {
    await prepareEventStoreDb(address('a%2Fb%40c%3Ad'), 'root');
    expect(users.get('latchkey')).toBe('a/b@c:d');
  });

  it('may not know its administrator right away', async () => {
    troubles = [401, 503];
    await prepareEventStoreDb(address(), 'root');
    expect(users.get('latchkey')).toBe('secret');
  });
});

describe('an EventStoreDB that was prepared before', () => {
  beforeEach(() => prepareEventStoreDb(address(), 'root'));

  it('gets the new password, and nothing else changes', async () => {
    const before = await metadataEvents();
    await prepareEventStoreDb(address('another'), 'root');
    expect(users.get('latchkey')).toBe('another');
    expect(await metadataEvents()).toEqual(before);
  });

  it('keeps who else may read $all, and what else is said of it', async () => {
    const data = { $acl: { $r: 'auditors', $w: ['ops'] }, owner: 'us' };
    await client.appendToStream('$$$all', jsonEvent({ type: '$metadata', data }));
    await prepareEventStoreDb(address(), 'root');
    const { metadata } = await client.getStreamMetadata('$all');
    expect(metadata).toEqual({ acl: { readRoles: ['auditors', 'latchkey'], writeRoles: ['ops'] }, owner: 'us' });
  });
});

describe('what cannot be done', () => {
  it('is told: a wrong password of the administrator', async () => {
    await expect(prepareEventStoreDb(address(), 'wrong', 0)).rejects.toThrow(/password for its user admin/);
  });

  it('is told: an answer that was not expected', async () => {
    troubles = [500];
    await expect(prepareEventStoreDb(address(), 'root', 0)).rejects.toThrow(/answered 500/);
  });

  it.each(['esdb://127.0.0.1:2113', 'esdb://latchkey@127.0.0.1', 'nonsense:secret'])('is told: %s', async (url) => {
    const refusal = prepareEventStoreDb(url, 'root');
    await expect(refusal).rejects.toThrow(/must name a user and a password/);
    await expect(refusal).rejects.not.toThrow(/secret@|nonsense/);
  });

  it('ends the command with a sentence and without a secret (promise: no secret in an error)', async () => {
    const env = { EVENT_STORE_URL: address(), EVENT_STORE_ADMIN_PASSWORD: '' };
    expect(await run(env)).toEqual({ code: 2, printed: 'Set EVENT_STORE_URL and EVENT_STORE_ADMIN_PASSWORD.\n' });
    const done = await run({ ...env, EVENT_STORE_ADMIN_PASSWORD: 'root' });
    expect(done).toEqual({ code: 0, printed: 'The user latchkey may read and write the log.\n' });
  });
});

async function run(env: Record<string, string>): Promise<{ code: number; printed: string }> {
  const child = spawn(process.execPath, [resolve('dist/src/cli/latchkey.js'), 'log', 'prepare'], { env });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, printed };
}
