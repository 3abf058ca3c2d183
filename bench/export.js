import { performance } from 'node:perf_hooks';
import { fillTrail } from './support/fill-trail.js';
import { peakMegabytes } from './support/memory.js';
import { withStack } from './support/stack.js';

const ENTRIES = 1_000_000;
const MEGABYTE = 1_000_000;

/** How fast does the whole trail leave, and how much memory has the service ever held by then? */
export default () =>
  withStack(async (stack) => {
    const { url: databaseUrl, client } = await stack.database('export');
    const service = await stack.service(databaseUrl);
    await fillTrail(client, ENTRIES);
    // The log goes on behind them, with the entry that tells of the export.
    await client.query(
      `insert into log.events values ($1, 'bench.end', 0, gen_random_uuid(), 'Filled', '{}', '{}', now())`,
      [ENTRIES],
    );
    const before = await peakMegabytes(service);
    const rates = [];
    for (const format of ['jsonl', 'csv']) rates.push(`${format} ${await rateOf(service, stack.issuer.token, format)}`);
    const after = await peakMegabytes(service);
    return (
      `export of ${ENTRIES.toLocaleString('en')} entries: ${rates.join(', ')}; peak memory ${after} MB, ` +
      `${before} MB before`
    );
  });

async function rateOf({ url }, token, format) {
  const started = performance.now();
  const response = await globalThis.fetch(`${url}/audit/export?format=${format}`, {
    headers: { authorization: `Bearer ${token}` },
  });
  let [bytes, lines] = [0, 0];
  for await (const chunk of response.body) {
    bytes += chunk.length;
    for (let end = chunk.indexOf(0x0a); end !== -1; end = chunk.indexOf(0x0a, end + 1)) lines += 1;
  }
  if (lines < ENTRIES) throw new Error(`Only ${lines} lines came.`);
  const seconds = (performance.now() - started) / 1_000;
  return `${(bytes / MEGABYTE / seconds).toFixed(1)} MB/s (${Math.round(lines / seconds).toLocaleString('en')} entries/s)`;
}
