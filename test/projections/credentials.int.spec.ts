import { LOOK_UP } from '../../projections/credentials.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

let side: ReadSide;

beforeAll(async () => (side = await openReadSide()));
afterAll(() => side.close());

it('credentials are looked up by their keys, also in tables that PostgreSQL knows nothing of yet', async () => {
  const rows: { 'QUERY PLAN': string }[] = await side.test.query(`explain (generic_plan) ${LOOK_UP}`);
  const plan = rows
    .map((row) => row['QUERY PLAN'])
    .filter((line) => /(Seq|Index|Heap) Scan.* on (apps|tokens)\b/.test(line));
  expect(plan).toEqual([
    expect.stringContaining('Index Scan using apps_client_id_key on apps'),
    expect.stringContaining('Index Scan using tokens_secret_hash_key on tokens'),
  ]);
});
