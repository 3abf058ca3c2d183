import { AppHistoryQueries, appHistoryProjection } from '../../projections/app-history.js';
import type { AppFilter, AppRow, AppSortField } from '../../projections/apps.js';
import type { Page, PageKey, PageRequest } from '../../projections/keyset.js';
import type { Projection } from '../../projections/projection.js';
import { Tables } from '../../projections/tables.js';
import { TokenHistoryQueries } from '../../projections/token-history.js';
import {
  statusOf,
  TokenQueries,
  tokensProjection,
  type TokenFilter,
  type TokenRow,
  type TokenSortField,
} from '../../projections/tokens.js';
import type { LatchkeyEvent, Recorded } from '../../src/events.js';
import { randomUUID } from 'node:crypto';
import { recorded } from '../support/builders.js';
import { expectedApp, expectedToken } from '../support/expected-rows.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

/** Promise: what is shown as of a moment is what the log tells up to that moment, and expiry is told by the clock. */

const HOUR = 3_600_000;
const roll = dice(17);

let side: ReadSide;
let apps: AppHistoryQueries;
let tokens: TokenHistoryQueries;

type History = { events: Recorded[]; moments: Date[] };

/** What happened to some things, in the order of the log, and when each event counts: never before the one that it follows. */
function history(events: LatchkeyEvent[], tenantId: string, skew: () => number): History {
  const actor = { kind: 'USER', id: `user-${roll(3)}`, name: 'Somebody' } as const;
  let latest = 0;
  const moments: Date[] = [];
  const skewed = events.map((event) => {
    const at = new Date(Date.parse(event.data.at) + skew());
    // Who views credentials changes nothing.
    if (event.type !== 'AppCredentialsViewed') latest = Math.max(latest, at.getTime());
    moments.push(new Date(Math.max(latest, at.getTime())));
    const told = { ...event, data: { ...event.data, at: at.toISOString() } } as LatchkeyEvent;
    return recorded(told, { id: randomUUID(), metadata: { tenantId, actor } });
  });
  return { events: skewed, moments };
}

const tenant = (index: number) => (index % 5 ? 'acme' : 'globex');
const appHistories = Array.from({ length: 40 }, (_, index) =>
  // The clocks of those who change an app differ by up to three hours, its changes lie one hour apart.
  history(appHistory(roll, 14), tenant(index), () => roll(180) * 60_000),
);
const tokenHistories = Array.from({ length: 40 }, (_, index) =>
  history(tokenHistory(roll, 5), tenant(index), () => index * 1_000),
);

/** In batches of any size, in the order of each history. */
async function project(projection: Projection, histories: History[]): Promise<void> {
  const left = histories.map(({ events }) => [...events]);
  for (;;) {
    const batch: Recorded[] = [];
    for (const events of left) batch.push(...events.splice(0, roll(4)));
    if (left.every((events) => events.length === 0) && batch.length === 0) return;
    await projection.apply(batch, new Tables(side.database.manager));
  }
}

beforeAll(async () => {
  side = await openReadSide();
  apps = new AppHistoryQueries(side.database);
  tokens = new TokenHistoryQueries(side.database);
  await project(appHistoryProjection, appHistories);
  await project(tokensProjection, tokenHistories);
});

afterAll(() => side.close());

/** At each change, a moment before each, and in between. */
function momentsOf(histories: History[]): Date[] {
  const changes = histories.flatMap(({ moments }) => moments);
  const some = changes.filter(() => roll(16) === 0);
  const random = Array.from({ length: 10 }, () => new Date(changes[0]!.getTime() + (roll(24 * 60) - 60) * 60_000));
  return [...some, ...some.map((moment) => new Date(moment.getTime() - 1)), ...random];
}

/** The events of a history that have happened by then; none when it was over. */
function eventsUntil({ events, moments }: History, asOf: Date, end: LatchkeyEvent['type']): Recorded[] {
  const happened = events.filter((_, index) => moments[index]! <= asOf);
  return happened.some(({ type }) => type === end) ? [] : happened;
}

const ofAcme = (histories: History[]) => histories.filter(({ events }) => events[0]!.metadata.tenantId === 'acme');

