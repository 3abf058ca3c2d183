import { Injectable, Logger } from '@nestjs/common';
import { CommandBus } from '@nestjs/cqrs';
import { v4 as randomUuid } from 'uuid';
import { TokenQueries } from '../../projections/tokens.js';
import { systemCaller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import { commandRequest } from '../event-store/command-request.js';
import { ExpireTokens } from './token.commands.js';

/** Puts on the log what the clock has done. Any number of processes may run it at once: each token's stream lets one of them through. */
@Injectable()
export class ExpireTokensJob {
  readonly #logger = new Logger(ExpireTokensJob.name);

  constructor(
    private readonly bus: CommandBus,
    private readonly tokens: TokenQueries,
    private readonly clock: Clock,
  ) {}

  async run({ signal }: { signal?: AbortSignal } = {}): Promise<void> {
    for (const tenantId of await this.tokens.findTenantsWithDue(this.clock.now())) {
      if (signal?.aborted) return;
      await this.#expire(tenantId).catch((error: unknown) =>
        this.#logger.error(`The tokens of ${tenantId} that have expired could not be recorded: ${String(error)}`),
      );
    }
  }

  async #expire(tenantId: string): Promise<void> {
    const origin = { caller: systemCaller(tenantId), correlationId: randomUuid(), ip: null, userAgent: null };
    await this.bus.execute(new ExpireTokens(commandRequest(origin, 'expireTokens', {}, this.clock.now())));
  }
}
