import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LARGEST = 200_000;

/** Promise: a page that loads on a slow line. What belongs to the other views is loaded with them. */
describe('the scripts that the page loads at first', () => {
  const document = readFileSync('dist/web/index.html', 'utf8');
  const files = [...document.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map(([, file]) => file);

  it('are at most 200 kB, compressed', () => {
    expect(files.length).toBeGreaterThan(0);
    const sizes = files.map((file) => gzipSync(readFileSync(`dist/web/${file}`), { level: 9 }).length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThanOrEqual(LARGEST);
  });
});
