import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import type { CommandBus } from '@nestjs/cqrs';
import type { TokenQueries } from '../../projections/tokens.js';
import { Clock } from '../../src/clock.js';
import { ExpireTokensJob } from '../../src/tokens/expire-tokens.job.js';
import type { ExpireTokens } from '../../src/tokens/token.commands.js';

describe('the job that records expiries', () => {
  const tokens = { findTenantsWithDue: () => Promise.resolve(['acme', 'globex', 'initech']) };
  const recorded: string[] = [];
  const tenantOf = ({ request }: ExpireTokens) => request.caller.tenantId;
  let record: (tenantId: string) => Promise<void>;
  const bus = { execute: (command: ExpireTokens) => record(tenantOf(command)) };
  const job = new ExpireTokensJob(bus as unknown as CommandBus, tokens as unknown as TokenQueries, new Clock());

  beforeEach(() => recorded.splice(0));
  afterEach(() => void jest.restoreAllMocks());

  it('goes on with the other tenants when one cannot be recorded, and says which', async () => {
    const errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    record = (tenantId) => {
      if (tenantId === 'acme') return Promise.reject(new Error('Its streams are parked.'));
      return Promise.resolve(void recorded.push(tenantId));
    };
    await job.run();
    expect(recorded).toEqual(['globex', 'initech']);
    expect(errors.mock.calls).toEqual([
      ['The tokens of acme that have expired could not be recorded: Error: Its streams are parked.'],
    ]);
  });

  it('begins with no other tenant when the service stops', async () => {
    const stopping = new AbortController();
    record = (tenantId) => {
      stopping.abort();
      return Promise.resolve(void recorded.push(tenantId));
    };
    await job.run({ signal: stopping.signal });
    expect(recorded).toEqual(['acme']);
  });
});
