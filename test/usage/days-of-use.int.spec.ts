import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AppQueries } from '../../projections/apps.js';
import { TokenQueries } from '../../projections/tokens.js';
import { DaysOfUse } from '../../src/usage/days-of-use.js';
import { LastUse } from '../../src/usage/last-use.js';
import { SweepLastUseJob } from '../../src/usage/sweep-last-use.job.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const LAST_MOMENT = new Date('2026-03-01T23:59:59.999Z');
const NEXT_DAY = new Date('2026-03-02T00:00:00Z');

describe('days of use', () => {
  let side: ReadSide;
  let database: DataSource;
  let warnings: string[];

  beforeEach(async () => {
    side = await openReadSide();
    database = await side.connect();
    warnings = [];
    jest.spyOn(Logger.prototype, 'warn').mockImplementation((warning: string) => void warnings.push(warning));
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await side.close();
  });

  const anInstance = (on = database) => new LastUse(on, new DaysOfUse(on));
  const aCredential = (tenantId = 'demo') => ({ id: randomUUID(), tenantId });
  const count = (days: number, tenantId = 'demo', now = NEXT_DAY) => new DaysOfUse(database).count(tenantId, days, now);
  const rowCount = async () => (await side.test.query('select count(*)::int from usage.days_of_use'))[0].count;

  it('count each app and each token once a day, and days without any as zero, the oldest first', async () => {
    const lastUse = anInstance();
    const [app, token, other] = [aCredential(), aCredential(), aCredential()];
    for (const at of [LAST_MOMENT, NEXT_DAY, NEXT_DAY]) lastUse.record('app', app, at);
    for (const each of [token, other, token]) lastUse.record('token', each, NEXT_DAY);
    await lastUse.flush();

    expect(await count(3)).toEqual([
      { day: '2026-02-28', apps: 0, tokens: 0 },
      { day: '2026-03-01', apps: 1, tokens: 0 },
      { day: '2026-03-02', apps: 1, tokens: 2 },
    ]);
    expect(await count(1)).toEqual([{ day: '2026-03-02', apps: 1, tokens: 2 }]);
    expect(await count(90)).toHaveLength(90);
  });

  it('know the day before of what was used around midnight between two flushes, in whatever order', async () => {
    const lastUse = anInstance();
    const token = aCredential();
    for (const at of [NEXT_DAY, LAST_MOMENT]) lastUse.record('token', token, at);
    await lastUse.flush();
    expect((await count(2)).map(({ tokens }) => tokens)).toEqual([1, 1]);
  });

  it('are exact when two instances write the same at once, in whatever order, and go on for days', async () => {
    const [one, other] = [anInstance(), anInstance(await side.connect())];
    const tokens = Array.from({ length: 2_000 }, () => aCredential());
    for (let day = 1; day <= 5; day += 1) {
      const at = new Date(Date.UTC(2026, 2, day, 12));
      for (const token of tokens) one.record('token', token, at);
      for (const token of tokens.toReversed()) other.record('token', token, at);
      await Promise.all([one.flush(), other.flush()]);
    }
    expect(warnings).toEqual([]);
    const counts = await count(5, 'demo', new Date('2026-03-05T23:00:00Z'));
    expect(counts.map((each) => each.tokens)).toEqual([2_000, 2_000, 2_000, 2_000, 2_000]);
  });

  it('cost no further statement on the same day, and a process that has started anew counts nothing twice', async () => {
    const lastUse = anInstance();
    const token = aCredential();
    lastUse.record('token', token, NEXT_DAY);
    await lastUse.flush();

    const query = jest.spyOn(database, 'query');
    lastUse.record('token', token, new Date(NEXT_DAY.getTime() + 3_600_000));
    await lastUse.flush();
    expect(query.mock.calls.filter(([text]) => text.includes('days_of_use'))).toEqual([]);

    const another = anInstance();
    another.record('token', token, NEXT_DAY);
    await another.flush();
    expect(await count(1)).toEqual([{ day: '2026-03-02', apps: 0, tokens: 1 }]);
  });

  it('are told to nobody of another tenant', async () => {
    const lastUse = anInstance();
    lastUse.record('token', aCredential('other'), NEXT_DAY);
    lastUse.record('app', aCredential(), NEXT_DAY);
    await lastUse.flush();
    expect(await count(1)).toEqual([{ day: '2026-03-02', apps: 1, tokens: 0 }]);
    expect(await count(1, 'other')).toEqual([{ day: '2026-03-02', apps: 0, tokens: 1 }]);
  });

  it('that could not be written are written later', async () => {
    const lastUse = anInstance();
    lastUse.record('app', aCredential(), LAST_MOMENT);
    await side.test.query('alter table usage.days_of_use rename to away');
    await lastUse.flush();
    expect(warnings).toEqual([expect.stringContaining('kept for later')]);

    await side.test.query('alter table usage.away rename to days_of_use');
    await lastUse.flush();
    expect(await count(2)).toEqual([expect.objectContaining({ apps: 1 }), expect.objectContaining({ apps: 0 })]);
  });

  it('are kept of 200,000 at most between two flushes, and one warning counts the rest', async () => {
    const lastUse = anInstance();
    const tokens = Array.from({ length: 100_001 }, () => aCredential());
    for (const at of [LAST_MOMENT, NEXT_DAY]) for (const token of tokens) lastUse.record('token', token, at);
    await lastUse.flush();
    expect(await rowCount()).toBe(200_000);
    expect(warnings).toEqual([expect.stringContaining('2 uses were not recorded')]);
    expect((await count(2)).map((each) => each.tokens)).toEqual([100_001, 99_999]);
  });

  it('are forgotten after ninety days, by however many sweep at once', async () => {
    await side.test.query(
      `insert into usage.days_of_use
       select (now() at time zone 'UTC')::date - ago, 'demo', 'token', gen_random_uuid()
       from generate_series(89, 92) as ago, generate_series(1, 12000)`,
    );
    const sweep = () => {
      const queries = [new AppQueries(database), new TokenQueries(database)] as const;
      return new SweepLastUseJob(anInstance(), new DaysOfUse(database), ...queries).run();
    };
    await Promise.all([sweep(), sweep()]);
    await sweep();

    const ages = await side.test.query(
      `select (now() at time zone 'UTC')::date - day as age, count(*)::int from usage.days_of_use group by 1 order by 1`,
    );
    expect(ages).toEqual([
      { age: 89, count: 12_000 },
      { age: 90, count: 12_000 },
    ]);
  });
});
