import { startStage, type Stage } from '../support/stage.js';

const elsewhere = 'https://tokens.example.com';
let stage: Stage;

beforeAll(async () => {
  stage = await startStage({}, { token_endpoint: `${elsewhere}/token` });
});

afterAll(() => stage.close());

async function connections(url: string): Promise<string> {
  const { headers } = await fetch(url);
  const [, sources = ''] = /connect-src ([^;]*)/.exec(headers.get('content-security-policy') ?? '') ?? [];
  return sources;
}

describe('what the page may connect to', () => {
  it('is the service, the issuer, and where the token endpoint of the provider is', async () => {
    expect(await connections(stage.service.url)).toBe(`'self' ${stage.issuer.url} ${elsewhere}`);
  });

  it('is the service and the issuer while the provider is away', async () => {
    await stage.issuer.stop();
    const service = await stage.another();
    expect(await connections(service.url)).toBe(`'self' ${stage.issuer.url}`);
  });
});
