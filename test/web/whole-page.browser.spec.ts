import { jest } from '@jest/globals';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { openSite, signIn, type Site } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { aDisabledApp, aRevokedToken, aToken, anApp } from '../support/scenarios.js';

jest.setTimeout(60_000);

const PICTURES = 'test-results';
const views = ['/', '/audit-trail', '/status'];
let site: Site;
let axe: string;

beforeAll(async () => {
  site = await openSite();
  axe = await readFile(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
  await mkdir(PICTURES, { recursive: true });
  const { service } = site;
  const [ada, dev] = [await site.tokenOf('ada'), await site.tokenOf('dev')];
  await anApp(service, ada, { name: 'Billing', description: 'Sends invoices' });
  await anApp(service, dev, { name: 'Search indexer' });
  await aDisabledApp(service, dev, { name: 'Old importer' });
  await aToken(service, dev, { name: 'Continuous integration' });
  await aToken(service, ada, { name: 'Backup script' });
  await aRevokedToken(service, dev, { name: 'Laptop' });
}, 120_000);

afterAll(() => site.close());

const main = (page: Page) => page.getByRole('main');

async function goTo(page: Page, view: string): Promise<void> {
  const names: Record<string, string> = { '/': 'Settings', '/audit-trail': 'Audit trail', '/status': 'Status' };
  await page
    .getByRole('banner')
    .getByRole('link', { name: names[view] ?? '' })
    .click();
  await main(page).getByRole('row').nth(1).waitFor();
}

/** What axe finds wrong, a line each. */
async function faults(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  const { violations } = await page.evaluate<any>('axe.run()');
  return violations.map(({ id, nodes }: any) => `${id}: ${nodes.map(({ html }: any) => html).join(' | ')}`);
}

describe.each(['light', 'dark'] as const)('in %s colours', (colorScheme) => {
  let page: Page;

  beforeAll(async () => {
    page = await site.signedIn('ada', '/', { colorScheme, reducedMotion: 'reduce' });
  });

  afterAll(() => page.context().close());

  it.each(views)('%s can be used by everybody, and fits a phone', async (view) => {
    await goTo(page, view);
    expect(await faults(page)).toEqual([]);
    const name = view === '/' ? 'apps-and-tokens' : view.slice(1);
    await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}-1280.png` });
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.screenshot({ path: `${PICTURES}/${name}-${colorScheme}-390.png`, fullPage: true });
    await page.setViewportSize({ width: 1280, height: 900 });
  });

  it('the dialogs can be used by everybody', async () => {
    await goTo(page, '/');
    await page.getByRole('button', { name: 'Options of Billing' }).click();
    await page.getByRole('menuitem', { name: 'View' }).click();
    await page.getByRole('textbox', { name: 'Client Secret' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.screenshot({ path: `${PICTURES}/app-${colorScheme}-1280.png` });
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add token' }).click();
    await page.getByRole('dialog', { name: 'Create new token' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Add app' }).click();
    expect(await faults(page)).toEqual([]);
  });
});

describe('the audit trail', () => {
  let page: Page;

  beforeAll(async () => {
    page = await site.signedIn('aud', '/audit-trail');
    await main(page).getByRole('row').nth(1).waitFor();
  });

  afterAll(() => page.context().close());

  const entries = (isEnough: (count: number) => boolean) =>
    eventually(() => main(page).getByRole('button', { name: 'Details' }).count(), isEnough);

  it('is filtered, and the filter is in the address', async () => {
    await main(page).getByLabel('Action').selectOption('Token revoked');
    await entries((count) => count === 1);
    await main(page).getByText('revoked the token "Laptop"').waitFor();
    expect(page.url()).toContain('action=TokenRevoked');
  });

  it('shows all of an entry, and what was there then', async () => {
    await main(page).getByRole('button', { name: 'Details' }).click();
    await page.getByRole('dialog').getByText('Correlation id').waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('link', { name: 'Apps and tokens as of then' }).click();
    await main(page).getByText('This is how it was at').waitFor();
    await main(page).getByText('Laptop').waitFor();
    expect(await main(page).getByRole('cell', { name: 'Revoked' }).count()).toBe(1);
    await page.goBack();
    await page.getByRole('heading', { level: 1, name: 'Audit trail' }).waitFor();
  });

  it('is verified by the browser, with a green mark only when it holds', async () => {
    await main(page).getByLabel('Action').selectOption('Any');
    await entries((count) => count > 5);
    await main(page).getByRole('button', { name: 'Verify' }).click();
    await main(page)
      .getByText(/^Verified: \d+ entries shown are in the signed trail/)
      .waitFor();
    expect(await faults(page)).toEqual([]);
    await page.screenshot({ path: `${PICTURES}/verified-1280.png` });

    await page.route('**/graphql', async (route) => {
      const response = await route.fetch();
      await route.fulfill({
        response,
        body: (await response.text()).replaceAll('"targetName":"Laptop"', '"targetName":"Desk"'),
      });
    });
    await main(page).getByLabel('Action').selectOption('Token created');
    await entries((count) => count === 3);
    expect(
      await main(page)
        .getByText(/^Verified:/)
        .count(),
    ).toBe(0);
    await main(page).getByRole('button', { name: 'Verify' }).click();
    await main(page).getByRole('alert').getByText('is not in the signed trail as it is shown here').waitFor();
    // Proofs are asked for side by side: those under way when the first has failed come to their end.
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('is taken along as a file', async () => {
    await main(page).getByRole('button', { name: 'Export' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('menuitem', { name: 'JSON Lines' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/^audit-trail-demo-.+\.jsonl$/);
  });
});

describe('the status', () => {
  it('shows how far a rebuild has come, to administrators', async () => {
    const page = await site.signedIn('ada', '/status');
    await main(page)
      .getByRole('row', { name: /Tokens Up to date/ })
      .waitFor();
    await main(page).getByRole('button', { name: 'Rebuild Tokens' }).click();
    await page.getByRole('status').getByText('Tokens is being built anew').waitFor();
    await page.context().close();
  });

  it('shows how many credentials were used on each of the last days', async () => {
    const page = await site.signedIn('aud', '/status');
    const days = page.getByRole('table', { name: 'Credentials in use' }).getByRole('row');
    await days.nth(14).waitFor({ state: 'attached' });
    const today = new Date().toISOString().slice(0, 10);
    expect(await days.nth(14).innerText()).toMatch(new RegExp(`^${today}\\s+\\d+\\s+\\d+$`));
    expect(await days.count()).toBe(1 + 14);
    expect(await main(page).locator('svg rect').count()).toBe(2 * 14);
    await page.context().close();
  });

  it('offers nothing to auditors but a look', async () => {
    const page = await site.signedIn('aud', '/status');
    await main(page)
      .getByRole('row', { name: /Tokens/ })
      .waitFor();
    expect(await main(page).getByRole('button').count()).toBe(0);
    await page.context().close();
  });
});

describe('when something is wrong', () => {
  it('a list that cannot be had says so, and is there when it is tried again', async () => {
    const page = await site.signedIn('dev', '/status');
    await page.getByRole('heading', { level: 1, name: 'There is no such page' }).waitFor();
    await page.route('**/graphql', (route) => route.abort());
    await page.getByRole('link', { name: 'Settings' }).click();
    await main(page).getByRole('alert').first().getByText('Latchkey cannot be reached.').waitFor();
    await page.unroute('**/graphql');
    await main(page).getByRole('button', { name: 'Try again' }).first().click();
    await main(page).getByText('Billing').waitFor();
    await page.context().close();
  });

  it('a refusal of the service is told in its words, and nothing typed is lost', async () => {
    const page = await site.signedIn('dev');
    await page.getByRole('button', { name: 'Add app' }).click();
    await page.getByLabel('App name').fill('line\u2028separator');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await main(page).getByRole('alert').getByText('must not contain control').waitFor();
    expect(await page.getByLabel('App name').inputValue()).toBe('line\u2028separator');
    await page.context().close();
  });

  it('an expired sign-in is renewed in a window of its own, and what was sent goes on', async () => {
    const page = await site.signedIn('dev');
    await page.getByRole('button', { name: 'Add token' }).click();
    await page.getByRole('dialog').getByLabel('Name').fill('Written before it expired');
    await page.route('**/graphql', (route) => route.fulfill({ status: 401, json: { errors: [] } }), { times: 1 });
    await page.getByRole('button', { name: 'Create' }).click();
    await page.getByRole('dialog', { name: 'Your sign-in has expired' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.screenshot({ path: `${PICTURES}/expired-1280.png` });
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('dialog', { name: 'Your new token' }).waitFor();
    await page.keyboard.press('Escape');
    await main(page).getByText('Written before it expired').waitFor();
    expect(page.context().pages()).toHaveLength(1);
    await page.context().close();
  });

  it.each([
    ['page-settings', { issuer: 'https://id.example.com', clientId: null }, 'Sign-in is not set up yet'],
    [
      'graphql',
      { data: { me: { id: 'dev', name: 'Dev Okafor', tenantId: 'demo', roles: [] } } },
      'You have no role here',
    ],
  ])('an installation or an account that is not set up is told what is missing: %s', async (path, json, heading) => {
    const page = await site.signedIn('dev');
    await page.route(`**/${path}`, (route) => route.fulfill({ json }));
    await page.reload();
    await page.getByRole('heading', { level: 1, name: heading }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.context().close();
  });

  it('who has signed out stays so until they sign in', async () => {
    const page = await site.signedIn('dev');
    await page.getByRole('button', { name: 'Account of Dev Okafor' }).click();
    await page.getByRole('menuitem', { name: 'Sign out' }).click();
    await page.getByRole('heading', { name: 'You are signed out' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('button', { name: 'Continue as aud' }).click();
    await page.getByRole('button', { name: 'Account of Audrey Lind' }).waitFor();
    await page.context().close();
  });
});

describe('secrets', () => {
  it('are in no address, no storage, no title and nothing that is loaded again', async () => {
    const page = await site.signedIn('ada');
    const addresses: string[] = [];
    page.on('request', (request) => addresses.push(request.url()));
    await page.getByRole('button', { name: 'Options of Billing' }).click();
    await page.getByRole('menuitem', { name: 'View' }).click();
    await page.getByRole('textbox', { name: 'Client Secret' }).waitFor();
    const kept: string = await page.evaluate(
      'JSON.stringify([{ ...localStorage }, { ...sessionStorage }, document.cookie, document.title, location.href])',
    );
    expect([kept, ...addresses].join('\n')).not.toMatch(/lk_sec_|eyJ|access_token|id_token/);
    // A reload signs in anew, by the session at the provider alone.
    await page.reload();
    await main(page).getByText('Billing').waitFor();
    expect(new URL(page.url()).search).toBe('');
    await page.context().close();
  });
});

describe('the answers of the service', () => {
  it('let the page run nothing of others, in no frame of others, and are kept as long as they are good', async () => {
    const { url } = site.service;
    for (const view of views) {
      const { status, headers } = await fetch(`${url}${view}`);
      expect(status).toBe(200);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'none'; script-src 'self'; style-src 'self' 'nonce-[\w+/=]{20,}'/);
      expect(policy).toMatch(/frame-ancestors 'none'; base-uri 'none'/);
      expect(policy).not.toContain('unsafe');
      expect(headers.get('x-frame-options')).toBe('DENY');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cache-control')).toBe('no-cache');
    }
    const document = await (await fetch(url)).text();
    const [, script = ''] = /src="(\/assets\/[^"]+\.js)"/.exec(document) ?? [];
    const asset = await fetch(`${url}${script}`, { headers: { 'accept-encoding': 'br' } });
    expect(asset.headers.get('cache-control')).toBe('public, max-age=31536000, immutable');
    expect(asset.headers.get('content-encoding')).toBe('br');
    expect((await fetch(`${url}/assets/none.js`)).status).toBe(404);
    const { headers: fresh } = await fetch(url);
    expect(fresh.get('content-security-policy')).not.toBe((await fetch(url)).headers.get('content-security-policy'));
  });

  it('bring the browser nothing that its policy refuses', async () => {
    const page = await (await site.browser.newContext({ baseURL: site.service.url })).newPage();
    const refused: string[] = [];
    page.on('console', (message) => {
      if (message.text().includes('Content Security Policy')) refused.push(message.text());
    });
    await signIn(page, 'ada');
    for (const view of views) await goTo(page, view);
    await page.goto('/');
    await page.getByRole('button', { name: 'Add token' }).click();
    await page.getByRole('dialog').waitFor();
    expect(refused).toEqual([]);
    await page.context().close();
  });
});
