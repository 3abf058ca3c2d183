import { Injectable } from '@nestjs/common';
import { AppQueries } from '../../projections/apps.js';
import { TokenQueries } from '../../projections/tokens.js';
import { DaysOfUse } from './days-of-use.js';
import { LastUse } from './last-use.js';

/** Forgets when apps and tokens that are deleted were used last, and on which days long ago others were. */
@Injectable()
export class SweepLastUseJob {
  constructor(
    private readonly lastUse: LastUse,
    private readonly daysOfUse: DaysOfUse,
    private readonly apps: AppQueries,
    private readonly tokens: TokenQueries,
  ) {}

  async run(): Promise<void> {
    await this.lastUse.sweep(async (ids) => {
      const deleted = await Promise.all([this.apps.findDeleted(ids), this.tokens.findDeleted(ids)]);
      return deleted.flat();
    });
    await this.daysOfUse.sweep();
  }
}
