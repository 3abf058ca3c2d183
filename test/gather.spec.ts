import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError } from '../src/domain-error.js';
import { Gather, gatherRows } from '../src/gather.js';

type Trip = {
  questions: string[];
  answer: (answers?: (string | Promise<string>)[]) => void;
  fail: (error: Error) => void;
};

/** A far end that answers when the spec says so. */
function farEnd({ batch = 100, waiting = 1_000 } = {}) {
  const trips: Trip[] = [];
  const gather = new Gather<string, string>(
    (questions) =>
      new Promise((resolve, reject) => {
        const answers = questions.map((question) => `${question}!`);
        trips.push({ questions, answer: (given) => resolve(given ?? answers), fail: reject });
      }),
    { batch, waiting, refusal: () => new DomainError('UNAVAILABLE', 'Too many wait.') },
  );
  return { gather, trips, ask: (...questions: string[]) => questions.map((question) => gather.request(question)) };
}

const trip = (trips: Trip[], index: number): Trip => {
  const found = trips[index];
  if (!found) throw new Error(`There was no trip ${index}.`);
  return found;
};

describe('questions that arrive together', () => {
  it('share one round trip, and each gets its own answer', async () => {
    const { ask, trips } = farEnd();
    const answers = ask('a', 'b', 'c');
    await nextTurn();
    expect(trips.map(({ questions }) => questions)).toEqual([['a', 'b', 'c']]);
    trip(trips, 0).answer();
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!']);
  });

  it('are not asked before the turn of the event loop ends', () => {
    const { ask, trips } = farEnd();
    void ask('a');
    expect(trips).toEqual([]);
  });

  it('are asked as often as they are put: whoever asks decides what is the same', async () => {
    const { ask, trips } = farEnd();
    const answers = ask('a', 'a');
    await nextTurn();
    expect(trip(trips, 0).questions).toEqual(['a', 'a']);
    trip(trips, 0).answer();
    expect(await Promise.all(answers)).toEqual(['a!', 'a!']);
  });

  it('are split when there are more than a batch holds', async () => {
    const { ask, trips } = farEnd({ batch: 2 });
    const answers = ask('a', 'b', 'c', 'd', 'e');
    for (let index = 0; index < 3; index += 1) {
      await nextTurn();
      trip(trips, index).answer();
    }
    expect(await Promise.all(answers)).toEqual(['a!', 'b!', 'c!', 'd!', 'e!']);
    expect(trips.map(({ questions }) => questions)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
  });
});

describe('questions that arrive while others are under way (promise: an answer is never older than its question)', () => {
  it('go along with the next round trip', async () => {
    const { ask, trips } = farEnd();
    const first = ask('a');
    await nextTurn();
    const second = ask('b', 'c');
    await nextTurn();
    expect(trips).toHaveLength(1);
    trip(trips, 0).answer();
    expect(await Promise.all(first)).toEqual(['a!']);
    await nextTurn();
    expect(trips.map(({ questions }) => questions)).toEqual([['a'], ['b', 'c']]);
    trip(trips, 1).answer();
    expect(await Promise.all(second)).toEqual(['b!', 'c!']);
  });

  it('are asked again even if the very same question is under way', async () => {
    const { ask, trips } = farEnd();
    const first = ask('a');
    await nextTurn();
    const second = ask('a');
    trip(trips, 0).answer(['old']);
    await Promise.all(first);
    await nextTurn();
    trip(trips, 1).answer(['new']);
    expect(await Promise.all(second)).toEqual(['new']);
  });

  it('never make a second round trip at the same time', async () => {
    let underWay = 0;
    let most = 0;
    const gather = new Gather<number, number>(
      async (questions) => {
        most = Math.max(most, ++underWay);
        await nextTurn();
        underWay -= 1;
        return questions;
      },
      { batch: 3, waiting: 1_000, refusal: () => new Error('full') },
    );
    const answers: Promise<number>[] = [];
    for (let number = 0; number < 50; number += 1) {
      answers.push(gather.request(number));
      if (number % 7 === 0) await nextTurn();
    }
    expect(await Promise.all(answers)).toEqual(Array.from({ length: 50 }, (_, number) => number));
    expect(most).toBe(1);
  });

  it('begin anew after all was quiet', async () => {
    const { ask, trips } = farEnd();
    for (const [index, question] of ['a', 'b'].entries()) {
      const answers = ask(question);
      await nextTurn();
      trip(trips, index).answer();
      expect(await Promise.all(answers)).toEqual([`${question}!`]);
      await nextTurn();
    }
  });
});

describe('a round trip that fails', () => {
  it('fails its own questions only, and those that wait are asked all the same', async () => {
    const { ask, trips } = farEnd();
    const first = Promise.allSettled(ask('a', 'b'));
    await nextTurn();
    const second = ask('c');
    const error = new Error('broken');
    trip(trips, 0).fail(error);
    expect(await first).toEqual([
      { status: 'rejected', reason: error },
      { status: 'rejected', reason: error },
    ]);
    await nextTurn();
    trip(trips, 1).answer();
    expect(await Promise.all(second)).toEqual(['c!']);
  });

  it('fails its questions also when it does not even begin', async () => {
    let isBroken = true;
    const gather = new Gather<string, string>(
      (questions) => {
        if (isBroken) throw new Error('broken');
        return Promise.resolve(questions);
      },
      { batch: 10, waiting: 10, refusal: () => new Error('full') },
    );
    await expect(gather.request('a')).rejects.toThrow('broken');
    isBroken = false;
    expect(await gather.request('b')).toBe('b');
  });

  it('loses nothing of what comes before, between and after', async () => {
    let trips = 0;
    const gather = new Gather<number, number>(
      async (questions) => {
        await nextTurn();
        if (++trips % 2 === 0) throw new Error('broken');
        return questions;
      },
      { batch: 4, waiting: 1_000, refusal: () => new Error('full') },
    );
    const outcomes = await Promise.allSettled(Array.from({ length: 40 }, (_, number) => gather.request(number)));
    expect(outcomes).toHaveLength(40);
    for (const [number, outcome] of outcomes.entries()) {
      const isOfBrokenTrip = Math.floor(number / 4) % 2 === 1;
      expect(outcome.status).toBe(isOfBrokenTrip ? 'rejected' : 'fulfilled');
      if (outcome.status === 'fulfilled') expect(outcome.value).toBe(number);
    }
  });
});

describe('an answer that is a promise', () => {
  it('fails alone', async () => {
    const { ask, trips } = farEnd();
    const outcomes = Promise.allSettled(ask('a', 'b', 'c'));
    await nextTurn();
    trip(trips, 0).answer(['a!', Promise.reject(new Error('only b')), Promise.resolve('c!')]);
    expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  });

  it('holds up no other', async () => {
    const { ask, trips } = farEnd();
    const [slow, quick] = ask('slow', 'quick');
    await nextTurn();
    let finish: (answer: string) => void = () => {};
    trip(trips, 0).answer([new Promise<string>((resolve) => (finish = resolve)), 'quick!']);
    expect(await quick).toBe('quick!');
    finish('slow!');
    expect(await slow).toBe('slow!');
  });
});

describe('more questions than may wait', () => {
  it('are refused at once, and the others are answered', async () => {
    const { ask, trips } = farEnd({ waiting: 2 });
    const outcomes = Promise.allSettled(ask('a', 'b', 'c'));
    await nextTurn();
    expect(trip(trips, 0).questions).toEqual(['a', 'b']);
    trip(trips, 0).answer();
    const [a, b, c] = await outcomes;
    expect([a?.status, b?.status, c?.status]).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(c).toMatchObject({ reason: { code: 'UNAVAILABLE', message: 'Too many wait.' } });
  });

  it('are those that wait, not those under way', async () => {
    const { ask, trips } = farEnd({ waiting: 2 });
    const first = ask('a', 'b');
    await nextTurn();
    const second = ask('c', 'd');
    const tooMany = ask('e');
    await expect(tooMany[0]).rejects.toMatchObject({ code: 'UNAVAILABLE' });
    trip(trips, 0).answer();
    await Promise.all(first);
    await nextTurn();
    trip(trips, 1).answer();
    expect(await Promise.all(second)).toEqual(['c!', 'd!']);
    const after = ask('f');
    await nextTurn();
    trip(trips, 2).answer();
    expect(await Promise.all(after)).toEqual(['f!']);
  });
});

describe('rows that are looked up together', () => {
  it('come in the order of the questions, each asked for once, and null where there is none', async () => {
    const asked: string[][] = [];
    const rows = gatherRows((ids) => {
      asked.push(ids);
      return Promise.resolve([{ id: 'b' }, { id: 'a' }]);
    });
    expect(await Promise.all(['a', 'x', 'b', 'a'].map((id) => rows.request(id)))).toEqual([
      { id: 'a' },
      null,
      { id: 'b' },
      { id: 'a' },
    ]);
    expect(asked).toEqual([['a', 'x', 'b']]);
  });
});
