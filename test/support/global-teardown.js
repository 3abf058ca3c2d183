import { rm } from 'node:fs/promises';

export default async function globalTeardown() {
  const { postgres, dataDir, eventStoreDb } = globalThis.testServers;
  eventStoreDb.child.kill('SIGKILL');
  await postgres.stop();
  await rm(dataDir, { recursive: true, force: true });
}
