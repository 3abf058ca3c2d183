import { AppQueries, type AppFilter, type AppRow, type AppSortField } from '../../projections/apps.js';
import { AuditQueries } from '../../projections/audit-queries.js';
import type { AuditFilter } from '../../projections/audit-question.js';
import type { Direction, Page, PageKey } from '../../projections/keyset.js';
import { TokenQueries, type TokenFilter, type TokenRow, type TokenSortField } from '../../projections/tokens.js';
import type { LatchkeyEvent } from '../../src/events.js';
import { dice } from '../support/histories.js';
import { accessDenied, appAdded, callerOf, tokenCreated, write } from '../support/log-events.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const NOW = new Date('2026-06-01T00:00:00Z');
const day = (count: number) => new Date(Date.parse('2026-03-01T00:00:00Z') + count * 86_400_000).toISOString();
const ada = callerOf('acme');
const bob = callerOf('acme', { id: 'user-bob', name: 'Bob' });

// Names that sort alike, that differ only in letter case, and that a LIKE pattern would misread.
const NAMES = [
  'alpha',
  'Alpha',
  'ALPHA',
  'beta',
  '100%',
  '100 per cent',
  'a_b',
  'aXb',
  String.raw`c:\d`,
  'cd',
  'é',
  'Zoë',
];

