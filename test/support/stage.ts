import { generateKeyRing } from '../../src/secrets/key-ring.js';
import { createTestDatabase, type TestDatabase } from './databases.js';
import { startIssuer, type Issuer } from './issuer.js';
import { openLog, stores, type Stored } from './log.js';
import { startService, type Service } from './service.js';

export type Stage = {
  service: Service;
  issuer: Issuer;
  database: TestDatabase;
  /** Another instance over the same log and read models. */
  another(env?: Record<string, string>): Promise<Service>;
  readLog(): Promise<Stored[]>;
  /** How many events are stored, refusals aside: those are put on the log a little later. */
  countEvents(): Promise<number>;
  close(): Promise<void>;
};

/** A service with a database and an identity provider of its own; `metadata` is what else that says about itself. */
export async function startStage(env: Record<string, string> = {}, metadata: object = {}): Promise<Stage> {
  const database = await createTestDatabase();
  const issuer = await startIssuer(metadata);
  const settings = {
    ...stores(database),
    KEY_RING: await generateKeyRing(),
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
  const log = openLog(settings);
  const close = async () => {
    await Promise.all(services.map((service) => service.stop()));
    await log.close();
    await issuer.stop();
    await database.drop();
  };
  try {
    const readLog = () => log.read();
    const countEvents = async () => (await readLog()).filter(({ type }) => type !== 'AccessDenied').length;
    return { service: await another(), issuer, database, another, readLog, countEvents, close };
  } catch (error) {
    await close();
    throw error;
  }
}
