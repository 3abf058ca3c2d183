import { jest } from '@jest/globals';
import { Progress } from '../../projections/progress.js';
import type { Position } from '../../src/event-store/position.js';

beforeEach(() => {
  jest.useFakeTimers();
});

afterEach(() => {
  jest.useRealTimers();
});

const nothingToSee = () => Promise.resolve(null);
const after = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);

/** What a wait has come to so far. */
function watch(waiting: Promise<boolean>): () => boolean | 'waits' {
  let outcome: boolean | 'waits' = 'waits';
  void waiting.then((isReached) => (outcome = isReached));
  return () => outcome;
}

describe('read models of which nothing is known yet', () => {
  it('show the beginning of the log', async () => {
    expect(await new Progress(nothingToSee).waitFor(null, 1_000)).toBe(true);
  });

  it('show no event, not even the first', async () => {
    const outcome = watch(new Progress(nothingToSee).waitFor('1', 1_000));
    await after(999);
    expect(outcome()).toBe('waits');
    await after(1);
    expect(outcome()).toBe(false);
  });
});

describe('a wait for a position (promise: a mutation answers when its effect shows, and not before)', () => {
  it('ends at the position', async () => {
    const progress = new Progress(nothingToSee);
    const outcome = watch(progress.waitFor('10', 1_000));
    progress.advance('10');
    await after(0);
    expect(outcome()).toBe(true);
  });

  it('ends after the position', async () => {
    const progress = new Progress(nothingToSee);
    const outcome = watch(progress.waitFor('10', 1_000));
    progress.advance('11');
    await after(0);
    expect(outcome()).toBe(true);
  });

  it.each(['1', '9'])('does not end before it, at %s', async (position) => {
    const progress = new Progress(nothingToSee);
    const outcome = watch(progress.waitFor('10', 1_000));
    progress.advance(position);
    await after(999);
    expect(outcome()).toBe('waits');
    progress.advance('10');
    await after(0);
    expect(outcome()).toBe(true);
  });

  it('does not begin when the position was reached before', async () => {
    const progress = new Progress(nothingToSee);
    progress.advance('10');
    expect(await progress.waitFor('10', 1_000)).toBe(true);
    expect(await progress.waitFor('9', 1_000)).toBe(true);
    expect(jest.getTimerCount()).toBe(0);
  });

  it('ends with false when its time is over, whatever comes later', async () => {
    const progress = new Progress(nothingToSee);
    const outcome = watch(progress.waitFor('10', 1_000));
    await after(1_000);
    expect(outcome()).toBe(false);
    progress.advance('10');
    await after(0);
    expect(outcome()).toBe(false);
  });

  it('ends for each who waits, as far as each waits for', async () => {
    const progress = new Progress(nothingToSee);
    const outcomes = ['1', '2', '2', '3'].map((position) => watch(progress.waitFor(position, 1_000)));
    progress.advance('2');
    await after(0);
    expect(outcomes.map((outcome) => outcome())).toEqual([true, true, true, 'waits']);
    await after(1_000);
    expect(outcomes.map((outcome) => outcome())).toEqual([true, true, true, false]);
  });

  it('leaves no timer behind', async () => {
    const progress = new Progress(nothingToSee, 100);
    void progress.waitFor('1', 1_000);
    void progress.waitFor('2', 50);
    progress.advance('1');
    await after(1_000);
    expect(jest.getTimerCount()).toBe(0);
  });
});

describe('positions that arrive out of order', () => {
  it('do not take back what was reached', async () => {
    const progress = new Progress(nothingToSee);
    progress.advance('10');
    progress.advance('5');
    expect(await progress.waitFor('10', 1_000)).toBe(true);
  });
});

describe.each<{ kind: string; before: Position; awaited: Position; next: Position }>([
  { kind: 'of more digits', before: '9', awaited: '10', next: '11' },
  // As JavaScript numbers, the first two are the same.
  { kind: 'beyond 2^53', before: '9007199254740992', awaited: '9007199254740993', next: '9007199254740994' },
  { kind: 'near 2^64', before: '18446744073709551613', awaited: '18446744073709551614', next: '18446744073709551615' },
  { kind: 'that are pairs, by commit', before: '99/99', awaited: '100/1', next: '101/0' },
  { kind: 'that are pairs, by prepare', before: '100/9', awaited: '100/10', next: '100/11' },
  {
    kind: 'that are pairs beyond 2^53',
    before: '9007199254740993/9007199254740992',
    awaited: '9007199254740993/9007199254740993',
    next: '9007199254740994/0',
  },
])('positions $kind', ({ before, awaited, next }) => {
  it('end a wait neither too early nor too late', async () => {
    const progress = new Progress(nothingToSee);
    const outcome = watch(progress.waitFor(awaited, 1_000));
    progress.advance(before);
    await after(500);
    expect(outcome()).toBe('waits');
    progress.advance(next);
    await after(0);
    expect(outcome()).toBe(true);
  });
});

describe('a look at the checkpoints', () => {
  it('finds what no notification told', async () => {
    let checkpoint: Position | null = null;
    const progress = new Progress(() => Promise.resolve(checkpoint), 100);
    const outcome = watch(progress.waitFor('10', 1_000));
    await after(100);
    expect(outcome()).toBe('waits');
    checkpoint = '10';
    await after(100);
    expect(outcome()).toBe(true);
  });

  it('is taken again after one that failed', async () => {
    let looks = 0;
    const progress = new Progress(
      () => (++looks < 3 ? Promise.reject(new Error('unreachable')) : Promise.resolve('10')),
      100,
    );
    const outcome = watch(progress.waitFor('10', 1_000));
    await after(300);
    expect(outcome()).toBe(true);
    expect(looks).toBe(3);
  });

  it('is taken once for all who wait, and only while somebody waits', async () => {
    let looks = 0;
    const look = () => {
      looks += 1;
      return Promise.resolve(null);
    };
    const progress = new Progress(look, 100);
    const waits = ['1', '2', '3'].map((position) => progress.waitFor(position, 250));
    await after(250);
    expect(await Promise.all(waits)).toEqual([false, false, false]);
    expect(looks).toBe(2);
    await after(10_000);
    expect(looks).toBe(2);

    // And again for the next who waits.
    void progress.waitFor('1', 250);
    await after(250);
    expect(looks).toBe(4);
  });

  it('is not taken when the position is known to be reached', async () => {
    const look = jest.fn(nothingToSee);
    const progress = new Progress(look, 100);
    progress.advance('10');
    await progress.waitFor('10', 1_000);
    await after(1_000);
    expect(look).not.toHaveBeenCalled();
  });

  it('does not end a wait before its position', async () => {
    const progress = new Progress(() => Promise.resolve('9'), 100);
    const outcome = watch(progress.waitFor('10', 1_000));
    await after(1_000);
    expect(outcome()).toBe(false);
  });

  it('that never answers lets a wait end in time all the same', async () => {
    const progress = new Progress(() => new Promise(() => {}), 100);
    const outcome = watch(progress.waitFor('10', 1_000));
    await after(1_000);
    expect(outcome()).toBe(false);
  });
});
