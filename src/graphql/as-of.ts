import { ArgsType, Field } from '@nestjs/graphql';
import { authorise } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import type { Clock } from '../clock.js';
import { DomainError } from '../domain-error.js';
import { IdArgs } from './inputs.js';
import { GraphqlDateTime } from './scalars.js';

export const AS_OF = 'As it was at that moment; for administrators and auditors.';

@ArgsType()
export class IdAsOfArgs extends IdArgs {
  @Field(() => GraphqlDateTime, { nullable: true, description: AS_OF })
  asOf?: Date | null;
}

/** The past moment that is asked for, `null` when it is the present. */
export function pastMoment(asOf: Date | null | undefined, caller: Caller, clock: Clock): Date | null {
  if (!asOf) return null;
  authorise(caller, 'asOf');
  if (asOf > clock.now()) throw new DomainError('BAD_USER_INPUT', 'asOf must not be in the future.');
  return asOf;
}
