import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import type { Operation } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import type { Clock } from '../clock.js';
import { commandRequest, type CommandRequest, type Origin } from '../event-store/command-request.js';

/** What every resolver can ask for. */
export type RequestContext = { origin: Origin; clock: Clock };

/** The request to change something, as a command takes it. The mutation's name is the operation. */
export const Sent = createParamDecorator((_data: unknown, context: ExecutionContext): CommandRequest => {
  const graphql = GqlExecutionContext.create(context);
  const { origin, clock } = graphql.getContext<RequestContext>();
  const { fieldName } = graphql.getInfo<GraphQLResolveInfo>();
  const { input } = graphql.getArgs<{ input: { idempotencyKey?: string | null; id?: string } }>();
  return commandRequest(origin, fieldName as Operation, input, clock.now());
});

export const CurrentCaller = createParamDecorator(
  (_data: unknown, context: ExecutionContext): Caller =>
    GqlExecutionContext.create(context).getContext<RequestContext>().origin.caller,
);
