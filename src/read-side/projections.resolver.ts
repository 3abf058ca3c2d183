import { Inject } from '@nestjs/common';
import { Args, Mutation, Query, Resolver } from '@nestjs/graphql';
import { DataSource } from 'typeorm';
import { findCheckpoints } from '../../projections/checkpoints.js';
import { findParked, type ParkedStream } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { askForRebuild, findRebuilds, progressOf } from '../../projections/rebuilds.js';
import { NotParkedError, retryParked } from '../../projections/retry-parked.js';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import { DomainError } from '../domain-error.js';
import { EVENT_STORE, StoreUnavailableError, type EventStore } from '../event-store/event-store.js';
import { BeyondTheLogError, type Position } from '../event-store/position.js';
import { toEvent } from '../events.js';
import { CurrentCaller } from '../graphql/request-context.js';
import { openedLog } from '../personal-data/opened-log.js';
import { PersonKeys } from '../personal-data/person-keys.js';
import {
  ProjectionStatus,
  RebuildProjectionInput,
  RebuildProjectionPayload,
  RetryParkedStreamInput,
  RetryParkedStreamPayload,
} from './projections.types.js';

const PATIENCE_MILLISECONDS = 2_000;

@Resolver(() => ProjectionStatus)
export class ProjectionsResolver {
  constructor(
    private readonly database: DataSource,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly clock: Clock,
    private readonly keys: PersonKeys,
  ) {}

  @Query(() => [ProjectionStatus], { complexity: 50 })
  projections(@CurrentCaller() caller: Caller): Promise<ProjectionStatus[]> {
    authorise(caller, 'projections');
    return this.#statuses(caller);
  }

  @Mutation(() => RebuildProjectionPayload, {
    complexity: 50,
    description: 'Builds a read model anew beside the one that is shown, and then shows the new one.',
  })
  async rebuildProjection(@Args('input') { name }: RebuildProjectionInput, @CurrentCaller() caller: Caller) {
    authorise(caller, 'rebuildProjection');
    await askForRebuild(this.database.manager, projectionOf(name));
    const projection = (await this.#statuses(caller)).find((each) => each.name === name);
    return { projection };
  }

  @Mutation(() => RetryParkedStreamPayload, {
    complexity: 50,
    description: 'Applies what waits in a parked stream, in order.',
  })
  async retryParkedStream(
    @Args('input') { projection, stream }: RetryParkedStreamInput,
    @CurrentCaller() caller: Caller,
  ) {
    authorise(caller, 'retryParkedStream');
    const parked = await findParked(this.database.manager);
    const isMeant = parked.some(
      (each) => each.projection === projection && each.stream === stream && each.tenantId === caller.tenantId,
    );
    if (!isMeant) throw noSuchStream();
    return { parked: await this.#retry(projectionOf(projection), stream) };
  }

  async #retry(projection: Projection, stream: string): Promise<ParkedStream | null> {
    const { database } = this;
    const store = openedLog(this.store, this.keys);
    try {
      return await retryParked({ database, store, toEvent }, projection, stream);
    } catch (error) {
      throw error instanceof NotParkedError ? noSuchStream() : error;
    }
  }

  async #statuses({ tenantId }: Caller): Promise<ProjectionStatus[]> {
    const [checkpoints, parked, rebuilds] = await Promise.all([
      findCheckpoints(this.database.manager),
      findParked(this.database.manager),
      findRebuilds(this.database.manager),
    ]);
    // Mostly they are all at the same place, and the log is asked once.
    const lags = new Map<Position | null, Promise<number>>();
    for (const { position } of checkpoints) if (!lags.has(position)) lags.set(position, this.#lagOrNone(position));
    return Promise.all(
      checkpoints.map(async ({ name, position, isWhole }) => {
        const rebuild = rebuilds.find(({ projection }) => projection === name);
        return {
          name,
          position,
          isWhole,
          lag: (await lags.get(position)) ?? 0,
          parked: parked.filter((each) => each.projection === name && each.tenantId === tenantId),
          rebuild: rebuild ? progressOf(rebuild) : null,
        };
      }),
    );
  }

  /** Of rows that were made from another log nobody can tell how far they are behind: they are not whole. */
  #lagOrNone(position: Position | null): Promise<number> {
    return this.#lag(position).catch((error: unknown) => {
      if (error instanceof BeyondTheLogError) return 0;
      throw error;
    });
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

const noSuchStream = () => new DomainError('NOT_FOUND', 'There is no such parked stream.');

function projectionOf(name: string): Projection {
  const found = projections.find((each) => each.name === name);
  if (found) return found;
  throw new DomainError('NOT_FOUND', 'There is no such read model.');
}
