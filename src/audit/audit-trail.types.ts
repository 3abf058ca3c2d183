import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsOptional, IsUUID, ValidateNested } from 'class-validator';
import { LOOKED_THROUGH } from '../../projections/audit-queries.js';
import type { AuditTargetType as TargetType } from '../../projections/audit-trail.js';
import type { Actor } from '../event-store/event-store.js';
import { connectionOf, PageArgs } from '../graphql/connection.js';
import { IsPlainText } from '../graphql/plain-text.js';
import { GraphqlDateTime, GraphqlJson } from '../graphql/scalars.js';
import type { AuditAction as Action } from './audit-details.js';
import { AuditDetails } from './audit-details.types.js';
import { AuditAction, AuditTargetType } from './audit-enums.js';

const ActorKind: Record<Actor['kind'], Actor['kind']> = { USER: 'USER', APP: 'APP', SYSTEM: 'SYSTEM' };
registerEnumType(ActorKind, {
  name: 'ActorKind',
  valuesMap: { SYSTEM: { description: 'The service itself, in a job of its own.' } },
});

@ObjectType({ description: 'Who did it, named as they were named then; by their id once their name was erased.' })
export class AuditActor {
  @Field(() => ActorKind) kind!: Actor['kind'];
  @Field(() => ID) id!: string;
  @Field() name!: string;
}

@ObjectType()
export class AuditEntry {
  @Field(() => ID) id!: string;
  @Field(() => GraphqlDateTime) at!: Date;
  @Field(() => AuditAction) action!: Action;
  @Field(() => AuditActor) actor!: AuditActor;
  @Field(() => AuditTargetType, { nullable: true }) targetType!: TargetType | null;
  @Field(() => ID, { nullable: true }) targetId!: string | null;
  @Field(() => String, { nullable: true }) targetName!: string | null;
  @Field(() => String, { nullable: true, description: 'Why it was refused.' }) reason!: string | null;
  @Field(() => String, { nullable: true }) ip!: string | null;
  @Field(() => String, { nullable: true }) userAgent!: string | null;
  @Field({
    description: 'What the leaf of the evidence has of name, address and user agent: see docs/audit.md. Base64.',
  })
  personal!: string;
  @Field(() => String, {
    nullable: true,
    description: 'What `personal` is checked with; null once it was erased. Base64.',
  })
  salt!: string | null;
  @Field() correlationId!: string;
  @Field({ description: 'The place in the log. Opaque.' }) position!: string;
  @Field({ description: 'What happened, as a sentence for people.' }) sentence!: string;
  @Field(() => GraphqlJson) details!: Record<string, unknown>;
  @Field(() => AuditDetails, { nullable: true, description: 'The details by action; null where there are none.' })
  typedDetails!: object | null;
}

@ObjectType()
export class AuditEntryConnection extends connectionOf(AuditEntry) {}

@InputType()
export class AuditFilter {
  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsPlainText({ min: 0, max: 255 })
  actorId?: string | null;

  @Field(() => [AuditAction], { nullable: true }) actions?: Action[] | null;
  @Field(() => AuditTargetType, { nullable: true }) targetType?: TargetType | null;

  @Field(() => ID, { nullable: true })
  @IsOptional()
  @IsUUID('all', { message: 'targetId must be a UUID' })
  targetId?: string | null;

  @Field(() => GraphqlDateTime, { nullable: true, description: 'At this moment or later.' }) from?: Date | null;
  @Field(() => GraphqlDateTime, { nullable: true, description: 'Before this moment.' }) to?: Date | null;

  @Field(() => String, {
    nullable: true,
    description: `Part of a name, an actor, a reason, an address or a user agent. A page looks through ${LOOKED_THROUGH} entries at most: it may
have fewer than asked for, even none, while \`hasNextPage\` says that there is more to look through.`,
  })
  @IsOptional()
  @IsPlainText({ min: 0, max: 200 })
  text?: string | null;
}

@ArgsType()
export class AuditTrailArgs extends PageArgs {
  @Field(() => AuditFilter, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => AuditFilter)
  filter?: AuditFilter | null;
}
