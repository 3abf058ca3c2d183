import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium, type Browser, type LaunchOptions, type Page } from 'playwright-core';
import { fetchToken } from '../../src/embedded/fetch-token.js';
import { createTestDatabase } from './databases.js';
import { stores } from './log.js';
import { freePortPair, startService, type Service } from './service.js';

export type Site = {
  service: Service;
  browser: Browser;
  query(text: string, values?: unknown[]): Promise<any[]>;
  /** An access token, for what a spec does past the page. */
  tokenOf(user: DevelopmentUser): Promise<string>;
  /** A browser of somebody's own, signed in: nothing that others did in theirs is in it. */
  signedIn(user: DevelopmentUser, address?: string, options?: object): Promise<Page>;
  close(): Promise<void>;
};

export type DevelopmentUser = 'ada' | 'dev' | 'aud';

/** The built service with its development sign-in, and a browser. */
export async function openSite(): Promise<Site> {
  const dataDir = await mkdtemp(join(tmpdir(), 'latchkey-browser-'));
  const database = await createTestDatabase();
  const port = await freePortPair();
  const issuer = `http://127.0.0.1:${port + 1}`;
  const service = await startService({ ...stores(database), DATA_DIR: dataDir, PORT: String(port) });
  const browser = await startBrowser(dataDir);
  return {
    service,
    browser,
    query: database.query,
    tokenOf: (user) => fetchToken(issuer, user),
    signedIn: async (user, address = '/', options = {}) => {
      const context = await browser.newContext({
        baseURL: service.url,
        viewport: { width: 1280, height: 900 },
        ...options,
      });
      const page = await context.newPage();
      await signIn(page, user, address);
      return page;
    },
    close: async () => {
      await browser.close();
      await service.stop();
      await database.drop();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** Where nobody has signed in before, the sign-in asks who one is. */
export async function signIn(page: Page, user: DevelopmentUser, address = '/'): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: `Continue as ${user}` }).click();
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Keeps a mutation from the service until it may go on, which the answer does. */
export async function holdBack(page: Page, mutation: string): Promise<() => void> {
  let goOn: () => void = () => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  await page.route('**/graphql', async (route) => {
    if (route.request().postData()?.includes(mutation)) await held;
    await route.continue();
  });
  return goOn;
}

/** What axe finds wrong, a line each. */
export async function faults(page: Page): Promise<string[]> {
  await page.evaluate(await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8'));
  const { violations } = await page.evaluate<any>('axe.run()');
  return violations.map(({ id, nodes }: any) => `${id}: ${nodes.map(({ html }: any) => html).join(' | ')}`);
}

/** Into a directory of its own: two runs, or two users, must not meet in it. */
async function startBrowser(directory: string): Promise<Browser> {
  const unpack = [resolve('test/support/unpack-chromium.js')];
  const { stdout } = await promisify(execFile)(process.execPath, unpack, {
    env: { ...process.env, TMPDIR: directory },
  });
  return chromium.launch(JSON.parse(stdout) as LaunchOptions);
}
