import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { brotliCompress, gzip } from 'node:zlib';
import { defineConfig } from 'vite';

const root = import.meta.dirname;
const outDir = join(root, '..', 'dist', 'web');

/** The service sends these files as they are: it need not compress them again and again. */
const compressed = {
  name: 'compressed',
  async closeBundle() {
    const assets = join(outDir, 'assets');
    const names = (await readdir(assets)).filter((name) => /\.(js|css|svg)$/.test(name));
    await Promise.all(names.map((name) => compress(join(assets, name))));
  },
};

async function compress(path) {
  const content = await readFile(path);
  await writeFile(`${path}.gz`, await promisify(gzip)(content));
  await writeFile(`${path}.br`, await promisify(brotliCompress)(content));
}

export default defineConfig({
  root,
  plugins: [compressed],
  // The service puts a nonce of its own into each answer, in place of this word.
  html: { cspNonce: '__STYLE_NONCE__' },
  build: { outDir, emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false } },
});
