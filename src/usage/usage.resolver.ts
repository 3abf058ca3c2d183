import { Args, Query, Resolver } from '@nestjs/graphql';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import { CurrentCaller } from '../graphql/request-context.js';
import { DaysOfUse } from './days-of-use.js';
import { CredentialsInUse, CredentialsInUseArgs } from './usage.types.js';

@Resolver(() => CredentialsInUse)
export class UsageResolver {
  constructor(
    private readonly daysOfUse: DaysOfUse,
    private readonly clock: Clock,
  ) {}

  @Query(() => [CredentialsInUse], {
    complexity: 50,
    description: 'How many credentials were used on each of the last days, the oldest day first.',
  })
  credentialsInUse(
    @Args() { days }: CredentialsInUseArgs,
    @CurrentCaller() caller: Caller,
  ): Promise<CredentialsInUse[]> {
    authorise(caller, 'credentialsInUse');
    return this.daysOfUse.count(caller.tenantId, days, this.clock.now());
  }
}