async function walk<Row extends { id: string }>(
  list: (after: PageKey | null) => Promise<Page<Row>>,
  valueOf: (row: Row) => string,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (let after: PageKey | null = null; ;) {
    const page: Page<Row> = await list(after);
    rows.push(...page.rows);
    const last = page.rows.at(-1);
    if (!page.hasNextPage || !last) return rows;
    after = { value: valueOf(last), id: last.id };
  }
}

const byId = (a: { id: string }, b: { id: string }) => (a.id < b.id ? -1 : 1);
/** By a time, then by the id. */
const inOrder = <Row extends { id: string }>(rows: Row[], timeOf: (row: Row) => Date) =>
  rows.toSorted((a, b) => timeOf(a).getTime() - timeOf(b).getTime() || byId(a, b));

describe('apps as of a moment', () => {
  const shown = ({ id, tenantId, clientId, name, description, status, permissions, createdAt, ...rest }: AppRow) => {
    const secrets = rest.secrets.map((secret) => ({ ...secret, hash: '', pepperId: '' }));
    const { updatedAt, createdById, createdByName } = rest;
    const who = { createdById, createdByName };
    return { id, tenantId, clientId, name, description, status, permissions, createdAt, updatedAt, secrets, ...who };
  };
  const expectedAt = (asOf: Date) =>
    ofAcme(appHistories)
      .map((each) => eventsUntil(each, asOf, 'AppDeleted'))
      .filter((events) => events.length > 0)
      .map((events) => shown(expectedApp(events)));

  const listed = async (asOf: Date, filter: AppFilter = {}, field: AppSortField = 'CREATED_AT') => {
    const page = (after: PageKey | null): PageRequest<AppSortField> => ({
      first: 7,
      after,
      order: { field, direction: 'ASC' },
    });
    const valueOf = (row: AppRow) =>
      ({ CREATED_AT: row.createdAt.toISOString(), UPDATED_AT: row.updatedAt.toISOString(), NAME: row.name })[field];
    return (await walk((after) => apps.list('acme', filter, asOf, page(after)), valueOf)).map(shown);
  };

  it('are those whose history had begun and not ended, as they were then', async () => {
    for (const asOf of momentsOf(appHistories)) {
      const expected = expectedAt(asOf);
      expect(await listed(asOf)).toEqual(inOrder(expected, ({ createdAt }) => createdAt));
      expect(await apps.count('acme', {}, asOf)).toBe(expected.length);
    }
  });

  it('are sorted and filtered by what they were then', async () => {
    for (const asOf of momentsOf(appHistories).slice(-8)) {
      const expected = expectedAt(asOf);
      expect(await listed(asOf, {}, 'UPDATED_AT')).toEqual(inOrder(expected, ({ updatedAt }) => updatedAt));
      expect((await listed(asOf, {}, 'NAME')).toSorted(byId)).toEqual(expected.toSorted(byId));
      const disabled = expected.filter(({ status }) => status === 'DISABLED');
      expect((await listed(asOf, { status: ['DISABLED'] })).toSorted(byId)).toEqual(disabled.toSorted(byId));
      const some = expected.filter(({ name, createdById }) => name.includes('1') && createdById === 'user-1');
      expect((await listed(asOf, { name: '1', createdBy: 'user-1' })).toSorted(byId)).toEqual(some.toSorted(byId));
    }
  });

  it('are found by their id as they were then, in their tenant only', async () => {
    for (const each of appHistories) {
      const { appId } = (each.events[0] as Recorded<Extract<LatchkeyEvent, { type: 'AppAdded' }>>).data;
      const asOf = each.moments[roll(each.moments.length)]!;
      const events = eventsUntil(each, asOf, 'AppDeleted');
      const found = await apps.find(each.events[0]!.metadata.tenantId, appId, asOf);
      expect(found && shown(found)).toEqual(events.length > 0 ? shown(expectedApp(events)) : null);
      expect(await apps.find('initech', appId, asOf)).toBeNull();
    }
  });

  it('have no version that overlaps another, ends before it begins, or shows a hash', async () => {
    const overlaps = await side.test.query(
      `select 1 from read.app_versions a join read.app_versions b on a.app_id = b.app_id and a.id <> b.id
       where a.valid_from < a.valid_to and b.valid_from < coalesce(b.valid_to, 'infinity')
         and tstzrange(a.valid_from, a.valid_to) && tstzrange(b.valid_from, b.valid_to)`,
    );
    expect(overlaps).toEqual([]);
    const [counts] = await side.test.query(
      `select count(*) filter (where valid_to < valid_from)::int as negative,
              count(*) filter (where secrets::text ~ 'hash|pepper')::int as hashes from read.app_versions`,
    );
    expect(counts).toEqual({ negative: 0, hashes: 0 });
  });
});

