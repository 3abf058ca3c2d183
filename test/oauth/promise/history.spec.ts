import { flawsOf, type Entry } from './history.js';

const created = (start: number, end: number): Entry => ({
  kind: 'created',
  credential: 'a',
  start,
  end,
  isAnswered: true,
});
const stopped = (start: number, end: number, isAnswered = true): Entry => ({
  kind: 'stopped',
  credential: 'a',
  start,
  end,
  isAnswered,
});
const checked = (start: number, end: number, answer: 'active' | 'inactive' | 'refused'): Entry => ({
  kind: 'checked',
  credential: 'a',
  start,
  end,
  answer,
});

describe('a history', () => {
  it('is good when checks say what was so', () => {
    const history = [created(0, 1), checked(2, 3, 'active'), stopped(4, 5), checked(6, 7, 'inactive')];
    expect(flawsOf(history)).toEqual([]);
  });

  it('has a flaw when a check that begins after the stop was answered says active', () => {
    expect(flawsOf([created(0, 1), stopped(4, 5), checked(5.5, 7, 'active')])).toEqual([
      'a was active 0.5 ms after its stop was answered',
    ]);
  });

  it('has a flaw when a check between creation and stop says inactive', () => {
    expect(flawsOf([created(0, 1), checked(1.5, 3, 'inactive'), stopped(4, 5)])).toEqual([
      'a was inactive 0.5 ms after it was handed out',
    ]);
    expect(flawsOf([created(0, 1), checked(1.5, 3, 'inactive')])).toHaveLength(1);
  });

  it.each([
    ['begins before the stop is answered', [created(0, 1), stopped(4, 6), checked(5, 9, 'active')]],
    ['ends after the stop was asked for', [created(0, 1), stopped(4, 6), checked(3, 4.5, 'inactive')]],
    ['begins before the creation is answered', [created(0, 2), checked(1, 3, 'inactive')]],
    ['follows a stop that was not answered', [created(0, 1), stopped(4, 6, false), checked(8, 9, 'active')]],
    ['follows a stop that was not answered', [created(0, 1), stopped(4, 6, false), checked(8, 9, 'inactive')]],
  ] satisfies [string, Entry[]][])('allows either answer to a check that %s', (_, history) => {
    expect(flawsOf(history)).toEqual([]);
  });

  it('allows at any time to refuse an answer', () => {
    expect(flawsOf([created(0, 1), checked(2, 3, 'refused'), stopped(4, 5), checked(6, 7, 'refused')])).toEqual([]);
  });

  it('counts the stop that was answered first, and takes order from times, not from lines', () => {
    expect(flawsOf([checked(6, 7, 'active'), stopped(8, 9), stopped(2, 5), created(0, 1)])).toHaveLength(1);
  });

  it('has a flaw when a credential is checked that nobody created', () => {
    expect(flawsOf([checked(1, 2, 'inactive')])).toHaveLength(1);
  });
});
