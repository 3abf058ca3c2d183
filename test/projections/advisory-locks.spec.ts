import { readFileSync } from 'node:fs';
import { LOCKS } from '../../projections/advisory-locks.js';

it('each lock has a number of its own, the log’s included (promise: a rebuild does not wait for heads to be published)', () => {
  const sql = readFileSync('src/event-store/postgres/postgres-log.sql.ts', 'utf8');
  const ofTheLog = [...sql.matchAll(/pg_advisory_xact_lock\((\d+)\)/g)].map(([, number]) => Number(number));
  const numbers = [...ofTheLog, ...Object.values(LOCKS)];
  expect(ofTheLog).toHaveLength(2);
  expect(new Set(numbers).size).toBe(numbers.length);
});
