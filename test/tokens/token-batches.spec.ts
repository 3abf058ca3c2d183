import { TokenBatches } from '../../src/tokens/token-batches.handlers.js';

/** Promise: `revokeTokensOf` never answers while tokens of that person may still be good. */
it('says that it does not know when tokens that never show as ended hide what is behind them', async () => {
  const page = Array.from({ length: 500 }, (_, n) => `token-${n}`);
  const log = { run: () => Promise.resolve({ events: [], position: '1' }) };
  const progress = { waitFor: () => Promise.resolve(true) };
  const batches = new TokenBatches({} as never, log as never, {} as never, progress as never, {} as never);
  let asked = 0;
  const findMore = () => {
    asked += 1;
    return Promise.resolve(page);
  };

  await expect(batches.end({} as never, 'REVOKED', findMore, () => ({}) as never)).rejects.toMatchObject({
    code: 'UNAVAILABLE',
  });
  expect(asked).toBe(2);
});
