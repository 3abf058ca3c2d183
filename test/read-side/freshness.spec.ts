import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { Settings } from '../../src/config.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import type { Position } from '../../src/event-store/position.js';
import type { Progress } from '../../projections/progress.js';
import { Freshness } from '../../src/read-side/freshness.js';
import { refused } from '../support/given.js';
import { type DomainError } from '../../src/domain-error.js';

/** Promise (design, section 5): when it cannot be known whether a credential holds, nothing is said about it. */

const BOUND = 5_000;

let head: Position | null;
/** How the log answers when it is asked where it ends. */
let answer: () => Promise<Position | null>;
let freshness: Freshness;
let warnings: unknown[];

const settings = (change: object = {}) =>
  new Settings({ readModelMaxLag: BOUND, roles: ['api'], ...change } as unknown as ConstructorParameters<
    typeof Settings
  >[0]);
const starts: (Position | null)[] = [];
const store = {
  head: (after: Position | null) => {
    starts.push(after);
    return answer();
  },
} as unknown as EventStore;
/** How far the read models have come. */
let reached: () => Promise<Position | null>;
const progress = { look: () => reached() } as unknown as Progress;

beforeEach(async () => {
  jest.useFakeTimers();
  warnings = [];
  starts.length = 0;
  reached = () => Promise.resolve(null);
  jest.spyOn(Logger.prototype, 'warn').mockImplementation((warning: unknown) => void warnings.push(warning));
  head = '10';
  answer = () => Promise.resolve(head);
  freshness = new Freshness(store, progress, settings());
  await freshness.onApplicationBootstrap();
});

afterEach(async () => {
  await freshness.onApplicationShutdown();
  jest.useRealTimers();
  jest.restoreAllMocks();
});

const pass = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
function said(position: Position | null, isWhole = true, by = freshness): 'trusted' | { refused: string } {
  try {
    by.require([
      { position: '1000000', isWhole: true },
      { position, isWhole },
    ]);
    return 'trusted';
  } catch (error) {
    return refused((error as DomainError).code);
  }
}

const UNAVAILABLE = refused('UNAVAILABLE');

describe('rows that show all that is on the log', () => {
  it('are trusted from the start on', () => {
    expect(said('10')).toBe('trusted');
    expect(said('11')).toBe('trusted');
  });

  it('are trusted also when there is nothing on it', async () => {
    head = null;
    const fresh = new Freshness(store, progress, settings());
    await fresh.onApplicationBootstrap();
    expect(said(null, true, fresh)).toBe('trusted');
    await fresh.onApplicationShutdown();
  });

  it('are trusted for hours while nothing happens', async () => {
    await pass(3 * 3_600_000);
    expect(said('10')).toBe('trusted');
  });

  it('are not while the read model is being built', () => {
    expect(said('10', false)).toEqual(UNAVAILABLE);
    expect(said('10', true)).toBe('trusted');
  });
});

describe('rows that are behind the log', () => {
  it('are trusted within the bound, refused beyond it, and trusted again once they have caught up', async () => {
    await pass(BOUND);
    head = '20';
    await pass(BOUND - 1);
    expect(said('10')).toBe('trusted');
    // The log was seen to have moved at the latest one look later.
    await pass(BOUND / 5 + 2);
    expect(said('10')).toEqual(UNAVAILABLE);
    expect(said('19')).toEqual(UNAVAILABLE);
    expect(said('20')).toBe('trusted');
  });

  it('are trusted while the log moves on and they follow within the bound', async () => {
    for (let step = 11; step < 40; step += 1) {
      head = String(step);
      await pass(1_000);
      expect(said(String(step - 1))).toBe('trusted');
    }
  });

  it('are refused however steadily they follow too late', async () => {
    for (let step = 11; step < 40; step += 1) {
      head = String(step);
      await pass(1_000);
    }
    expect(said('30')).toEqual(UNAVAILABLE);
  });

  it('are refused at once when they went back to a moment long ago', () => {
    expect(said('10')).toBe('trusted');
    expect(said('9')).toEqual(UNAVAILABLE);
    expect(said(null)).toEqual(UNAVAILABLE);
  });

  it('are compared as numbers', async () => {
    head = '100';
    await pass(BOUND * 2);
    expect(said('99')).toEqual(UNAVAILABLE);
    expect(said('100')).toBe('trusted');
  });
});

describe('while the log cannot be seen', () => {
  it('rows are trusted within the bound, refused beyond it, and trusted again afterwards', async () => {
    await pass(BOUND);
    answer = () => Promise.reject(new Error('Away.'));
    await pass(BOUND - 1_001);
    expect(said('10')).toBe('trusted');
    await pass(1_002);
    expect(said('10')).toEqual(UNAVAILABLE);
    expect(warnings).toHaveLength(1);

    answer = () => Promise.resolve(head);
    await pass(BOUND / 5 + 1);
    expect(said('10')).toBe('trusted');
    expect(said('9')).toEqual(UNAVAILABLE);
  });

  it('says so once each time', async () => {
    for (let time = 1; time <= 2; time += 1) {
      answer = () => Promise.reject(new Error('Away.'));
      await pass(BOUND * 3);
      answer = () => Promise.resolve(head);
      await pass(BOUND);
      expect(warnings).toHaveLength(time);
    }
  });

  it('because it does not answer, rows are refused as well', async () => {
    let release = () => {};
    answer = () => new Promise((resolve) => (release = () => resolve('10')));
    await pass(BOUND * 2);
    expect(said('10')).toEqual(UNAVAILABLE);

    // An answer that comes so late tells of the moment of its question.
    release();
    await pass(0);
    expect(said('10')).toEqual(UNAVAILABLE);
    answer = () => Promise.resolve(head);
    await pass(BOUND / 5 + 1);
    expect(said('10')).toBe('trusted');
  });

  it('from the start, rows are refused until it can', async () => {
    answer = () => Promise.reject(new Error('Away.'));
    const late = new Freshness(store, progress, settings());
    await late.onApplicationBootstrap();
    expect(said('10', true, late)).toEqual(UNAVAILABLE);
    answer = () => Promise.resolve(head);
    await pass(BOUND / 5 + 1);
    expect(said('10', true, late)).toBe('trusted');
    await late.onApplicationShutdown();
  });
});

describe('a process', () => {
  it('that answers no requests does not look at the log', async () => {
    let asked = 0;
    const counted = { head: () => Promise.resolve(String((asked += 1))) } as unknown as EventStore;
    const idle = new Freshness(counted, progress, settings({ roles: ['projector', 'scheduler'] }));
    await idle.onApplicationBootstrap();
    await pass(BOUND);
    await idle.onApplicationShutdown();
    expect(asked).toBe(0);
  });

  it('that is stopped does not look any more', async () => {
    let asked = 0;
    const counted = { head: () => Promise.resolve(String((asked += 1))) } as unknown as EventStore;
    const stopped = new Freshness(counted, progress, settings());
    await stopped.onApplicationBootstrap();
    await stopped.onApplicationShutdown();
    await pass(BOUND * 3);
    expect(asked).toBe(1);
  });
});

describe('the look for the end of the log', () => {
  it('begins where the last one ended, or where the read models are when that is further', async () => {
    expect(starts).toEqual([null]);
    await pass(BOUND / 5);
    expect(starts.at(-1)).toBe('10');
    reached = () => Promise.resolve('1000');
    await pass(BOUND / 5);
    expect(starts.at(-1)).toBe('1000');
    reached = () => Promise.reject(new Error('Away.'));
    await pass(BOUND / 5);
    expect(starts.at(-1)).toBe('10');
  });
});
