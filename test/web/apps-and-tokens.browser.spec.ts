import { jest } from '@jest/globals';
import type { Locator, Page } from 'playwright-core';
import { holdBack, openSite, type Site } from '../support/browser.js';
import { ask } from '../support/operations.js';
import { aRevokedToken, aToken, anApp } from '../support/scenarios.js';

jest.setTimeout(60_000);

let site: Site;

beforeAll(async () => {
  site = await openSite();
}, 120_000);

afterAll(() => site.close());

const apps = (page: Page) => page.getByRole('region', { name: 'Apps', exact: true });
const tokens = (page: Page) => page.getByRole('region', { name: 'Personal access tokens' });
const rowOf = (section: Locator, name: string) =>
  section.getByRole('row').filter({ has: section.page().getByText(name, { exact: true }) });

async function choose(section: Locator, name: string, option: string): Promise<void> {
  await rowOf(section, name).getByRole('button', { name: 'Options' }).click();
  await section.page().getByRole('menuitem', { name: option, exact: true }).click();
}

async function isOffered(section: Locator, name: string, option: string): Promise<boolean> {
  const page = section.page();
  await rowOf(section, name).getByRole('button', { name: 'Options' }).click();
  const isEnabled = await page.getByRole('menuitem', { name: option, exact: true }).isEnabled();
  await page.keyboard.press('Escape');
  return isEnabled;
}

const seen = (locator: Locator) => locator.waitFor();
const gone = (locator: Locator) => locator.waitFor({ state: 'detached' });

describe('an app on the page', () => {
  let page: Page;

  beforeAll(async () => {
    page = await site.signedIn('dev');
  });

  afterAll(() => page.context().close());

  it('is reached by Settings in the top bar', async () => {
    await page.getByRole('banner').getByRole('link', { name: 'Settings' }).click();
    await seen(page.getByRole('heading', { level: 1, name: 'Apps and tokens' }));
    await seen(page.getByRole('heading', { level: 2, name: 'Apps' }));
  });

  it('is added, and its row has a green check mark for a moment', async () => {
    await page.getByRole('button', { name: 'Add app' }).click();
    const form = page.getByRole('region', { name: 'Add app' });
    await form.getByLabel('App name').fill('Billing');
    await form.getByLabel('Description').fill('Sends invoices');
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    const row = rowOf(apps(page), 'Billing');
    await seen(row.getByRole('img', { name: 'Just added' }));
    expect(await row.getByRole('cell').allInnerTexts()).toEqual(['Billing', 'Dev Okafor', 'Active', 'Never', '']);
    expect(await page.getByRole('table', { name: 'Apps' }).getByRole('columnheader').allInnerTexts()).toEqual(
      expect.arrayContaining(['Name', 'Created by', 'Status']),
    );
    await gone(form);
  });

  it('is not added without a name, and not when that is cancelled', async () => {
    await page.getByRole('button', { name: 'Add app' }).click();
    const form = page.getByRole('region', { name: 'Add app' });
    await form.getByRole('button', { name: 'Add', exact: true }).click();
    await seen(form.getByText('Give it a name.'));
    await form.getByRole('button', { name: 'Cancel' }).click();
    await gone(form);
  });

  it('shows its Client ID and Client Secret, each with a copy button', async () => {
    await choose(apps(page), 'Billing', 'View');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('textbox', { name: 'Client ID' }).inputValue()).toMatch(/^lk_app_/);
    expect(await dialog.getByRole('textbox', { name: 'Client Secret' }).inputValue()).toMatch(/^lk_sec_/);
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
    await dialog.getByRole('button', { name: 'Copy Client Secret' }).click();
    await seen(page.getByRole('status').getByText('Copied'));
    expect(await page.evaluate('navigator.clipboard.readText()')).toMatch(/^lk_sec_/);
    await page.keyboard.press('Escape');
    await gone(dialog);
    expect(await page.content()).not.toContain('lk_sec_');
  });

  it('is disabled and activated', async () => {
    await choose(apps(page), 'Billing', 'Disable');
    await seen(rowOf(apps(page), 'Billing').getByText('Disabled', { exact: true }));
    await choose(apps(page), 'Billing', 'Activate');
    await seen(rowOf(apps(page), 'Billing').getByText('Active', { exact: true }));
  });

  it('gets a new secret while the old one works on', async () => {
    await choose(apps(page), 'Billing', 'Rotate secret');
    const dialog = page.getByRole('dialog');
    await dialog.getByLabel('The old secret works for').selectOption('7 days');
    await dialog.getByRole('button', { name: 'Rotate' }).click();
    expect(await dialog.getByRole('textbox', { name: 'Client Secret' }).inputValue()).toMatch(/^lk_sec_/);
    await page.keyboard.press('Escape');
    await gone(dialog);
  });

  it('is deleted after a Yes, and not after a No', async () => {
    await choose(apps(page), 'Billing', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'No' }).click();
    await seen(rowOf(apps(page), 'Billing'));
    await choose(apps(page), 'Billing', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Yes' }).click();
    await gone(rowOf(apps(page), 'Billing'));
    await seen(apps(page).getByText('No apps yet'));
  });
});

