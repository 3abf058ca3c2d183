import type { RecordedEvent } from '../../../src/event-store/event-store.js';
import { inRuns } from '../../../src/event-store/copy/in-runs.js';
import { someEvent } from '../contract/contract-store.js';

const at = (stream: string, revision: number, data: object = {}): RecordedEvent => ({
  ...someEvent({ data }),
  stream,
  revision: BigInt(revision),
  position: '1',
  recordedAt: new Date(0),
});
const manyOf = (stream: string, count: number, data?: object) =>
  Array.from({ length: count }, (_, revision) => at(stream, revision, data));

async function runsOf(events: RecordedEvent[]): Promise<RecordedEvent[][]> {
  const runs: RecordedEvent[][] = [];
  for await (const run of inRuns(events)) runs.push(run);
  expect(runs.flat()).toEqual(events);
  return runs;
}
const lengths = (runs: RecordedEvent[][]) => runs.map(({ length }) => length);

describe('events that go together into one append', () => {
  it('are of one stream and follow each other', async () => {
    expect(lengths(await runsOf([at('a', 0), at('a', 1), at('b', 0), at('a', 2), at('a', 3)]))).toEqual([2, 1, 2]);
    expect(lengths(await runsOf([at('a', 0), at('a', 2), at('a', 3)]))).toEqual([1, 2]);
    expect(await runsOf([])).toEqual([]);
  });

  it('are not too many', async () => {
    expect(lengths(await runsOf(manyOf('a', 1_200)))).toEqual([500, 500, 200]);
  });

  it('are not too large, counted in bytes; one that is larger goes alone', async () => {
    const runs = await runsOf(manyOf('a', 9, { text: 'ä'.repeat(100_000) }));
    expect(lengths(runs)).toEqual([2, 2, 2, 2, 1]);
    const [small, large, next] = [at('a', 0), at('a', 1, { text: 'x'.repeat(900_000) }), at('a', 2)];
    expect(lengths(await runsOf([small, large, next]))).toEqual([1, 1, 1]);
  });
});
