import { Args, Mutation, Parent, Query, ResolveField, Resolver } from '@nestjs/graphql';
import { TokenHistoryQueries } from '../../projections/token-history.js';
import { TokenQueries, type TokenFilter as RowFilter, type TokenSortField } from '../../projections/tokens.js';
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
import { tokenScope, TokenView } from './token-view.js';
import * as command from './token.commands.js';
import * as types from './tokens.types.js';

const complexity = MUTATION_COST;

@Resolver(() => types.PersonalAccessToken)
export class TokensResolver {
  constructor(
    private readonly commands: Commands,
    private readonly queries: TokenQueries,
    private readonly history: TokenHistoryQueries,
    private readonly view: TokenView,
    private readonly clock: Clock,
    private readonly lastUse: LastUse,
  ) {}

  @Query(() => types.PersonalAccessToken, { nullable: true, complexity: 10 })
  async token(@Args() { id, asOf }: IdAsOfArgs, @CurrentCaller() caller: Caller): Promise<types.PersonalAccessToken> {
    const scope = tokenScope(caller, 'token');
    const moment = pastMoment(asOf, caller, this.clock);
    const token = await (moment ? this.view.findAsOf(caller.tenantId, id, moment) : this.view.find(scope, id));
    if (!token) throw new DomainError('NOT_FOUND', 'There is no such token.');
    return token;
  }

  @Query(() => types.PersonalAccessTokenConnection, { complexity: pageCost })
  async tokens(@Args() { filter, orderBy, first, after, asOf }: types.TokensArgs, @CurrentCaller() caller: Caller) {
    const scope = tokenScope(caller, 'tokens');
    const moment = pastMoment(asOf, caller, this.clock);
    const order = { field: orderBy?.field ?? 'CREATED_AT', direction: orderBy?.direction ?? 'DESC' } as const;
    const cursor = cursorScope(order, moment);
    const asked = rowFilter(filter);
    const now = this.clock.now();
    const page = { first, after: keyOfCursor(after, cursor), order };
    return connect(
      await (moment
        ? this.history.list(caller.tenantId, asked, moment, page)
        : this.queries.list(scope, asked, now, page)),
      after,
      cursor,
      (row) => this.view.of(row, moment),
      (row) => ({ value: this.queries.sortValue(order.field, row), id: row.id }),
      () => (moment ? this.history.count(caller.tenantId, asked, moment) : this.queries.count(scope, asked, now)),
    );
  }

  @ResolveField(() => GraphqlDateTime, { nullable: true })
  lastUsedAt(@Parent() { id, asOf }: types.PersonalAccessToken): Promise<Date | null> | null {
    // It is not on the log: of the past nothing is known.
    return asOf ? null : this.lastUse.find(id);
  }

  @Mutation(() => types.CreateTokenPayload, { complexity })
  async createToken(@Args('input') input: types.CreateTokenInput, @Sent() request: CommandRequest) {
    return this.#withToken(
      request,
      this.commands.send(new command.CreateToken(request, input.name, input.expiresAt ?? null)),
    );
  }

  @Mutation(() => types.RevokeTokenPayload, { complexity })
  async revokeToken(@Args('input') { id }: types.RevokeTokenInput, @Sent() request: CommandRequest) {
    return this.#withToken(request, this.commands.stop(new command.RevokeToken(request, id)));
  }

  @Mutation(() => types.DeleteTokenPayload, { complexity })
  async deleteToken(@Args('input') { id }: types.DeleteTokenInput, @Sent() request: CommandRequest) {
    return { ...(await this.commands.send(new command.DeleteToken(request, id))), id };
  }

  @Mutation(() => types.RevokeTokensOfPayload, { complexity })
  async revokeTokensOf(@Args('input') { ownerId }: types.RevokeTokensOfInput, @Sent() request: CommandRequest) {
    const { count, ...result } = await this.commands.stop(new command.RevokeTokensOf(request, ownerId));
    return { ...result, revokedCount: count };
  }

  @Mutation(() => types.ExpireTokensPayload, { complexity })
  async expireTokens(@Args('input') _input: types.ExpireTokensInput, @Sent() request: CommandRequest) {
    const { count, ...result } = await this.commands.send(new command.ExpireTokens(request));
    return { ...result, expiredCount: count };
  }

  async #withToken<Result extends command.TokenChanged>({ caller }: CommandRequest, sending: Promise<Result>) {
    const result = await sending;
    return { ...result, token: await this.view.find({ tenantId: caller.tenantId }, result.tokenId) };
  }
}

function cursorScope(
  { field, direction }: { field: TokenSortField; direction: 'ASC' | 'DESC' },
  asOf: Date | null,
): CursorScope {
  return { list: `tokens${asOf?.toISOString() ?? ''}`, field, direction, kind: field === 'NAME' ? 'text' : 'time' };
}

function rowFilter(filter: types.TokenFilter | null | undefined): RowFilter {
  const { status, name, createdBy, expiringBefore } = filter ?? {};
  return {
    ...(status && { status }),
    ...(name && { name }),
    ...(createdBy && { createdBy }),
    ...(expiringBefore && { expiringBefore }),
  };
}
