import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from './databases.js';
import { startIssuer, type Issuer } from './issuer.js';
import { startService, type Service } from './service.js';

export type Stage = {
  service: Service;
  issuer: Issuer;
  database: TestDatabase;
  /** Another instance over the same log and read models. */
  another(env?: Record<string, string>): Promise<Service>;
  /** How many events are stored, refusals aside: those are put on the log a little later. */
  countEvents(): Promise<number>;
  close(): Promise<void>;
};

/** A service with a database and an identity provider of its own. */
export async function startStage(env: Record<string, string> = {}): Promise<Stage> {
  const database = await createTestDatabase();
  const issuer = await startIssuer();
  const settings = {
    ...stores(database),
    KEY_RING: aKeyRing(),
    OIDC_ISSUER: issuer.url,
    OIDC_AUDIENCE: 'latchkey',
    ...env,
  };
  const services: Service[] = [];
  const another = async (more: Record<string, string> = {}) => {
    const service = await startService({ ...settings, ...more });
    services.push(service);
    return service;
  };
  const counter = new pg.Client({ connectionString: database.url });
  await counter.connect();
  const close = async () => {
    await Promise.all(services.map((service) => service.stop()));
    await counter.end();
    await issuer.stop();
    await database.drop();
  };
  try {
    return { service: await another(), issuer, database, another, countEvents: () => countEvents(counter), close };
  } catch (error) {
    await close();
    throw error;
  }
}

const eventStoreUrl = process.env['TEST_EVENT_STORE_URL'];

/**
 * The one place that decides where the log and the read models are kept. By default both are in the database;
 * `TEST_EVENT_STORE_URL` moves the log to a server that all specs share, under a prefix of each one's own.
 */
export function stores(database: TestDatabase): Record<string, string> {
  return {
    DATABASE_URL: database.url,
    ...(eventStoreUrl && {
      EVENT_STORE_URL: eventStoreUrl,
      STREAM_PREFIX: `t${randomUUID().replaceAll('-', '')}`,
    }),
  };
}

/** Of a log that is elsewhere the audit trail tells: it has one entry per event. */
async function countEvents(database: pg.Client): Promise<number> {
  const [table, type] = eventStoreUrl ? ['read.audit_entries', 'action'] : ['log.events', 'type'];
  if (eventStoreUrl) await sleep(200);
  const { rows } = await database.query<{ events: number }>(
    `select count(*)::int as events from ${table} where ${type} <> 'AccessDenied'`,
  );
  return rows[0]?.events ?? 0;
}

export function aKeyRing(): string {
  const fresh = (id: string) => [{ id, key: randomBytes(32).toString('base64') }];
  return JSON.stringify({ pepper: fresh('pepper-1'), vault: fresh('vault-1') });
}

/** Asks again until it holds, for what comes a little later by design. */
export async function eventually<Result>(
  ask: () => Promise<Result>,
  isDone: (result: Result) => boolean,
  milliseconds = 10_000,
): Promise<Result> {
  const end = Date.now() + milliseconds;
  for (;;) {
    const result = await ask();
    if (isDone(result) || Date.now() > end) return result;
    await sleep(50);
  }
}
