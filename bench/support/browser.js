import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { temporaryDirectory } from './stack.js';
import { stops } from './stops.js';

/** The browser of the specs. */
export async function startBrowser() {
  const env = { ...process.env, TMPDIR: await temporaryDirectory() };
  const unpack = [resolve('test/support/unpack-chromium.js')];
  const { stdout } = await promisify(execFile)(process.execPath, unpack, { env });
  const browser = await chromium.launch(JSON.parse(stdout));
  stops.push(() => browser.close());
  return browser;
}
