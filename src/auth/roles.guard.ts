import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { AccessDenials } from '../audit/access-denials.js';
import { DomainError } from '../domain-error.js';
import type { RequestContext } from '../graphql/request-context.js';
import type { Caller } from './caller.js';
import { accessRules, authorise, type Operation } from './access.js';

type Args = { id?: unknown; input?: { id?: unknown }; asOf?: unknown };

/** Refuses at the door what the caller's roles do not allow. Commands and queries ask again where they are handled. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly denials: AccessDenials) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    const { origin } = graphql.getContext<RequestContext>();
    const { caller } = origin;
    const { fieldName, parentType } = graphql.getInfo<GraphQLResolveInfo>();
    if (parentType.name !== 'Query' && parentType.name !== 'Mutation') return true;
    if (fieldName !== 'me' && !(fieldName in accessRules))
      throw new DomainError('FORBIDDEN', `${fieldName} has no access rule.`);

    const { id, input, asOf } = graphql.getArgs<Args>();
    const operation = fieldName as Operation | 'me';
    try {
      if (operation === 'me') requireUser(caller);
      else authorise(caller, operation);
      if (asOf) authorise(caller, 'asOf');
      return true;
    } catch (error) {
      if (error instanceof DomainError) this.denials.record(origin, operation, error, { targetId: input?.id ?? id });
      throw error;
    }
  }
}

function requireUser({ kind }: Caller): void {
  if (kind !== 'USER') throw new DomainError('FORBIDDEN', 'You may not use me: it tells of users.');
}
