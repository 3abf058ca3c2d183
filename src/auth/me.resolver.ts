import { Field, ID, ObjectType, Query, registerEnumType, Resolver } from '@nestjs/graphql';
import { CurrentCaller } from '../graphql/request-context.js';
import type { Caller, Role as CallerRole } from './caller.js';

const Role: Record<CallerRole, CallerRole> = {
  ADMINISTRATOR: 'ADMINISTRATOR',
  DEVELOPER: 'DEVELOPER',
  AUDITOR: 'AUDITOR',
};
registerEnumType(Role, { name: 'Role' });

@ObjectType({ description: 'Who is calling, as the access token says.' })
export class Me {
  @Field(() => ID) id!: string;
  @Field() name!: string;
  @Field(() => ID) tenantId!: string;
  @Field(() => [Role]) roles!: CallerRole[];
}

@Resolver(() => Me)
export class MeResolver {
  @Query(() => Me)
  me(@CurrentCaller() caller: Caller): Me {
    return caller;
  }
}
