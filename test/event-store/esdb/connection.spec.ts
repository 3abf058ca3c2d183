import { jest } from '@jest/globals';
import { StoreUnavailableError } from '../../../src/event-store/event-store.js';
import type { EsdbClient } from '../../../src/event-store/esdb/client.js';
import { EsdbConnection } from '../../../src/event-store/esdb/connection.js';

const DEADLINE = 3_000;
const never = () => new Promise<never>(() => undefined);

describe('calls that wait', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  it('are bounded in number and in time', async () => {
    const dispose = jest.fn(() => Promise.resolve());
    const getChannel = () => Promise.resolve({ close: () => undefined });
    const open = jest.fn(() => ({ dispose, getChannel }) as unknown as EsdbClient);
    const connection = new EsdbConnection(open, { username: 'nobody', password: 'nobody' });
    const asked = Array.from({ length: 10_001 }, () => connection.call(never));
    const endings = Promise.allSettled(asked);
    await expect(asked.at(-1)).rejects.toThrow('Too many calls wait');

    let isOver = false;
    void endings.then(() => (isOver = true));
    await jest.advanceTimersByTimeAsync(DEADLINE - 1);
    expect(isOver).toBe(false);
    await jest.advanceTimersByTimeAsync(1);
    for (const ending of await endings)
      expect(ending).toMatchObject({ status: 'rejected', reason: expect.any(StoreUnavailableError) });

    jest.useRealTimers();
    expect(await connection.call((client) => Promise.resolve(client))).toBe(open.mock.results.at(-1)?.value);
    expect(open).toHaveBeenCalledTimes(2);
    expect(dispose).toHaveBeenCalledTimes(1);
  });
});

it('a client that cannot be opened is no client for ever: whoever calls next opens another', async () => {
  jest.useFakeTimers();
  const client = {
    dispose: () => Promise.resolve(),
    getChannel: () => Promise.resolve({ close: () => undefined }),
  } as unknown as EsdbClient;
  const open = jest.fn(() => client);
  const connection = new EsdbConnection(open, { username: 'nobody', password: 'nobody' });
  const cannotOpen = () => {
    throw new Error('ENOENT: the certificate is being replaced');
  };
  open.mockImplementationOnce(() => cannotOpen());
  const missed = connection.call(never).catch((error: unknown) => error);
  await jest.advanceTimersByTimeAsync(DEADLINE);
  expect(await missed).toBeInstanceOf(StoreUnavailableError);
  jest.useRealTimers();

  await expect(connection.call((ready) => Promise.resolve(ready))).rejects.toThrow('cannot be opened');
  expect(await connection.call((ready) => Promise.resolve(ready))).toBe(client);
  await connection.close();
});