describe('a personal access token on the page', () => {
  let page: Page;

  beforeAll(async () => {
    page = await site.signedIn('dev');
  });

  afterAll(() => page.context().close());

  it('is created, and its value is shown once', async () => {
    await page.getByRole('button', { name: 'Add token' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create new token' });
    await dialog.getByLabel('Name').fill('CI');
    await dialog.getByLabel('Expires in').selectOption('30 days');
    await dialog.getByRole('button', { name: 'Create' }).click();
    const result = page.getByRole('dialog', { name: 'Your new token' });
    await seen(result.getByRole('alert').getByText('Copy it now'));
    expect(await result.getByRole('textbox', { name: 'Token' }).inputValue()).toMatch(/^lk_pat_/);
    await seen(result.getByRole('button', { name: 'Copy Token' }));
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    expect(await result.isVisible()).toBe(true);
    await result.getByRole('button', { name: 'Done' }).click();
    await gone(result);
    expect(await page.content()).not.toContain('lk_pat_');
    await seen(rowOf(tokens(page), 'CI').getByRole('img', { name: 'Just added' }));
  });

  it('shows its identifier', async () => {
    await choose(tokens(page), 'CI', 'View');
    const dialog = page.getByRole('dialog');
    expect(await dialog.getByRole('textbox', { name: 'Identifier' }).inputValue()).toMatch(/^lk_id_/);
    await page.keyboard.press('Escape');
    await gone(dialog);
  });

  it('cannot be deleted while it is active', async () => {
    expect(await isOffered(tokens(page), 'CI', 'Delete')).toBe(false);
  });

  it('is revoked and then deleted, after a Yes each', async () => {
    await choose(tokens(page), 'CI', 'Revoke');
    await page.getByRole('dialog').getByRole('button', { name: 'No' }).click();
    await choose(tokens(page), 'CI', 'Revoke');
    await page.getByRole('dialog').getByRole('button', { name: 'Yes' }).click();
    await seen(rowOf(tokens(page), 'CI').getByText('Revoked', { exact: true }));
    expect(await isOffered(tokens(page), 'CI', 'Revoke')).toBe(false);
    await choose(tokens(page), 'CI', 'Delete');
    await page.getByRole('dialog').getByRole('button', { name: 'Yes' }).click();
    await gone(rowOf(tokens(page), 'CI'));
  });
});

describe('a personal access token that takes its time', () => {
  it('is not lost: nothing closes its dialog before its value is shown', async () => {
    const page = await site.signedIn('dev');
    const goOn = await holdBack(page, 'createToken');
    await page.getByRole('button', { name: 'Add token' }).click();
    const dialog = page.getByRole('dialog', { name: 'Create new token' });
    await dialog.getByLabel('Name').fill('Slow');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await page.keyboard.press('Escape');
    await page.mouse.click(5, 5);
    expect(await dialog.isVisible()).toBe(true);
    expect(await dialog.getByRole('button', { name: 'Close' }).isDisabled()).toBe(true);
    expect(await dialog.getByRole('button', { name: 'Cancel' }).isDisabled()).toBe(true);
    goOn();
    const result = page.getByRole('dialog', { name: 'Your new token' });
    expect(await result.getByRole('textbox', { name: 'Token' }).inputValue()).toMatch(/^lk_pat_/);
    await page.context().close();
  });
});

describe('with the keyboard alone', () => {
  it('a token is created, and revoked', async () => {
    const page = await site.signedIn('dev');
    const { keyboard } = page;
    await page.getByRole('button', { name: 'Add token' }).focus();
    await keyboard.press('Enter');
    await seen(page.getByRole('dialog', { name: 'Create new token' }).locator('input:focus'));
    await keyboard.type('By hand');
    await keyboard.press('Enter');
    const result = page.getByRole('dialog', { name: 'Your new token' });
    await result.getByRole('button', { name: 'Done' }).focus();
    await keyboard.press('Enter');
    await seen(page.locator('button:focus', { hasText: 'Add token' }));
    await rowOf(tokens(page), 'By hand').getByRole('button', { name: 'Options' }).focus();
    await keyboard.press('Enter');
    await page.locator('[role=menu] :focus').waitFor({ state: 'attached' });
    for (const item of ['View', 'Revoke']) {
      await keyboard.press('ArrowDown');
      await seen(page.locator('[role=menuitem]:focus', { hasText: item }));
    }
    await keyboard.press('Enter');
    await seen(page.getByRole('dialog').locator('button:focus', { hasText: 'No' }));
    await keyboard.press('Tab');
    await keyboard.press('Enter');
    await seen(rowOf(tokens(page), 'By hand').getByText('Revoked', { exact: true }));
    await seen(page.locator('button:focus[aria-label="Options of By hand"]'));
    await page.context().close();
  });
});

describe('what a role may not do', () => {
  beforeAll(async () => {
    const [ada, dev] = [await site.tokenOf('ada'), await site.tokenOf('dev')];
    await anApp(site.service, ada, { name: 'Payments' });
    await aToken(site.service, ada, { name: 'Of Ada' });
    await aRevokedToken(site.service, dev, { name: 'Of Dev' });
  });

  const menuOf = async (section: Locator, name: string) => {
    await rowOf(section, name).getByRole('button', { name: 'Options' }).click();
    await seen(section.page().getByRole('menuitem', { name: 'View' }));
    return section.page().getByRole('menuitem').allInnerTexts();
  };

  it('is not offered to a developer', async () => {
    const page = await site.signedIn('dev');
    await seen(rowOf(tokens(page), 'Of Dev'));
    expect(await rowOf(tokens(page), 'Of Ada').count()).toBe(0);
    expect(await page.getByRole('link', { name: 'Audit trail' }).count()).toBe(0);
    expect(await page.getByLabel('Created by').count()).toBe(0);
    expect(await menuOf(apps(page), 'Payments')).toEqual(['View', 'Disable', 'Activate', 'Rotate secret', 'Delete']);
    await page.context().close();
  });

  it('is not offered to an auditor, who sees no secret', async () => {
    const page = await site.signedIn('aud');
    await seen(rowOf(tokens(page), 'Of Ada'));
    expect(await page.getByRole('button', { name: /^Add/ }).count()).toBe(0);
    expect(await menuOf(tokens(page), 'Of Ada')).toEqual(['View']);
    await page.keyboard.press('Escape');
    await gone(page.getByRole('menuitem'));
    expect(await menuOf(apps(page), 'Payments')).toEqual(['View']);
    await page.getByRole('menuitem', { name: 'View' }).click();
    await seen(page.getByRole('dialog').getByRole('textbox', { name: 'Client ID' }));
    expect(await page.getByRole('textbox', { name: 'Client Secret' }).count()).toBe(0);
    await page.context().close();
  });

  it('is offered to an administrator, who filters by owner and changes permissions', async () => {
    const page = await site.signedIn('ada');
    await seen(rowOf(tokens(page), 'Of Dev'));
    await tokens(page).getByLabel('Created by').selectOption('Dev Okafor');
    await gone(rowOf(tokens(page), 'Of Ada'));
    expect(page.url()).toContain('tokens-by=dev');
    await choose(apps(page), 'Payments', 'Permissions');
    await page.getByRole('checkbox', { name: 'May ask whether a credential still holds' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await seen(page.getByRole('status').getByText('The permissions of Payments are saved.'));
    await page.context().close();
  });
});

describe('the permissions of an app', () => {
  it('are stored as the dialog shows them, also when they were changed elsewhere meanwhile', async () => {
    const ada = await site.tokenOf('ada');
    const { id } = await anApp(site.service, ada, { name: 'Shared' });
    const page = await site.signedIn('ada');
    await seen(rowOf(apps(page), 'Shared'));
    await ask(site.service, ada, 'changeAppPermissions', { id, grant: ['EXPIRE_TOKENS'] });
    await choose(apps(page), 'Shared', 'Permissions');
    await page.getByRole('checkbox', { name: 'May ask whether a credential still holds' }).check();
    await page.getByRole('button', { name: 'Save' }).click();
    await seen(page.getByRole('status').getByText('The permissions of Shared are saved.'));
    const { app } = await ask(site.service, ada, 'changeAppPermissions', { id });
    expect(app.permissions).toEqual(['INTROSPECT_TOKENS']);
    await page.context().close();
  });
});

describe('lists', () => {
  it('show hostile names as nothing but text, at any width', async () => {
    const dev = await site.tokenOf('dev');
    const hostile = (number: number) =>
      [
        `<img src=x onerror="document.title='owned'"> ${number}`,
        `"><script>document.title='owned'</script> ${number}`,
        `مرحبا بالعالم שלום ${number}`,
        `👩‍👩‍👧‍👦🔑 ${number} {{7*7}} \${7*7}`,
        `${number}`.padEnd(200, 'W'),
      ][number % 5] ?? '';
    const names = Array.from({ length: 200 }, (_, number) => hostile(number));
    for (let start = 0; start < names.length; start += 20)
      await Promise.all(names.slice(start, start + 20).map((name) => anApp(site.service, dev, { name })));

    const page = await site.signedIn('dev', '/?apps-search=1');
    await page.goto('/');
    await seen(apps(page).getByRole('row').nth(25));
    await apps(page).getByRole('button', { name: 'Load more' }).click();
    await seen(apps(page).getByRole('row').nth(200));
    for (const name of names.slice(0, 10)) await seen(apps(page).getByText(name, { exact: true }));
    expect(await page.locator('td img, td script').count()).toBe(0);
    expect(await page.title()).toBe('Apps and tokens · Latchkey');
    await page.setViewportSize({ width: 390, height: 844 });
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
    await page.context().close();
  });

  it('keep search, filter and order in the address', async () => {
    const page = await site.signedIn('ada', '/?apps-search=pay&apps-status=ACTIVE&apps-order=name');
    await seen(rowOf(apps(page), 'Payments'));
    expect(await apps(page).getByLabel('Search apps').inputValue()).toBe('pay');
    await apps(page).getByLabel('Search apps').fill('there is none');
    await seen(apps(page).getByText('No app is like that'));
    await apps(page).getByRole('button', { name: 'Clear filters' }).click();
    await seen(apps(page).getByRole('row').nth(20));
    expect(page.url()).not.toContain('apps-');
    await page.context().close();
  });
});
