import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { GqlExecutionContext, type GqlContextType } from '@nestjs/graphql';
import type { GraphQLResolveInfo } from 'graphql';
import { AccessDenials } from '../audit/access-denials.js';
import { DomainError } from '../domain-error.js';
import type { RequestContext } from '../graphql/request-context.js';
import { accessRules, authorise, type Operation } from './access.js';

type Args = { id?: unknown; input?: { id?: unknown } };

/** Refuses at the door what the caller's roles do not allow. Commands and queries ask again where they are handled. */
@Injectable()
export class RolesGuard implements CanActivate {
  constructor(private readonly denials: AccessDenials) {}

  canActivate(context: ExecutionContext): boolean {
    if (context.getType<GqlContextType>() !== 'graphql') return true;
    const graphql = GqlExecutionContext.create(context);
    const { fieldName, parentType } = graphql.getInfo<GraphQLResolveInfo>();
    if (parentType.name !== 'Query' && parentType.name !== 'Mutation') return true;
    if (fieldName === 'me') return true;
    if (!(fieldName in accessRules)) throw new DomainError('FORBIDDEN', `${fieldName} has no access rule.`);

    const { origin } = graphql.getContext<RequestContext>();
    const { id, input } = graphql.getArgs<Args>();
    const operation = fieldName as Operation;
    try {
      authorise(origin.caller, operation);
      return true;
    } catch (error) {
      if (error instanceof DomainError) this.denials.record(origin, operation, error, { targetId: input?.id ?? id });
      throw error;
    }
  }
}
