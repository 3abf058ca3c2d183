import { ArgsType, Field, ID, InputType, registerEnumType } from '@nestjs/graphql';
import { Transform } from 'class-transformer';
import { IsOptional, IsUUID } from 'class-validator';
import { IsPlainText } from './plain-text.js';

/** Streams are named in lower case. */
const lowerCase = ({ value }: { value: unknown }) => (typeof value === 'string' ? value.toLowerCase() : value);

const notAnId = { message: 'id must be a UUID' };

@InputType({ isAbstract: true })
export abstract class CommandInput {
  @Field(() => String, {
    nullable: true,
    description: 'Sent again by the same caller, a command with the same key has one effect and the same answer.',
  })
  @IsOptional()
  @IsPlainText({ max: 200 })
  idempotencyKey?: string | null;
}

@InputType({ isAbstract: true })
export abstract class TargetInput extends CommandInput {
  @Field(() => ID)
  @Transform(lowerCase)
  @IsUUID('all', notAnId)
  id!: string;
}

@ArgsType()
export class IdArgs {
  @Field(() => ID)
  @Transform(lowerCase)
  @IsUUID('all', notAnId)
  id!: string;
}

export enum OrderDirection {
  ASC = 'ASC',
  DESC = 'DESC',
}
registerEnumType(OrderDirection, { name: 'OrderDirection' });
