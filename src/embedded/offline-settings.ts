import { Settings, type Environment } from '../config.js';
import { developmentKeyRing } from './development-key-ring.js';

/** The settings of a command that works beside the service: with its keys, and without its doors. */
export async function offlineSettings(environment: Environment): Promise<Settings> {
  const { keyRing, keyRingFile, dataDir } = environment;
  const ring = keyRing ? { keyRing, keyRingFile } : await developmentKeyRing(dataDir);
  return new Settings({ ...environment, ...ring, databaseUrl: '', eventStoreUrl: '', oidcIssuer: '' });
}
