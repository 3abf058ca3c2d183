import { jest } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { faults, openSite, signIn, type Site } from '../support/browser.js';
import { eventually } from '../support/eventually.js';
import { aDisabledApp, aRevokedToken, aToken, anApp } from '../support/scenarios.js';

jest.setTimeout(60_000);

const PICTURES = 'test-results';
/** In milliseconds: the page takes what was typed until then for all of it. */
const LONGER_THAN_A_PAUSE = 350;
const views = ['/', '/audit-trail', '/status'];
let site: Site;

beforeAll(async () => {
  site = await openSite();
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

const tooPale = async (page: Page) => (await faults(page)).filter((fault) => fault.startsWith('color-contrast'));

async function goTo(page: Page, view: string): Promise<void> {
  const names: Record<string, string> = { '/': 'Settings', '/audit-trail': 'Audit trail', '/status': 'Status' };
  await page
    .getByRole('banner')
    .getByRole('link', { name: names[view] ?? '' })
    .click();
  await main(page).getByRole('row').nth(1).waitFor();
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

  it.each(['Billing', 'Laptop'])('the options of %s can be read by everybody, Delete among them', async (name) => {
    await goTo(page, '/');
    await page.getByRole('button', { name: `Options of ${name}` }).click();
    const remove = page.getByRole('menuitem', { name: 'Delete' });
    await remove.waitFor();
    expect(await tooPale(page)).toEqual([]);
    await remove.hover();
    expect(await tooPale(page)).toEqual([]);
    await remove.click();
    await page.getByRole('dialog').getByRole('button', { name: 'Yes' }).waitFor();
    expect(await faults(page)).toEqual([]);
    await page.keyboard.press('Escape');
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

  it('leads to no moment that is still to come', async () => {
    const latest = await main(page).getByLabel('Apps and tokens as they were at').getAttribute('max');
    expect(Date.parse(latest ?? '')).toBeLessThanOrEqual(Date.now());
    const future = await site.signedIn('aud', '/?asOf=2999-01-01T00:00:00Z');
    await main(future).getByText('Billing').waitFor();
    expect(await main(future).getByText('This is how it was at').count()).toBe(0);
    await future.context().close();
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

  it('is searched for words with a space between them, however slowly they are typed', async () => {
    const text = main(page).getByLabel('Text', { exact: true });
    await text.pressSequentially('Dev ');
    await page.waitForURL(/text=Dev$/);
    await text.pressSequentially('Okafor');
    await page.waitForURL(/text=Dev\+Okafor$/);
    expect(await text.inputValue()).toBe('Dev Okafor');
    await text.fill('');
  });

  it('is asked for a span of time whose year is typed digit by digit', async () => {
    const from = main(page).getByLabel('From', { exact: true });
    await from.fill('2026-11-28T11:30');
    await page.waitForURL(/from=2026/);
    await main(page).getByLabel('Id', { exact: true }).focus();
    for (const key of ['Tab', 'Tab', 'Tab']) await page.keyboard.press(key);
    await page.keyboard.type('2025', { delay: LONGER_THAN_A_PAUSE });
    await page.waitForURL(/from=2025/);
    expect(await from.inputValue()).toBe('2025-11-28T11:30');
    await from.fill('');
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
