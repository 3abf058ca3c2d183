import { jest } from '@jest/globals';
import type { Page } from 'playwright-core';
import { holdBack, openSite, type Site } from '../support/browser.js';
import { ask } from '../support/operations.js';
import { anApp } from '../support/scenarios.js';

jest.setTimeout(60_000);

/** More than a first page. */
const MANY = 30;
let site: Site;

beforeAll(async () => {
  site = await openSite();
  const dev = await site.tokenOf('dev');
  await anApp(site.service, dev, { name: 'Billing' });
  await Promise.all(
    Array.from({ length: MANY }, (_, number) => ask(site.service, dev, 'createToken', { name: `Token ${number}` })),
  );
}, 120_000);

afterAll(() => site.close());

const focusOn = (page: Page, name: string) => page.locator(':focus').and(page.getByRole('button', { name })).waitFor();

async function press(page: Page, button: string): Promise<void> {
  await page.getByRole('button', { name: button, exact: true }).focus();
  await page.keyboard.press('Enter');
}

async function choose(page: Page, option: string): Promise<void> {
  await press(page, 'Options of Billing');
  await page.getByRole('menuitem', { name: option }).focus();
  await page.keyboard.press('Enter');
}

describe('the focus', () => {
  let page: Page;

  beforeEach(async () => {
    page = await site.signedIn('dev');
  });

  afterEach(() => page.context().close());

  it('stays on the button of what has failed', async () => {
    await choose(page, 'Delete');
    await page.route('**/graphql', (route) => route.abort());
    await press(page, 'Yes');
    await page.getByRole('dialog').getByRole('alert').waitFor();
    await focusOn(page, 'Yes');
  });

  it('stays on the button of what is under way, which is not sent twice', async () => {
    const sent: string[] = [];
    page.on('request', (request) => sent.push(request.postData() ?? ''));
    const goOn = await holdBack(page, 'createToken');
    await press(page, 'Add token');
    await page.getByRole('dialog').getByLabel('Name').fill('Once');
    await press(page, 'Create');
    await page.keyboard.press('Enter');
    await focusOn(page, 'Create');
    await page.getByRole('dialog').getByLabel('Name').press('Enter');
    goOn();
    await page.getByRole('dialog', { name: 'Your new token' }).waitFor();
    expect(sent.filter((body) => body.includes('createToken'))).toHaveLength(1);
  });

  it('is on the value of a new token, so that the next key can copy it', async () => {
    await press(page, 'Add token');
    await page.getByRole('dialog').getByLabel('Name').fill('Just made');
    await press(page, 'Create');
    expect(await page.getByRole('dialog').locator('input:focus').inputValue()).toMatch(/^lk_pat_/);
  });

  it('is on the new secret of an app', async () => {
    await choose(page, 'Rotate secret');
    await press(page, 'Rotate');
    expect(await page.getByRole('dialog').locator('input[readonly]:focus').inputValue()).toMatch(/^lk_sec_/);
  });

  it('is on the options of a row again when their menu is closed, also for the first time', async () => {
    await press(page, 'Options of Billing');
    await page.locator('[role=menu] :focus').waitFor({ state: 'attached' });
    await page.keyboard.press('Escape');
    await page.getByRole('menu').waitFor({ state: 'detached' });
    await focusOn(page, 'Options of Billing');
  });

  it('goes to how many there are when all of them are shown', async () => {
    await press(page, 'Load more');
    await page.locator(':focus', { hasText: /^(\d+) of \1 shown$/ }).waitFor();
  });

  it('goes to the search when the filters are cleared', async () => {
    await page.goto('/?tokens-search=there+is+none');
    await press(page, 'Clear filters');
    await page.locator('input:focus').and(page.getByLabel('Search tokens')).waitFor();
  });
});
