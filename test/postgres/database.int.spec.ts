import { setTimeout as sleep } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { LOCKS, tryLock, unlock } from '../../projections/advisory-locks.js';
import { createDatabase, migrate } from '../../src/postgres/database.js';
import { createTestDatabase } from '../support/databases.js';

it('migrations take as long as they take, and whoever waits for them too: what bounds requests does not bound them', async () => {
  const test = await createTestDatabase();
  const { options } = createDatabase(test.url);
  const bounds = { query_timeout: 200, statement_timeout: 200 };
  const impatient = await new DataSource({
    ...options,
    extra: { ...(options.extra as object), ...bounds },
  }).initialize();
  await expect(impatient.query('select pg_sleep(1)')).rejects.toThrow('timeout');
  const other = await createDatabase(test.url).initialize();
  const runner = other.createQueryRunner();
  expect(await tryLock(runner.manager, LOCKS.migrate)).toBe(true);

  let isDone = false;
  const migration = migrate(impatient).then(() => (isDone = true));
  await sleep(600);
  expect(isDone).toBe(false);
  await unlock(runner.manager, LOCKS.migrate);
  await migration;
  expect(await impatient.query('select name from read.checkpoints')).toEqual([]);

  await runner.release();
  await Promise.all([impatient.destroy(), other.destroy()]);
  await test.drop();
});
