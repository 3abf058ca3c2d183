import 'reflect-metadata';
import fc from 'fast-check';
import type { PageKey } from '../../projections/keyset.js';
import { DomainError } from '../../src/domain-error.js';
import { connect, cursorOf, keyOfCursor, type CursorScope } from '../../src/graphql/connection.js';

/** Whatever a text can hold, NUL and halves of pairs included. */
const anyUnit = fc.nat(0xffff).map((unit) => String.fromCharCode(unit));

const ID = '11111111-1111-4111-8111-111111111111';
const byTime: CursorScope = { list: 'apps', field: 'CREATED_AT', direction: 'DESC', kind: 'time' };
const byName: CursorScope = { list: 'apps', field: 'NAME', direction: 'ASC', kind: 'text' };
const byPosition: CursorScope = { list: 'auditTrail', field: 'position', direction: 'DESC', kind: 'number' };
const MOMENT = '2026-03-01T12:00:00.000Z';

function refusalOf(cursor: string, scope: CursorScope): string | null {
  try {
    keyOfCursor(cursor, scope);
    return null;
  } catch (error) {
    if (error instanceof DomainError) return error.code;
    throw error;
  }
}

/** A cursor as somebody might make one up. */
const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');

describe('a cursor', () => {
  it.each([
    { scope: byTime, value: MOMENT },
    { scope: byTime, value: '9999-12-31T23:59:59.999Z' },
    { scope: byName, value: 'Billing' },
    { scope: byName, value: '' },
    { scope: byName, value: '計費 😀 "quoted" \\ %_' },
    { scope: byPosition, value: '9223372036854775807' },
    { scope: byPosition, value: '0' },
  ])('leads back to its place: $value', ({ scope, value }) => {
    expect(keyOfCursor(cursorOf({ value, id: ID }, scope), scope)).toEqual({ value, id: ID });
  });

  it('leads back to the place of any name', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.uuid(), (value, id) => {
        fc.pre(!value.includes('\0'));
        expect(keyOfCursor(cursorOf({ value, id }, byName), byName)).toEqual({ value, id });
      }),
    );
  });

  it('is not needed for the first page', () => {
    expect(keyOfCursor(null, byTime)).toBeNull();
    expect(keyOfCursor(undefined, byTime)).toBeNull();
  });

  it.each([
    { other: 'list', scope: { ...byTime, list: 'tokens' } },
    { other: 'field', scope: { ...byTime, field: 'UPDATED_AT' } },
    { other: 'direction', scope: { ...byTime, direction: 'ASC' as const } },
  ])('is of no use in another $other', ({ scope }) => {
    const cursor = cursorOf({ value: MOMENT, id: ID }, byTime);
    expect(refusalOf(cursor, scope)).toBe('BAD_USER_INPUT');
    expect(refusalOf(cursor, byTime)).toBeNull();
  });
});

