import { GraphQLError, Kind, type ValueNode } from 'graphql';
import { GraphqlDateTime, GraphqlDuration } from '../../src/graphql/scalars.js';

const literal = (value: string): ValueNode => ({ kind: Kind.STRING, value });

/** Throws anything but a refusal on to the spec. */
function codeOf(parse: () => unknown): unknown {
  try {
    parse();
    return null;
  } catch (error) {
    if (error instanceof GraphQLError) return error.extensions['code'];
    throw error;
  }
}

describe('a DateTime', () => {
  it.each([
    { text: '2026-01-31T12:00:00Z', instant: '2026-01-31T12:00:00.000Z' },
    { text: '2026-01-31T12:00:00.5Z', instant: '2026-01-31T12:00:00.500Z' },
    { text: '2026-01-31T12:00:00.123456789Z', instant: '2026-01-31T12:00:00.123Z' },
    { text: '2026-01-31T12:00:00+02:00', instant: '2026-01-31T10:00:00.000Z' },
    { text: '2026-01-01T00:30:00-23:59', instant: '2026-01-02T00:29:00.000Z' },
    { text: '2024-02-29T00:00:00Z', instant: '2024-02-29T00:00:00.000Z' },
    { text: '9999-12-31T23:59:59.999Z', instant: '9999-12-31T23:59:59.999Z' },
  ])('reads $text, as a variable and in the document', ({ text, instant }) => {
    expect(GraphqlDateTime.parseValue(text).toISOString()).toBe(instant);
    expect(GraphqlDateTime.parseLiteral(literal(text)).toISOString()).toBe(instant);
  });

  it.each<unknown>([
    'not-a-date',
    '',
    '2026-01-31',
    '2026-01-31T12:00',
    '2026-01-31T12:00:00',
    '2026-01-31 12:00:00Z',
    '2026-02-30T00:00:00Z',
    '2025-02-29T00:00:00Z',
    '2026-13-01T00:00:00Z',
    '2026-00-01T00:00:00Z',
    '2026-01-31T24:00:00Z',
    '2026-01-31T25:00:00Z',
    '2026-01-31T12:60:00Z',
    '2026-01-31T12:00:60Z',
    '2026-01-31T12:00:00+24:00',
    '2026-01-31T12:00:00+99:99',
    '2026-01-31T12:00:00+0200',
    '2026-01-31T12:00:00z',
    '2026-01-31T12:00:00Z\n',
    ' 2026-01-31T12:00:00Z',
    '+010000-01-01T00:00:00Z',
    '2026-W05-6T12:00:00Z',
    1_769_860_800_000,
    null,
    true,
    {},
    ['2026-01-31T12:00:00Z'],
  ])('refuses %j as bad input', (value) => {
    expect(codeOf(() => GraphqlDateTime.parseValue(value))).toBe('BAD_USER_INPUT');
    if (typeof value === 'string')
      expect(codeOf(() => GraphqlDateTime.parseLiteral(literal(value)))).toBe('BAD_USER_INPUT');
  });

  it('refuses a number in the document', () => {
    expect(codeOf(() => GraphqlDateTime.parseLiteral({ kind: Kind.INT, value: '5' }))).toBe('BAD_USER_INPUT');
  });

  it('is written in UTC with milliseconds', () => {
    expect(GraphqlDateTime.serialize(new Date('2026-01-31T12:00:00+02:00'))).toBe('2026-01-31T10:00:00.000Z');
  });
});

describe('a Duration', () => {
  const HOUR = 3_600_000;

  it.each([
    { text: 'PT0S', milliseconds: 0 },
    { text: 'PT24H', milliseconds: 24 * HOUR },
    { text: 'P1D', milliseconds: 24 * HOUR },
    { text: 'P1W', milliseconds: 7 * 24 * HOUR },
    { text: 'P30D', milliseconds: 30 * 24 * HOUR },
    { text: 'P1DT2H30M', milliseconds: 26.5 * HOUR },
    // Minutes, behind the T: not months.
    { text: 'PT1M', milliseconds: 60_000 },
    { text: 'PT0.5S', milliseconds: 500 },
    { text: 'PT1.1H', milliseconds: 3_960_000 },
    { text: 'PT0.00001M', milliseconds: 1 },
    { text: 'PT0.000001M', milliseconds: 0 },
  ])('reads $text, as a variable and in the document', ({ text, milliseconds }) => {
    expect(GraphqlDuration.parseValue(text)).toBe(milliseconds);
    expect(GraphqlDuration.parseLiteral(literal(text))).toBe(milliseconds);
  });

  it.each<unknown>([
    '',
    // Without a number it would be no time at all, and a rotation would stop a secret that is in use.
    'P',
    'PT',
    'P1M',
    'P1Y',
    'P1Y1D',
    'P0.5Y',
    '-P1D',
    'P-1D',
    'PT-1S',
    'p1d',
    'P1D ',
    'P1D\n',
    '1',
    '24h',
    '86400000',
    86_400_000,
    null,
    {},
  ])('refuses %j as bad input', (value) => {
    expect(codeOf(() => GraphqlDuration.parseValue(value))).toBe('BAD_USER_INPUT');
    if (typeof value === 'string')
      expect(codeOf(() => GraphqlDuration.parseLiteral(literal(value)))).toBe('BAD_USER_INPUT');
  });

  it('is written as ISO 8601 says', () => {
    expect(GraphqlDuration.parseValue(GraphqlDuration.serialize(90_061_001))).toBe(90_061_001);
    expect(GraphqlDuration.serialize(60_000)).toBe('PT1M');
  });
});