describe('tokens as of a moment', () => {
  const shown = ({ id, name, ownerId, createdAt, expiresAt, revokedAt, revokedById }: TokenRow, status: string) => ({
    id,
    name,
    ownerId,
    createdAt,
    expiresAt,
    revokedAt,
    revokedById,
    status,
  });
  /** The job only tells what the clock has told: expired is what has come to its end without being revoked. */
  const statusAt = (row: TokenRow, asOf: Date) =>
    row.revokedAt !== null ? 'REVOKED' : row.expiresAt <= asOf ? 'EXPIRED' : 'ACTIVE';
  const expectedAt = (asOf: Date) =>
    ofAcme(tokenHistories)
      .map((each) => eventsUntil(each, asOf, 'TokenDeleted'))
      .filter((events) => events.length > 0)
      .map((events) => expectedToken(events))
      .map((row) => shown(row, statusAt(row, asOf)));

  const listed = async (asOf: Date, filter: TokenFilter = {}, field: TokenSortField = 'CREATED_AT') => {
    const page = (after: PageKey | null): PageRequest<TokenSortField> => ({
      first: 7,
      after,
      order: { field, direction: 'ASC' },
    });
    const valueOf = (row: TokenRow) =>
      ({ CREATED_AT: row.createdAt.toISOString(), EXPIRES_AT: row.expiresAt.toISOString(), NAME: row.name })[field];
    const rows = await walk((after) => tokens.list('acme', filter, asOf, page(after)), valueOf);
    return rows.map((row) => shown(row, statusOf(row, asOf)));
  };

  it('are those that had been created and not deleted, revoked or expired as they were then', async () => {
    for (const asOf of momentsOf(tokenHistories)) {
      const expected = expectedAt(asOf);
      expect(await listed(asOf)).toEqual(inOrder(expected, ({ createdAt }) => createdAt));
      expect(await listed(asOf, {}, 'EXPIRES_AT')).toEqual(inOrder(expected, ({ expiresAt }) => expiresAt));
      expect(await tokens.count('acme', {}, asOf)).toBe(expected.length);
    }
  });

  it('are filtered by what they were then', async () => {
    const histories = momentsOf(tokenHistories).slice(-8);
    for (const asOf of histories)
      for (const status of ['ACTIVE', 'REVOKED', 'EXPIRED'] as const) {
        const expected = expectedAt(asOf).filter((row) => row.status === status);
        expect((await listed(asOf, { status: [status] }, 'NAME')).toSorted(byId)).toEqual(expected.toSorted(byId));
        expect(await tokens.count('acme', { status: [status] }, asOf)).toBe(expected.length);
        const expiringBefore = new Date(asOf.getTime() + HOUR);
        const due = expected.filter(({ ownerId, expiresAt }) => ownerId === 'user-1' && expiresAt < expiringBefore);
        const filter = { status: [status], createdBy: 'user-1', expiringBefore };
        expect((await listed(asOf, filter)).toSorted(byId)).toEqual(due.toSorted(byId));
      }
  });

  it('are at the latest moment what they are now', async () => {
    const later = new Date(Date.parse('2030-01-01T00:00:00Z'));
    const order = { field: 'CREATED_AT', direction: 'ASC' } as const;
    const now = await new TokenQueries(side.database).list({ tenantId: 'acme' }, {}, later, {
      first: 100,
      after: null,
      order,
    });
    expect(await listed(later)).toEqual(now.rows.map((row) => shown(row, statusOf(row, later))));
  });

  it('are found by their id, in their tenant only', async () => {
    for (const each of tokenHistories) {
      const { tokenId } = (each.events[0] as Recorded<Extract<LatchkeyEvent, { type: 'TokenCreated' }>>).data;
      const asOf = each.moments[roll(each.moments.length)]!;
      const isThere = eventsUntil(each, asOf, 'TokenDeleted').length > 0;
      expect((await tokens.find(each.events[0]!.metadata.tenantId, tokenId, asOf)) !== null).toBe(isThere);
      expect(await tokens.find('initech', tokenId, asOf)).toBeNull();
    }
  });
});
