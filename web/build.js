// Builds the page into dist/web, unless what is there is newer than all that it is made from.
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'vite';

const here = import.meta.dirname;
const root = join(here, '..');
const built = join(root, 'dist', 'web', 'index.html');

const changedAt = async (path) => (await stat(path).catch(() => null))?.mtimeMs ?? 0;

async function newestSource() {
  const names = (await readdir(here, { recursive: true })).map((name) => join(here, name));
  const times = await Promise.all(
    [...names, join(root, 'src', 'canonical-json.ts'), join(root, 'package-lock.json')].map(changedAt),
  );
  return Math.max(...times);
}

if ((await changedAt(built)) < (await newestSource()))
  await build({ configFile: join(here, 'vite.config.js'), logLevel: 'error' });
