import type { SweepVaultJob } from '../src/apps/sweep-vault.job.js';
import type { PublishHeadsJob } from '../src/audit/publish-heads.job.js';
import type { RevokedAccessTokens } from '../src/oauth/revoked-access-tokens.js';
import type { PersonKeys } from '../src/personal-data/person-keys.js';
import { Scheduler } from '../src/scheduler.js';
import type { ExpireTokensJob } from '../src/tokens/expire-tokens.job.js';
import type { SweepLastUseJob } from '../src/usage/sweep-last-use.job.js';
import { someSettings } from './support/parts.js';

describe('the scheduler', () => {
  it('tells the jobs that are at work to stop when the service does', async () => {
    const told: string[] = [];
    const work = (name: string) => ({
      run: ({ signal }: { signal: AbortSignal }) =>
        new Promise<void>((resolve) => {
          told.push(`${name} begins`);
          signal.addEventListener('abort', () => resolve(void told.push(`${name} stops`)));
        }),
    });
    const idle = { run: () => Promise.resolve() };
    const scheduler = new Scheduler(
      someSettings({ roles: ['scheduler'], expireTokensEvery: 1, publishAuditHeadsEvery: 1 }),
      work('expiring') as unknown as ExpireTokensJob,
      work('publishing') as unknown as PublishHeadsJob,
      idle as unknown as SweepVaultJob,
      idle as unknown as SweepLastUseJob,
      idle as unknown as RevokedAccessTokens,
      idle as unknown as PersonKeys,
    );
    scheduler.onApplicationBootstrap();
    while (told.length < 2) await new Promise((resolve) => setTimeout(resolve, 5));
    await scheduler.onApplicationShutdown();
    expect(told.toSorted()).toEqual(['expiring begins', 'expiring stops', 'publishing begins', 'publishing stops']);
  });
});
