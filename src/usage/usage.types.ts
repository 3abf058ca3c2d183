import { ArgsType, Field, Int, ObjectType } from '@nestjs/graphql';
import { Max, Min } from 'class-validator';
import { MOST_DAYS } from './days-of-use.js';

@ArgsType()
export class CredentialsInUseArgs {
  @Field(() => Int, { defaultValue: 14, description: `1 to ${MOST_DAYS}, the last of which is today.` })
  @Min(1, { message: 'days must be at least 1' })
  @Max(MOST_DAYS, { message: `days must be at most ${MOST_DAYS}` })
  days!: number;
}

@ObjectType({ description: 'How many different credentials were used on a day.' })
export class CredentialsInUse {
  @Field({ description: 'In UTC: YYYY-MM-DD.' }) day!: string;
  @Field(() => Int, { description: 'Apps that used their client secret or an access token.' }) apps!: number;
  @Field(() => Int, { description: 'Personal access tokens.' }) tokens!: number;
}
