import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decodeJwt } from 'jose';
import { startDevelopmentProvider } from '../../src/embedded/development-provider.js';
import { endChildren, runInChild } from './run-in-child.js';

let dataDir: string;

beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'latchkey-token-'));
});

afterAll(async () => {
  await rm(dataDir, { recursive: true });
  await endChildren();
});

/** Runs the command; the first line tells where the text went. */
async function printToken(issuer: string, user: string): Promise<{ stream: string; text: string; exitCode: number }> {
  const child = runInChild(`
    const said = (stream) => (text) => console.log(JSON.stringify({ stream, text }));
    const out = process.stdout.write.bind(process.stdout);
    console.log = (line) => out(line + '\\n');
    process.stdout.write = said('stdout');
    process.stderr.write = said('stderr');
    process.env.OIDC_ISSUER = ${JSON.stringify(issuer)};
    process.argv[2] = ${JSON.stringify(user)};
    await import('./print-token.js');
    console.log(process.exitCode ?? 0);
  `);
  const said = JSON.parse(await child.nextLine()) as { stream: string; text: string };
  return { ...said, exitCode: Number(await child.nextLine()) };
}

describe('npm run token', () => {
  it('prints an access token and nothing else', async () => {
    const provider = await startDevelopmentProvider({
      port: 0,
      dataDir,
      audience: 'latchkey',
      redirectUris: ['http://localhost:3000/'],
    });
    const { stream, text, exitCode } = await printToken(provider.issuer, 'dev');
    await provider.stop();
    expect({ stream, exitCode }).toEqual({ stream: 'stdout', exitCode: 0 });
    expect(decodeJwt(text.trim()).sub).toBe('dev');
  });

  it('says so when there is no such user', async () => {
    expect(await printToken('http://127.0.0.1:1', 'eve')).toEqual({
      stream: 'stderr',
      text: 'There is no user "eve". The users are ada, dev, aud.\n',
      exitCode: 1,
    });
  });

  it('says so when nothing answers', async () => {
    const { stream, text, exitCode } = await printToken('http://127.0.0.1:1', 'ada');
    expect({ stream, exitCode }).toEqual({ stream: 'stderr', exitCode: 1 });
    expect(text).toBe('http://127.0.0.1:1 does not answer. Start Latchkey first (npm start), or set OIDC_ISSUER.\n');
  });
});
