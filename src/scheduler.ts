import { Injectable, Logger, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { SweepVaultJob } from './apps/sweep-vault.job.js';
import { PublishHeadsJob } from './audit/publish-heads.job.js';
import { Settings } from './config.js';
import { RevokedAccessTokens } from './oauth/revoked-access-tokens.js';
import { PersonKeys } from './personal-data/person-keys.js';
import { ExpireTokensJob } from './tokens/expire-tokens.job.js';
import { SweepLastUseJob } from './usage/sweep-last-use.job.js';

type Job = { run(until: { signal: AbortSignal }): Promise<unknown> };

const SWEEP_EVERY = 3_600_000;
const SOON = 30_000;
/** As long as a timer can wait. */
const LONGEST_PAUSE = 2 ** 31 - 1;

/** Runs each job again and again, a pause after each run. Every replica does: the jobs are safe to run at once. */
@Injectable()
export class Scheduler implements OnApplicationBootstrap, OnApplicationShutdown {
  readonly #logger = new Logger(Scheduler.name);
  readonly #stopping = new AbortController();
  #running: Promise<void>[] = [];

  constructor(
    private readonly settings: Settings,
    private readonly expireTokens: ExpireTokensJob,
    private readonly publishHeads: PublishHeadsJob,
    private readonly sweepVault: SweepVaultJob,
    private readonly sweepLastUse: SweepLastUseJob,
    private readonly revokedAccessTokens: RevokedAccessTokens,
    private readonly personKeys: PersonKeys,
  ) {}

  onApplicationBootstrap(): void {
    if (!this.settings.roles.includes('scheduler')) return;
    this.#running = [
      this.#repeat(this.expireTokens, this.settings.expireTokensEvery),
      this.#repeat(this.publishHeads, this.settings.publishAuditHeadsEvery),
      this.#repeat(this.sweepVault, SWEEP_EVERY),
      this.#repeat(this.sweepLastUse, SWEEP_EVERY),
      this.#repeat({ run: () => this.revokedAccessTokens.sweep() }, SWEEP_EVERY),
      this.#repeat({ run: () => this.personKeys.sealAnew() }, SWEEP_EVERY),
    ];
  }

  async onApplicationShutdown(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#running);
  }

  async #repeat(job: Job, pause: number): Promise<void> {
    const { signal } = this.#stopping;
    for (let next = Math.min(pause, SOON); ; next = pause) {
      // Replicas that were started together need not work together.
      const apart = Math.min(next * (0.9 + 0.2 * Math.random()), LONGEST_PAUSE);
      await sleep(apart, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      await job.run({ signal }).catch((error: unknown) => this.#logger.error(error));
    }
  }
}
