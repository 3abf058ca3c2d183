import { ArgsType, Field, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { IsOptional, ValidateNested } from 'class-validator';
import type { TokenSortField as SortField, TokenStatus as Status } from '../../projections/tokens.js';
import { AS_OF } from '../graphql/as-of.js';
import { connectionOf, PageArgs } from '../graphql/connection.js';
import { CommandInput, OrderDirection, TargetInput } from '../graphql/inputs.js';
import { Payload, Person } from '../graphql/payload.js';
import { IsPlainText } from '../graphql/plain-text.js';
import { GraphqlDateTime } from '../graphql/scalars.js';

const TokenStatus: Record<Status, Status> = { ACTIVE: 'ACTIVE', REVOKED: 'REVOKED', EXPIRED: 'EXPIRED' };
registerEnumType(TokenStatus, { name: 'TokenStatus' });

const TokenSortField: Record<SortField, SortField> = {
  CREATED_AT: 'CREATED_AT',
  EXPIRES_AT: 'EXPIRES_AT',
  NAME: 'NAME',
};
registerEnumType(TokenSortField, { name: 'TokenSortField' });

@ObjectType()
export class PersonalAccessToken {
  @Field(() => ID) id!: string;
  @Field({ description: 'Its public name. It authenticates nobody.' }) identifier!: string;
  @Field() name!: string;
  @Field(() => TokenStatus) status!: Status;
  @Field(() => Person) createdBy!: Person;
  @Field(() => GraphqlDateTime) createdAt!: Date;
  @Field(() => GraphqlDateTime) expiresAt!: Date;
  @Field(() => GraphqlDateTime, { nullable: true }) revokedAt!: Date | null;
  @Field(() => Person, { nullable: true }) revokedBy!: Person | null;
  /** The moment at which it was so, if not now. */
  asOf!: Date | null;
}

@ObjectType()
export class PersonalAccessTokenConnection extends connectionOf(PersonalAccessToken) {}

@InputType()
export class TokenFilter {
  @Field(() => [TokenStatus], { nullable: true }) status?: Status[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name, in any letter case.' })
  @IsOptional()
  @IsPlainText({ min: 0, max: 200 })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of its owner.' })
  @IsOptional()
  @IsPlainText({ min: 0, max: 255 })
  createdBy?: string | null;

  @Field(() => GraphqlDateTime, { nullable: true }) expiringBefore?: Date | null;
}

@InputType()
export class TokenOrder {
  @Field(() => TokenSortField) field!: SortField;
  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC }) direction!: OrderDirection;
}

@ArgsType()
export class TokensArgs extends PageArgs {
  @Field(() => TokenFilter, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => TokenFilter)
  filter?: TokenFilter | null;

  @Field(() => TokenOrder, { nullable: true, description: 'Newest first unless said otherwise.' })
  orderBy?: TokenOrder | null;

  @Field(() => GraphqlDateTime, { nullable: true, description: AS_OF })
  asOf?: Date | null;
}

@InputType()
export class CreateTokenInput extends CommandInput {
  @Field({ description: '1 to 200 characters.' })
  @IsPlainText({ max: 200 })
  name!: string;

  @Field(() => GraphqlDateTime, {
    nullable: true,
    description: 'Twelve months from now unless an earlier moment is asked for.',
  })
  expiresAt?: Date | null;
}

@InputType()
export class RevokeTokenInput extends TargetInput {}

@InputType()
export class DeleteTokenInput extends TargetInput {}

@InputType()
export class RevokeTokensOfInput extends CommandInput {
  @Field(() => ID)
  @IsPlainText({ max: 255 })
  ownerId!: string;
}

@InputType()
export class ExpireTokensInput extends CommandInput {}

@ObjectType({ isAbstract: true })
abstract class TokenPayload extends Payload {
  @Field(() => PersonalAccessToken, {
    nullable: true,
    description: 'Null while the answer is stale or when it was deleted since.',
  })
  token!: PersonalAccessToken | null;
}

@ObjectType()
export class CreateTokenPayload extends TokenPayload {
  @Field(() => String, { nullable: true, description: 'Shown once: null when the command is sent again.' })
  value!: string | null;
}

@ObjectType()
export class RevokeTokenPayload extends TokenPayload {}

@ObjectType()
export class DeleteTokenPayload extends Payload {
  @Field(() => ID) id!: string;
}

@ObjectType()
export class RevokeTokensOfPayload extends Payload {
  @Field(() => Int) revokedCount!: number;
}

@ObjectType()
export class ExpireTokensPayload extends Payload {
  @Field(() => Int) expiredCount!: number;
}
