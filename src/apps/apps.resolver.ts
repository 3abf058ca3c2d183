import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { AppHistoryQueries } from '../../projections/app-history.js';
import { AppQueries, type AppFilter as RowFilter, type AppSortField } from '../../projections/apps.js';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { Clock } from '../clock.js';
import { DomainError } from '../domain-error.js';
import type { CommandRequest } from '../event-store/command-request.js';
import { IdAsOfArgs, pastMoment } from '../graphql/as-of.js';
import { Commands } from '../graphql/commands.js';
import { connect, keyOfCursor, type CursorScope } from '../graphql/connection.js';
import { MUTATION_COST, pageCost } from '../graphql/limits.js';
import { CurrentCaller, Sent } from '../graphql/request-context.js';
import { GraphqlDateTime } from '../graphql/scalars.js';
import { LastUse } from '../usage/last-use.js';
import { AppView } from './app-view.js';
import * as command from './app.commands.js';
import { USUAL_OVERLAP } from './app.decider.js';
import * as types from './apps.types.js';

const complexity = MUTATION_COST;

@Resolver(() => types.App)
export class AppsResolver {
  constructor(
    private readonly commands: Commands,
    private readonly queries: AppQueries,
    private readonly view: AppView,
    private readonly history: AppHistoryQueries,
    private readonly clock: Clock,
    private readonly lastUse: LastUse,
  ) {}

  @Query(() => types.App, { nullable: true, complexity: 10 })
  async app(@Args() { id, asOf }: IdAsOfArgs, @CurrentCaller() caller: Caller): Promise<types.App> {
    authorise(caller, 'app');
    const moment = pastMoment(asOf, caller, this.clock);
    const app = await (moment ? this.view.findAsOf(caller.tenantId, id, moment) : this.view.find(caller.tenantId, id));
    if (!app) throw new DomainError('NOT_FOUND', 'There is no such app.');
    return app;
  }

  @Query(() => types.AppConnection, { complexity: pageCost })
  async apps(@Args() { filter, orderBy, first, after, asOf }: types.AppsArgs, @CurrentCaller() caller: Caller) {
    authorise(caller, 'apps');
    const { tenantId } = caller;
    const moment = pastMoment(asOf, caller, this.clock);
    const order = { field: orderBy?.field ?? 'CREATED_AT', direction: orderBy?.direction ?? 'DESC' } as const;
    const scope = cursorScope(order, moment);
    const asked = rowFilter(filter);
    const page = { first, after: keyOfCursor(after, scope), order };
    return connect(
      await (moment ? this.history.list(tenantId, asked, moment, page) : this.queries.list(tenantId, asked, page)),
      after,
      scope,
      (row) => this.view.of(row, moment),
      (row) => ({ value: this.queries.sortValue(order.field, row), id: row.id }),
      () => (moment ? this.history.count(tenantId, asked, moment) : this.queries.count(tenantId, asked)),
    );
  }

  @ResolveField(() => GraphqlDateTime, { nullable: true })
  lastUsedAt(@Parent() { id, asOf }: types.App): Promise<Date | null> | null {
    // It is not on the log: of the past nothing is known.
    return asOf ? null : this.lastUse.find(id);
  }

  @Mutation(() => types.AddAppPayload, { complexity })
  async addApp(@Args('input') input: types.AddAppInput, @Sent() request: CommandRequest) {
    return this.#withApp(request, this.commands.send(new command.AddApp(request, input.name, input.description ?? '')));
  }

  @Mutation(() => types.ViewAppCredentialsPayload, { complexity })
  async viewAppCredentials(@Args('input') { id }: types.ViewAppCredentialsInput, @Sent() request: CommandRequest) {
    return this.#withApp(request, this.commands.send(new command.ViewAppCredentials(request, id)));
  }

  @Mutation(() => types.DisableAppPayload, { complexity })
  async disableApp(@Args('input') { id }: types.DisableAppInput, @Sent() request: CommandRequest) {
    return this.#withApp(request, this.commands.stop(new command.DisableApp(request, id)));
  }

  @Mutation(() => types.ActivateAppPayload, { complexity })
  async activateApp(@Args('input') { id }: types.ActivateAppInput, @Sent() request: CommandRequest) {
    return this.#withApp(request, this.commands.send(new command.ActivateApp(request, id)));
  }

  @Mutation(() => types.RotateAppSecretPayload, { complexity })
  async rotateAppSecret(@Args('input') { id, overlap }: types.RotateAppSecretInput, @Sent() request: CommandRequest) {
    const rotation = new command.RotateAppSecret(request, id, overlap ?? USUAL_OVERLAP);
    // Without an overlap this is how a leaked secret is stopped.
    return this.#withApp(request, overlap === 0 ? this.commands.stop(rotation) : this.commands.send(rotation));
  }

  @Mutation(() => types.ChangeAppPermissionsPayload, { complexity })
  async changeAppPermissions(@Args('input') input: types.ChangeAppPermissionsInput, @Sent() request: CommandRequest) {
    const { id, grant, withdraw } = input;
    return this.#withApp(
      request,
      this.commands.send(new command.ChangeAppPermissions(request, id, grant ?? [], withdraw ?? [])),
    );
  }

  @Mutation(() => types.DeleteAppPayload, { complexity })
  async deleteApp(@Args('input') { id }: types.DeleteAppInput, @Sent() request: CommandRequest) {
    return { ...(await this.commands.stop(new command.DeleteApp(request, id))), id };
  }

  async #withApp<Result extends command.AppChanged>({ caller }: CommandRequest, sending: Promise<Result>) {
    const result = await sending;
    return { ...result, app: await this.view.find(caller.tenantId, result.appId) };
  }
}

function cursorScope(
  { field, direction }: { field: AppSortField; direction: 'ASC' | 'DESC' },
  asOf: Date | null,
): CursorScope {
  return { list: `apps${asOf?.toISOString() ?? ''}`, field, direction, kind: field === 'NAME' ? 'text' : 'time' };
}

function rowFilter(filter: types.AppFilter | null | undefined): RowFilter {
  const { status, name, createdBy } = filter ?? {};
  return { ...(status && { status }), ...(name && { name }), ...(createdBy && { createdBy }) };
}
