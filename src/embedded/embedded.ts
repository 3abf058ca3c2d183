import { publicUrlOf, Settings, type Environment } from '../config.js';
import { claimDataDirectory } from './data-directory.js';
import { developmentClientId } from './development-client.js';
import { developmentKeyRing } from './development-key-ring.js';
import { startDevelopmentProvider } from './development-provider.js';
import { startEmbeddedPostgres } from './embedded-postgres.js';

export type Embedded = { settings: Settings; stop(): Promise<void> };

/** Brings up what the environment does not name: PostgreSQL, a development sign-in, a key ring. Stops it in reverse order. */
export async function startEmbedded(environment: Environment): Promise<Embedded> {
  const { dataDir, port, oidcAudience, databaseUrl: givenDatabase, oidcIssuer: givenIssuer } = environment;
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    for (const each of stops.splice(0).reverse()) await each();
  };
  try {
    if (!givenDatabase || !givenIssuer) {
      const claim = await claimDataDirectory(dataDir);
      stops.push(() => claim.release());
    }
    const postgres = givenDatabase ? null : await startEmbeddedPostgres({ dataDir });
    if (postgres) stops.push(() => postgres.stop());

    if (!givenIssuer && port === 65_535)
      throw new Error('PORT must be at most 65534: the development sign-in listens at the next one.');
    const providerPort = port === 0 ? 0 : port + 1;
    // A browser may be told either name of this machine.
    const redirectUris = [`${publicUrlOf(environment)}/`, `http://localhost:${port}/`];
    const provider = givenIssuer
      ? null
      : await startDevelopmentProvider({ port: providerPort, dataDir, audience: oidcAudience, redirectUris });
    if (provider) stops.push(() => provider.stop());

    const databaseUrl = givenDatabase ?? postgres?.url ?? '';
    const { keyRing, keyRingFile } = environment;
    const settings = new Settings({
      ...environment,
      databaseUrl,
      eventStoreUrl: environment.eventStoreUrl ?? databaseUrl,
      oidcIssuer: givenIssuer ?? provider?.issuer ?? '',
      oidcClientId: givenIssuer ? environment.oidcClientId : developmentClientId,
      ...(keyRing ? { keyRing, keyRingFile } : await developmentKeyRing(dataDir)),
    });
    return { settings, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
