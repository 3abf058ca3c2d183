import fc from 'fast-check';
import { comparePositions, logOrder, type Position } from '../../src/event-store/position.js';

const sign = (number: number) => (number > 0 ? 1 : number < 0 ? -1 : 0);

describe('positions that are one number', () => {
  it.each([
    { a: '1', b: '2' },
    { a: '9', b: '10' },
    { a: '99', b: '100' },
    { a: '0', b: '1' },
    // The two are the same JavaScript number.
    { a: '9007199254740992', b: '9007199254740993' },
    { a: '9223372036854775806', b: '9223372036854775807' },
    { a: '18446744073709551614', b: '18446744073709551615' },
  ])('are in the order of numbers, not of texts: $a before $b', ({ a, b }) => {
    expect(comparePositions(a, b)).toBeLessThan(0);
    expect(comparePositions(b, a)).toBeGreaterThan(0);
    expect(comparePositions(a, a)).toBe(0);
  });
});

describe('positions that are the pair commit/prepare', () => {
  it.each([
    { a: '5/5', b: '6/1', title: 'the commit counts first' },
    { a: '5/4', b: '5/5', title: 'then the prepare' },
    { a: '5/9', b: '5/10', title: 'as numbers' },
    { a: '9007199254740992/1', b: '9007199254740993/0', title: 'beyond 2^53' },
    {
      a: '18446744073709551615/18446744073709551614',
      b: '18446744073709551615/18446744073709551615',
      title: 'to 2^64',
    },
  ])('are in order: $title', ({ a, b }) => {
    expect(comparePositions(a, b)).toBeLessThan(0);
    expect(comparePositions(b, a)).toBeGreaterThan(0);
    expect(comparePositions(b, b)).toBe(0);
  });
});

describe('the beginning of the log', () => {
  it('lies before every position; 0 is only another name for it', () => {
    for (const position of ['1', '1/1', '18446744073709551615/0']) {
      expect(comparePositions(null, position)).toBeLessThan(0);
      expect(comparePositions(position, null)).toBeGreaterThan(0);
    }
    for (const start of [null, '0', '0/0']) expect(comparePositions(null, start)).toBe(0);
  });
});

describe('any positions', () => {
  const number = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
  const single: fc.Arbitrary<Position> = number.map(String);
  const pair: fc.Arbitrary<Position> = fc.tuple(number, number).map((parts) => parts.join('/'));

  it.each([
    { kind: 'single numbers', position: single },
    { kind: 'pairs', position: pair },
  ])('of $kind have one order', ({ position }) => {
    fc.assert(
      fc.property(position, position, position, (a, b, c) => {
        expect(sign(comparePositions(a, b))).toBe(-sign(comparePositions(b, a)) + 0);
        expect(comparePositions(a, b) === 0).toBe(a === b);
        if (comparePositions(a, b) <= 0 && comparePositions(b, c) <= 0)
          expect(comparePositions(a, c)).toBeLessThanOrEqual(0);
      }),
    );
  });
});

describe('the number by which rows are kept', () => {
  it.each([
    { position: '42', order: '42' },
    { position: '42/41', order: '42' },
    { position: '9223372036854775807', order: '9223372036854775807' },
    { position: '9007199254740993/9007199254740992', order: '9007199254740993' },
  ])('of $position is $order', ({ position, order }) => {
    expect(logOrder(position)).toBe(order);
  });
});