describe('lists', () => {
  let side: ReadSide;
  let apps: AppQueries;
  let tokens: TokenQueries;
  let trail: AuditQueries;

  beforeAll(async () => {
    side = await openReadSide();
    [apps, tokens, trail] = [
      new AppQueries(side.database),
      new TokenQueries(side.database),
      new AuditQueries(side.database),
    ];
    side.project();
    const roll = dice(21);
    for (let index = 0; index < 48; index += 1) {
      const name = NAMES[index % NAMES.length]!;
      // Few different moments, so that many rows are equal in what they are sorted by.
      const app = appAdded({ name, at: day(roll(3)) });
      const token = tokenCreated({
        name,
        at: day(roll(3)),
        expiresAt: day(80 + roll(4) * 10),
        owner: { id: `user-${roll(3)}` },
      });
      const { appId } = app.data;
      const { tokenId } = token.data;
      const more: LatchkeyEvent[] = [];
      if (index % 4 === 1) more.push({ type: 'AppDisabled', data: { appId, at: day(4) } });
      if (index % 8 === 7) more.push({ type: 'AppDeleted', data: { appId, at: day(5) } });
      if (index % 5 === 1) more.push({ type: 'TokenRevoked', data: { tokenId, at: day(6) } });
      if (index % 10 === 1) more.push({ type: 'TokenDeleted', data: { tokenId, at: day(7) } });
      await write(side.store, [app, token, ...more], index % 3 === 0 ? bob : ada);
    }
    await write(side.store, [appAdded({ name: 'alpha' }), tokenCreated({ name: 'alpha' })], callerOf('globex'));
    await write(side.store, [accessDenied({ reason: 'You may not: 100%.' })], bob);
    await side.reached(await side.store.head());
  }, 120_000);
  afterAll(() => side.close());

  type Row = { id: string };
  type ListPage<R> = (first: number, after: PageKey | null) => Promise<Page<R>>;

  async function walk<R extends Row>(
    list: ListPage<R>,
    first: number,
    keyOf: (row: R) => PageKey,
    each?: () => Promise<unknown>,
  ) {
    const rows: R[] = [];
    let after: PageKey | null = null;
    for (;;) {
      const page: Page<R> = await list(first, after);
      expect(page.rows.length).toBeLessThanOrEqual(first);
      rows.push(...page.rows);
      const last = page.rows.at(-1);
      if (!page.hasNextPage || !last) return rows;
      expect(page.rows).toHaveLength(first);
      after = keyOf(last);
      await each?.();
    }
  }

  const idsOf = (rows: Row[]) => rows.map(({ id }) => id);
  const orders = <Field extends string>(...fields: Field[]) =>
    fields.flatMap((field) => (['ASC', 'DESC'] as const).map((direction) => [field, direction] as const));

  const appList =
    (field: AppSortField, direction: Direction, filter: AppFilter = {}): ListPage<AppRow> =>
    (first, after) =>
      apps.list('acme', filter, { first, after, order: { field, direction } });
  const appKey = (field: AppSortField) => (row: AppRow) => ({ value: apps.sortValue(field, row), id: row.id });
  const tokenList =
    (field: TokenSortField, direction: Direction, filter: TokenFilter = {}): ListPage<TokenRow> =>
    (first, after) =>
      tokens.list({ tenantId: 'acme' }, filter, NOW, { first, after, order: { field, direction } });
  const tokenKey = (field: TokenSortField) => (row: TokenRow) => ({ value: tokens.sortValue(field, row), id: row.id });

  describe.each([1, 5, 7])('in pages of %s', (first) => {
    it.each(orders('CREATED_AT', 'UPDATED_AT', 'NAME'))(
      'show each app once, in order: %s %s',
      async (field, direction) => {
        const paged = await walk(appList(field, direction), first, appKey(field));

        expect(idsOf(paged)).toEqual(idsOf((await appList(field, direction)(1_000, null)).rows));
        expect(new Set(idsOf(paged)).size).toBe(42);
        expectOrder(paged, direction, (row) =>
          field === 'NAME' ? null : field === 'CREATED_AT' ? row.createdAt : row.updatedAt,
        );
      },
    );

    it.each(orders('CREATED_AT', 'EXPIRES_AT', 'NAME'))(
      'show each token once, in order: %s %s',
      async (field, direction) => {
        const paged = await walk(tokenList(field, direction), first, tokenKey(field));

        expect(idsOf(paged)).toEqual(idsOf((await tokenList(field, direction)(1_000, null)).rows));
        expect(new Set(idsOf(paged)).size).toBe(43);
        expectOrder(paged, direction, (row) =>
          field === 'NAME' ? null : field === 'CREATED_AT' ? row.createdAt : row.expiresAt,
        );
      },
    );

    it('show each entry of the trail once, the newest first', async () => {
      const list: ListPage<Row & { logOrder: string }> = (count, after) =>
        trail.list('acme', {}, { first: count, after });
      const paged = await walk(list, first * 10, (row) => ({ value: row.logOrder, id: row.id }));
      const logged = await side.test.query(
        `select id from log.events where metadata->>'tenantId' = 'acme' order by position desc`,
      );

      expect(idsOf(paged)).toEqual(idsOf(logged));
      expect(await trail.count('acme', {})).toBe(logged.length);
    });
  });

  it('turn around when the direction does', async () => {
    const forth = await appList('NAME', 'ASC')(1_000, null);
    const back = await appList('NAME', 'DESC')(1_000, null);

    expect(idsOf(back.rows).reverse()).toEqual(idsOf(forth.rows));
    expect(forth.rows.map(({ name }) => name.toLowerCase())).toEqual(
      back.rows.map(({ name }) => name.toLowerCase()).reverse(),
    );
  });

  it.each(orders('CREATED_AT', 'UPDATED_AT', 'NAME'))(
    'are stable while others add: %s %s',
    async (field, direction) => {
      const before = idsOf((await appList(field, direction)(1_000, null)).rows);
      const added: string[] = [];
      let count = 0;
      const paged = await walk(appList(field, direction), 6, appKey(field), async () => {
        // In front of, among and behind what has been seen.
        const names = ['0', 'alpha', 'zzz'];
        const events = names.map((name, index) => appAdded({ name: `${name}${count}`, at: day(index * 2 - 1) }));
        count += 1;
        added.push(...events.map(({ data }) => data.appId));
        await write(side.store, events);
        await side.reached(await side.store.head());
      });

      const known = new Set(before);
      expect(idsOf(paged).filter((id) => known.has(id))).toEqual(before);
      expect(new Set(idsOf(paged)).size).toBe(paged.length);
      await write(
        side.store,
        added.map((appId) => ({ type: 'AppDeleted', data: { appId, at: day(9) } })),
      );
      await side.reached(await side.store.head());
    },
    120_000,
  );

  describe('that are filtered', () => {
    const appNames = async (filter: AppFilter) =>
      [...new Set((await appList('NAME', 'ASC', filter)(1_000, null)).rows.map(({ name }) => name))].sort();
    const tokenNames = async (filter: TokenFilter) =>
      [...new Set((await tokenList('NAME', 'ASC', filter)(1_000, null)).rows.map(({ name }) => name))].sort();

    it.each([
      ['ALPH', ['ALPHA', 'Alpha', 'alpha']],
      ['%', ['100%']],
      ['0%', ['100%']],
      ['_', ['a_b']],
      ['a_b', ['a_b']],
      ['\\', [String.raw`c:\d`]],
      [String.raw`:\D`, [String.raw`c:\d`]],
      ['ZOË', ['Zoë']],
      [`' or 1=1 --`, []],
    ])('by name take every character as it is: %s', async (name, expected) => {
      expect(await appNames({ name })).toEqual(expected);
      expect(await tokenNames({ name })).toEqual(expected);
      expect(await apps.count('acme', { name })).toBe(
        (await appList('NAME', 'ASC', { name })(1_000, null)).rows.length,
      );
    });

    it('by status, owner and expiry show what they say, and count it', async () => {
      const all = (await appList('NAME', 'ASC')(1_000, null)).rows;
      const some = async (filter: AppFilter) => (await appList('NAME', 'ASC', filter)(1_000, null)).rows;
      expect(await some({ status: ['DISABLED'] })).toEqual(all.filter(({ status }) => status === 'DISABLED'));
      expect(await some({ status: [] })).toEqual([]);
      expect(await some({ status: ['ACTIVE', 'DISABLED'] })).toEqual(all);
      expect(await some({ createdBy: 'user-bob' })).toEqual(
        all.filter(({ createdById }) => createdById === 'user-bob'),
      );
      expect(await some({ createdBy: 'user-bob' })).not.toEqual([]);

      const tokensAll = (await tokenList('NAME', 'ASC')(1_000, null)).rows;
      const someTokens = async (filter: TokenFilter) => (await tokenList('NAME', 'ASC', filter)(1_000, null)).rows;
      const isExpired = (row: TokenRow) => row.recordedStatus === 'ACTIVE' && row.expiresAt <= NOW;
      expect(await someTokens({ status: ['EXPIRED'] })).toEqual(tokensAll.filter(isExpired));
      expect(await someTokens({ status: ['EXPIRED'] })).not.toEqual([]);
      expect(await someTokens({ status: ['ACTIVE', 'EXPIRED', 'REVOKED'] })).toEqual(tokensAll);
      expect(await someTokens({ status: [] })).toEqual([]);
      const before = new Date(day(90));
      expect(await someTokens({ expiringBefore: before })).toEqual(
        tokensAll.filter(({ expiresAt }) => expiresAt < before),
      );
      const own = { tenantId: 'acme', ownerId: 'user-1' };
      expect(await tokens.count(own, {}, NOW)).toBe(tokensAll.filter(({ ownerId }) => ownerId === 'user-1').length);
      expect(await tokens.count(own, { createdBy: 'user-2' }, NOW)).toBe(0);
    });

    it('by anything never show another tenant', async () => {
      expect(await apps.count('globex', {})).toBe(1);
      expect(await tokens.count({ tenantId: 'globex' }, {}, NOW)).toBe(1);
      expect(await trail.count('globex', {})).toBe(2);
      expect(await apps.count('', {})).toBe(0);
    });

    it('on the trail show what they say, and count it', async () => {
      const all = (await trail.list('acme', {}, { first: 1_000, after: null })).rows;
      const some = async (filter: AuditFilter) => {
        const { rows } = await trail.list('acme', filter, { first: 1_000, after: null });
        expect(await trail.count('acme', filter)).toBe(rows.length);
        expect(rows).not.toEqual(all);
        return rows;
      };
      const where = (isSo: (row: (typeof all)[number]) => boolean) => all.filter(isSo);

      expect(await some({ actorId: 'user-bob' })).toEqual(where(({ actorId }) => actorId === 'user-bob'));
      expect(await some({ actions: ['AppDisabled', 'TokenRevoked'] })).toEqual(
        where(({ action }) => action === 'AppDisabled' || action === 'TokenRevoked'),
      );
      expect(await some({ targetType: 'TOKEN' })).toEqual(where(({ targetType }) => targetType === 'TOKEN'));
      const targetId = all.find(({ action }) => action === 'AppDeleted')!.targetId!;
      expect(await some({ targetId })).toEqual(where((row) => row.targetId === targetId));
      const [from, to] = [new Date(day(1)), new Date(day(4))];
      expect(await some({ from, to })).toEqual(where(({ at }) => at >= from && at < to));
      expect(await some({ text: '100%' })).toEqual(
        where(({ targetName, reason }) => [targetName, reason].some((text) => text?.includes('100%'))),
      );
      expect(await some({ text: '_' })).toEqual(where(({ targetName }) => targetName?.includes('_') ?? false));
      expect(await some({ actions: [] })).toEqual([]);
    });
  });
});

function expectOrder<R>(rows: R[], direction: Direction, timeOf: (row: R) => Date | null): void {
  const times = rows.map((row) => timeOf(row)?.getTime() ?? 0);
  const sorted = [...times].sort((a, b) => (direction === 'ASC' ? a - b : b - a));
  expect(times).toEqual(sorted);
}