describe('a forged cursor (promise: no client text reaches the database unchecked)', () => {
  const key = (value: unknown, id: unknown = ID, { list, field, direction } = byTime) =>
    forged([list, field, direction, value, id]);

  it.each([
    { title: 'that is empty', cursor: '' },
    { title: 'that is no base64', cursor: '***' },
    { title: 'that is no JSON', cursor: Buffer.from('nonsense').toString('base64url') },
    { title: 'that is null', cursor: forged(null) },
    { title: 'that is an object', cursor: forged({ value: MOMENT, id: ID }) },
    { title: 'that is an empty list', cursor: forged([]) },
    { title: 'without an id', cursor: forged(['apps', 'CREATED_AT', 'DESC', MOMENT]) },
    { title: 'with an id that is none', cursor: key(MOMENT, `${ID}' or true --`) },
    { title: 'with a number as id', cursor: key(MOMENT, 5) },
    { title: 'with a list as value', cursor: key([MOMENT]) },
    { title: 'with a number as value', cursor: key(5) },
    { title: 'with null as value', cursor: key(null) },
    { title: 'with text as moment', cursor: key('now') },
    { title: 'with a word that PostgreSQL knows', cursor: key('infinity') },
    { title: 'with a moment without a zone', cursor: key('2026-03-01T12:00:00.000') },
    { title: 'with a day that does not exist', cursor: key('2026-02-31T00:00:00.000Z') },
    { title: 'with an hour that does not exist', cursor: key('2026-02-01T24:00:00.000Z') },
    { title: 'with a year that PostgreSQL does not know', cursor: key('0000-01-01T00:00:00.000Z') },
    { title: 'with a year of five digits', cursor: key('+010000-01-01T00:00:00.000Z') },
    { title: 'with a line end after the moment', cursor: key(`${MOMENT}\n`) },
  ])('$title is bad input', ({ cursor }) => {
    expect(refusalOf(cursor, byTime)).toBe('BAD_USER_INPUT');
  });

  it.each([
    '-1',
    '1.5',
    '1e3',
    '',
    'x',
    '0x10',
    ' 1',
    '1\n',
    '9223372036854775808',
    '9999999999999999999',
    '1'.repeat(20),
  ])('with %j for a place in the log is bad input', (value) => {
    expect(refusalOf(key(value, ID, byPosition), byPosition)).toBe('BAD_USER_INPUT');
  });

  it('with a NUL in a name is bad input', () => {
    expect(refusalOf(key('a\0b', ID, byName), byName)).toBe('BAD_USER_INPUT');
  });

  it('of any text is bad input, and never anything worse', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: anyUnit }), fc.jsonValue().map(forged)), (cursor) => {
        expect(refusalOf(cursor, byTime)).toBe('BAD_USER_INPUT');
      }),
    );
  });
});

describe('a page', () => {
  type Row = { id: string; name: string };
  const rows: Row[] = [
    { id: ID, name: 'a' },
    { id: '22222222-2222-4222-8222-222222222222', name: 'b' },
  ];
  const keyOf = (row: Row): PageKey => ({ value: row.name, id: row.id });
  const page = (
    given: Row[],
    { hasNextPage = false, after = null as string | null, count = () => Promise.resolve(2) } = {},
  ) => connect({ rows: given, hasNextPage }, after, byName, ({ name }) => name.toUpperCase(), keyOf, count);

  it('has its entries as edges and as nodes', () => {
    const { edges, nodes } = page(rows);
    expect(nodes).toEqual(['A', 'B']);
    expect(edges.map(({ node }) => node)).toEqual(nodes);
    expect(edges.map(({ cursor }) => keyOfCursor(cursor, byName))).toEqual(rows.map(keyOf));
  });

  it('begins and ends with the cursors of its first and last entry', () => {
    const { edges, pageInfo } = page(rows, { hasNextPage: true });
    expect(pageInfo).toEqual({
      hasNextPage: true,
      hasPreviousPage: false,
      startCursor: edges[0]?.cursor,
      endCursor: edges[1]?.cursor,
    });
  });

  it('has one before it when it begins after a cursor', () => {
    const after = cursorOf(keyOf(rows[0]!), byName);
    expect(page(rows.slice(1), { after }).pageInfo).toMatchObject({ hasPreviousPage: true, hasNextPage: false });
  });

  it('has no cursors when it is empty', () => {
    expect(page([]).pageInfo).toEqual({
      hasNextPage: false,
      hasPreviousPage: false,
      startCursor: null,
      endCursor: null,
    });
  });

  it('is counted only for whoever asks', async () => {
    let counts = 0;
    const connection = page(rows, { count: () => Promise.resolve(++counts) });
    expect(counts).toBe(0);
    expect(await connection.totalCount).toBe(1);
  });
});

it('a list is counted once, under however many names that is asked for, and not at all for whoever does not ask', async () => {
  let counted = 0;
  const count = () => Promise.resolve((counted += 1));
  const list = connect({ rows: [], hasNextPage: false }, null, byTime, String, () => ({ value: '', id: ID }), count);
  expect(counted).toBe(0);
  expect(await Promise.all([list.totalCount, list.totalCount])).toEqual([1, 1]);
});
