import { jest } from '@jest/globals';
import { mkdir } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { faults, openSite, type Site } from '../support/browser.js';
import { ask } from '../support/operations.js';
import { anApp } from '../support/scenarios.js';

jest.setTimeout(60_000);

const PICTURES = 'test-results';
let site: Site;

beforeAll(async () => {
  site = await openSite();
  await mkdir(PICTURES, { recursive: true });
  await anApp(site.service, await site.tokenOf('ada'), { name: 'Billing' });
}, 120_000);

afterAll(() => site.close());

const main = (page: Page) => page.getByRole('main');
const said = (page: Page, text: string) => page.getByRole('status').getByText(text).waitFor();

/** From now on the provider lets nobody in. */
async function refuseSignIn(page: Page): Promise<void> {
  await page.context().route('**/auth?*', (route) => {
    const asked = new URL(route.request().url()).searchParams;
    const answer = new URLSearchParams({ error: 'access_denied', error_description: 'Not on Sundays' });
    answer.set('state', asked.get('state') ?? '');
    return route.fulfill({ status: 303, headers: { location: `${asked.get('redirect_uri')}?${answer.toString()}` } });
  });
}

describe('the status', () => {
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

describe('a read model', () => {
  let page: Page;
  let ada: string;

  beforeAll(async () => {
    ada = await site.tokenOf('ada');
    page = await site.signedIn('ada', '/status');
  });

  afterAll(() => page.context().close());

  it('is built anew under a bar that advances and ends', async () => {
    let processed = 4;
    await page.route('**/graphql', async (route) => {
      if (route.request().postData()?.includes('mutation')) processed = 1;
      const response = await route.fetch();
      const { data } = await response.json();
      const tokens = data.projections?.find(({ name }: { name: string }) => name === 'tokens');
      if (tokens) tokens.rebuild = processed < 4 ? { processed, total: 4, error: null } : null;
      await route.fulfill({ response, json: { data } });
    });
    const button = page.getByRole('button', { name: 'Rebuild Tokens' });
    await button.click();
    await said(page, 'Tokens is being built anew');
    await page.getByRole('progressbar', { name: 'Rebuilding Tokens: 25 %' }).waitFor();
    expect(await button.isDisabled()).toBe(true);
    processed = 3;
    await page.getByRole('progressbar', { name: 'Rebuilding Tokens: 75 %' }).waitFor();
    processed = 4;
    await page.getByRole('progressbar').waitFor({ state: 'detached' });
    expect(await button.isEnabled()).toBe(true);
    await page.unrouteAll({ behavior: 'wait' });
  });

  it('goes on with a parked stream once what held it up is mended, and it is retried', async () => {
    await site.query(`alter table read.apps add constraint bitter check (name <> 'Bitter')`);
    await ask(site.service, ada, 'addApp', { name: 'Bitter' });
    await page.reload();
    const row = page
      .getByRole('table', { name: 'Parked streams' })
      .getByRole('row', { name: /Apps AppAdded .*bitter/ });
    const retry = row.getByRole('button', { name: /^Retry latchkey.*app-/ });
    await retry.click();
    await said(page, 'still waits');

    await site.query('alter table read.apps drop constraint bitter');
    await retry.click();
    await said(page, 'waits no longer');
    await main(page).getByText('No stream waits.').waitFor();
    await page.getByRole('link', { name: 'Settings' }).click();
    await main(page).getByText('Bitter', { exact: true }).waitFor();
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

  it('who is offline is told so, loses nothing typed, and goes on when online again', async () => {
    const page = await site.signedIn('dev');
    await main(page).getByText('Billing').waitFor();
    await page.getByRole('button', { name: 'Add app' }).click();
    await page.getByLabel('App name').fill('Typed offline');
    await page.context().setOffline(true);
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    const form = page.getByRole('region', { name: 'Add app' });
    await form.getByRole('alert').getByText('You are offline.').waitFor();
    await main(page).getByLabel('Search apps').fill('Bill');
    await main(page).getByText('Apps cannot be shown').waitFor();

    await page.context().setOffline(false);
    await main(page).getByText('Billing').waitFor();
    expect(await page.getByLabel('App name').inputValue()).toBe('Typed offline');
    await page.getByRole('button', { name: 'Add', exact: true }).click();
    await main(page).getByText('Typed offline', { exact: true }).waitFor();
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
    await refuseSignIn(page);
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('alert').getByText('Not on Sundays').waitFor();
    await page.context().unrouteAll();
    await page.evaluate('window.realOpen = window.open, window.open = () => null');
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('alert').getByText('The window was closed or blocked').waitFor();
    await page.evaluate('window.open = window.realOpen');
    await page.getByRole('button', { name: 'Sign in again' }).click();
    await page.getByRole('dialog', { name: 'Your new token' }).getByRole('button', { name: 'Done' }).click();
    await main(page).getByText('Written before it expired').waitFor();
    expect(page.context().pages()).toHaveLength(1);
    await page.context().close();
  });

  it('what somebody else has deleted goes from the list once it is found to be gone', async () => {
    const ada = await site.tokenOf('ada');
    const { id } = await anApp(site.service, ada, { name: 'Deleted elsewhere' });
    const page = await site.signedIn('ada');
    const options = page.getByRole('button', { name: 'Options of Deleted elsewhere' });
    await options.click();
    await ask(site.service, ada, 'deleteApp', { id });
    await page.getByRole('menuitem', { name: 'Disable' }).click();
    await main(page).getByRole('alert').getByText('There is no such app.').waitFor();
    await options.waitFor({ state: 'detached' });
    await page.context().close();
  });

  it('an export that cannot be had says so in a sentence', async () => {
    const page = await site.signedIn('aud', '/audit-trail');
    await page.route('**/audit/export?*', (route) => route.abort());
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'JSON Lines' }).click();
    await main(page).getByRole('alert').getByText('Latchkey cannot be reached.').waitFor();
    await page.context().close();
  });

  it('an export waits for an expired sign-in to be renewed, and is handed over then', async () => {
    const page = await site.signedIn('aud', '/audit-trail');
    await page.route('**/audit/export?*', (route) => route.fulfill({ status: 401, json: { errors: [] } }), {
      times: 1,
    });
    await page.getByRole('button', { name: 'Export' }).click();
    await page.getByRole('menuitem', { name: 'JSON Lines' }).click();
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: 'Sign in again' }).click(),
    ]);
    expect(download.suggestedFilename()).toMatch(/\.jsonl$/);
    await page.context().close();
  });

  it('a sign-in that the provider refuses is told in its words, and can be tried again', async () => {
    const page = await site.signedIn('dev');
    await refuseSignIn(page);
    await page.reload();
    await page.getByRole('heading', { level: 1, name: 'The sign-in did not work' }).waitFor();
    await main(page).getByText('Not on Sundays').waitFor();
    expect(new URL(page.url()).search).toBe('');
    expect(await faults(page)).toEqual([]);
    await page.context().unrouteAll();
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.getByRole('heading', { level: 1, name: 'Apps and tokens' }).waitFor();
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
