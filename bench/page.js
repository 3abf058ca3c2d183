import { rm, writeFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { startBrowser } from './support/browser.js';
import { fillRows } from './support/fill.js';
import { withStack } from './support/stack.js';
import { median, milliseconds } from './support/statistics.js';
import { stops } from './support/stops.js';

const ROWS = 10_000;
const ROUNDS = 9;
const SCREEN = { width: 1280, height: 900 };
/** Pixels a second: five screens. */
const SPEED = 4_500;
const SCROLL_SECONDS = 10;
const ORDINARY = '/';
const EMPTY = '/assets/empty.html';
const EMPTY_FILE = 'dist/web/assets/empty.html';

/** How long until the page is there, next to an empty one of the same server, and does a long list scroll smoothly? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('page');
    // Where no provider is named the service brings one along, at which a browser can sign in.
    const service = await stack.service(databaseUrl, undefined, { OIDC_ISSUER: undefined, OIDC_AUDIENCE: undefined });
    await fillRows(client, ROWS);
    stops.push(() => rm(EMPTY_FILE, { force: true }));
    await writeFile(EMPTY_FILE, '<!doctype html><title>Empty</title><p>Empty</p>');

    const browser = await startBrowser();
    const options = { baseURL: service.url, viewport: SCREEN };
    const page = await signedIn(browser, options);
    const opened = await openInTurn(browser, { ...options, storageState: await page.context().storageState() });
    await loadAllTokens(page);
    const scrolled = await scroll(page);
    await openTall(page);
    const scrolledEmpty = await scroll(page);

    const middle = (address, what) => milliseconds(median(opened[address].map((times) => times[what])));
    return (
      `page: first paint ${middle(ORDINARY, 'painted')} (limit 1,800), both tables ${middle(ORDINARY, 'loaded')} (limit 2,500), ` +
      `an empty page ${middle(EMPTY, 'painted')}; scrolling ${ROWS.toLocaleString('en')} tokens ${told(scrolled)} ` +
      `(target 50 frames/s, limit 16.7 ms), an empty page ${told(scrolledEmpty)}`
    );
  });

const told = ({ frames, busy }) =>
  `${median(frames)} frames/s, worst second ${Math.min(...frames)}, main thread ${milliseconds(busy)} a frame`;

async function signedIn(browser, options) {
  const page = await (await browser.newContext(options)).newPage();
  await page.goto(ORDINARY);
  await page.getByRole('button', { name: 'Continue as ada' }).click();
  await tokensOf(page).getByRole('table').waitFor();
  return page;
}

const tokensOf = (page) => page.getByRole('region', { name: 'Personal access tokens' });

/** With the session at the provider, and nothing in the cache. */
async function openInTurn(browser, options) {
  const times = { [EMPTY]: [], [ORDINARY]: [] };
  for (let round = 0; round < ROUNDS; round += 1)
    for (const address of [EMPTY, ORDINARY]) times[address].push(await open(browser, options, address));
  return times;
}

/** Milliseconds from the address to what is seen. */
async function open(browser, options, address) {
  const context = await browser.newContext(options);
  const expected = address === EMPTY ? ['painted'] : ['painted', 'loaded'];
  const times = {};
  const isThere = new Promise((resolve) => {
    void context.exposeFunction('tell', (what, at) => {
      times[what] ??= at - started;
      if (expected.every((each) => each in times)) resolve();
    });
  });
  await context.addInitScript(watch);
  const page = await context.newPage();
  const started = performance.timeOrigin + performance.now();
  await page.goto(address);
  await isThere;
  await context.close();
  return times;
}

/** Runs in the browser, in each document before the scripts of its own. */
function watch() {
  const { document, MutationObserver, PerformanceObserver, performance: clock, tell } = globalThis;
  new PerformanceObserver((list) => {
    for (const { startTime } of list.getEntriesByName('first-contentful-paint'))
      tell('painted', clock.timeOrigin + startTime);
  }).observe({ type: 'paint', buffered: true });
  new MutationObserver(() => {
    if (document.querySelectorAll('main table').length === 2) tell('loaded', clock.timeOrigin + clock.now());
  }).observe(document, { childList: true, subtree: true });
}

async function loadAllTokens(page) {
  const tokens = tokensOf(page);
  for (let shown = 25; shown < ROWS; shown += 200) {
    await tokens.getByText(`${shown.toLocaleString('en')} of`).waitFor();
    await tokens.getByRole('button', { name: 'Load more' }).click();
  }
  await tokens.getByText(`${ROWS.toLocaleString('en')} of`).waitFor();
}

async function openTall(page) {
  await page.goto(EMPTY);
  await page.evaluate(() => (globalThis.document.body.style.height = '500000px'));
}

/** How many frames there were in each second, and the processor time of the main thread for each: other work on the machine takes frames, too. */
async function scroll(page) {
  await page.evaluate(countFrames);
  const browser = await page.context().newCDPSession(page);
  await browser.send('Performance.enable', { timeDomain: 'threadTicks' });
  const before = await mainThreadSeconds(browser);
  await browser.send('Input.synthesizeScrollGesture', {
    x: SCREEN.width / 2,
    y: SCREEN.height / 2,
    yDistance: -SPEED * SCROLL_SECONDS,
    speed: SPEED,
    gestureSourceType: 'mouse',
  });
  const after = await mainThreadSeconds(browser);
  const moments = await page.evaluate(() => globalThis.frames);
  const secondOf = (at) => Math.floor((at - moments[0]) / 1_000);
  return {
    frames: Array.from(
      { length: SCROLL_SECONDS },
      (_, second) => moments.filter((at) => secondOf(at) === second).length,
    ),
    busy: ((after - before) * 1_000) / moments.length,
  };
}

/** Runs in the browser. */
function countFrames() {
  globalThis.scrollTo(0, 0);
  globalThis.frames = [];
  const count = (at) => {
    globalThis.frames.push(at);
    globalThis.requestAnimationFrame(count);
  };
  globalThis.requestAnimationFrame(count);
}

async function mainThreadSeconds(browser) {
  const { metrics } = await browser.send('Performance.getMetrics');
  return metrics.find(({ name }) => name === 'TaskDuration').value;
}
