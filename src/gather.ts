import { DomainError } from './domain-error.js';

type Waiting<Question, Answer> = {
  question: Question;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
};

/**
 * Questions that arrive while a round trip is under way share the next one.
 * Each still starts after its question arrived, so no answer is stale.
 */
export class Gather<Question, Answer> {
  #waiting: Waiting<Question, Answer>[] = [];
  #isUnderWay = false;

  constructor(
    /** Answers all questions in their order; an answer may be a promise, so that one can fail alone. */
    private readonly ask: (questions: Question[]) => Promise<(Answer | Promise<Answer>)[]>,
    private readonly limits: { batch: number; waiting: number; refusal: () => Error },
  ) {}

  request(question: Question): Promise<Answer> {
    if (this.#waiting.length >= this.limits.waiting) return Promise.reject(this.limits.refusal());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ question, resolve, reject });
      if (this.#isUnderWay) return;
      this.#isUnderWay = true;
      // What this turn of the event loop still brings goes along.
      setImmediate(() => void this.#run());
    });
  }

  async #run(): Promise<void> {
    while (this.#waiting.length > 0) {
      const batch = this.#waiting.splice(0, this.limits.batch);
      try {
        const answers = await this.ask(batch.map(({ question }) => question));
        batch.forEach(({ resolve }, index) => resolve(answers[index] as Answer));
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    this.#isUnderWay = false;
  }
}

export const LOOK_UP_LIMITS = {
  batch: 256,
  waiting: 10_000,
  refusal: () => new DomainError('UNAVAILABLE', 'Too many look-ups wait.'),
};

/** Rows by their ids; `null` where there is none. */
export function gatherRows<Row extends { id: string }>(
  find: (ids: string[]) => Promise<Row[]>,
): Gather<string, Row | null> {
  const answer = async (ids: string[]) => {
    const rows = new Map((await find([...new Set(ids)])).map((row) => [row.id, row]));
    return ids.map((id) => rows.get(id) ?? null);
  };
  return new Gather(answer, LOOK_UP_LIMITS);
}
