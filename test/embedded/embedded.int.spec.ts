import { readEnvironment } from '../../src/config.js';
import { startEmbedded } from '../../src/embedded/embedded.js';
import { generateKeyRing } from '../../src/secrets/key-ring.js';

const configured = {
  PORT: '65535',
  DATABASE_URL: 'postgres://user:password@host/database',
  KEY_RING: await generateKeyRing(),
};

describe('the last port', () => {
  it('is taken with an OpenID provider of your own', async () => {
    const provider = { OIDC_ISSUER: 'https://id.example.com', OIDC_AUDIENCE: 'latchkey' };
    const { settings, stop } = await startEmbedded(readEnvironment({ ...configured, ...provider }));
    expect(settings.port).toBe(65_535);
    await stop();
  });
});
