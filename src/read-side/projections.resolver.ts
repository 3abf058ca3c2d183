import { Inject } from '@nestjs/common';
import { Field, Float, ObjectType, Query, Resolver } from '@nestjs/graphql';
import { DataSource } from 'typeorm';
import { findCheckpoints } from '../../projections/checkpoints.js';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import { EVENT_STORE, StoreUnavailableError, type EventStore } from '../event-store/event-store.js';
import type { Position } from '../event-store/position.js';
import { CurrentCaller } from '../graphql/request-context.js';

@ObjectType('Projection', { description: 'A read model, and how far it has come.' })
export class ProjectionStatus {
  @Field() name!: string;
  @Field(() => String, { nullable: true, description: 'The place in the log up to which it shows everything. Opaque.' })
  position!: Position | null;
  @Field(() => Float, {
    description: 'The age in seconds of the oldest event that it does not show yet; 0 when it shows all.',
  })
  lag!: number;
}

const PATIENCE_MILLISECONDS = 2_000;

@Resolver(() => ProjectionStatus)
export class ProjectionsResolver {
  constructor(
    private readonly database: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly clock: Clock,
  ) {}

  @Query(() => [ProjectionStatus], { complexity: 50 })
  async projections(@CurrentCaller() caller: Caller): Promise<ProjectionStatus[]> {
    authorise(caller, 'projections');
    const checkpoints = await findCheckpoints(this.database.manager);
    // Mostly they are all at the same place, and the log is asked once.
    const lags = new Map<Position | null, Promise<number>>();
    for (const { position } of checkpoints) if (!lags.has(position)) lags.set(position, this.#lag(position));
    return Promise.all(
      checkpoints.map(async ({ name, position }) => ({ name, position, lag: (await lags.get(position)) ?? 0 })),
    );
  }

  async #lag(position: Position | null): Promise<number> {
    for await (const { events, isEnd } of this.store.follow(position, AbortSignal.timeout(PATIENCE_MILLISECONDS))) {
      const [oldest] = events;
      if (!oldest && isEnd) return 0;
      if (oldest) return Math.max(0, this.clock.now().getTime() - oldest.recordedAt.getTime()) / 1_000;
    }
    throw new StoreUnavailableError('The event store did not tell in time whether there is more.');
  }
}
