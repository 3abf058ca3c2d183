import { together } from '../../projections/together.js';

const after = async (milliseconds: number, work: () => string) => {
  await new Promise((resolve) => setTimeout(resolve, milliseconds));
  return work();
};
const fail = (message: string) => () => {
  throw new Error(message);
};

it('answers everything, in the order in which it was asked', async () => {
  const answers = await together(
    after(20, () => 'late'),
    after(0, () => 'early'),
  );
  expect(answers).toEqual(['late', 'early']);
});

it('fails with what failed first, and only when all have ended', async () => {
  const ended: string[] = [];
  const end = (name: string) => () => (ended.push(name), name);
  await expect(
    together(after(30, end('slow')), after(20, fail('second')), after(10, fail('first')), after(0, end('quick'))),
  ).rejects.toThrow('first');
  expect(ended).toEqual(['quick', 'slow']);
});
