import { Args, Field, ID, InputType, Mutation, ObjectType, Resolver } from '@nestjs/graphql';
import type { CommandRequest } from '../event-store/command-request.js';
import { Commands } from '../graphql/commands.js';
import { CommandInput } from '../graphql/inputs.js';
import { MUTATION_COST } from '../graphql/limits.js';
import { Payload } from '../graphql/payload.js';
import { IsPlainText } from '../graphql/plain-text.js';
import { Sent } from '../graphql/request-context.js';
import { ErasePersonalData } from './erase-personal-data.handler.js';

@InputType()
export class ErasePersonalDataInput extends CommandInput {
  @Field(() => ID, { description: 'As the OpenID provider calls the person.' })
  @IsPlainText({ max: 255 })
  personId!: string;
}

@ObjectType()
export class ErasePersonalDataPayload extends Payload {
  @Field(() => ID) personId!: string;
}

@Resolver()
export class PersonalDataResolver {
  constructor(private readonly commands: Commands) {}

  @Mutation(() => ErasePersonalDataPayload, {
    complexity: MUTATION_COST,
    description:
      'Erases the names, addresses and user agents that tell of a person, everywhere and for good. The evidence of the audit trail stays as it is.',
  })
  erasePersonalData(@Args('input') { personId }: ErasePersonalDataInput, @Sent() request: CommandRequest) {
    return this.commands.stop(new ErasePersonalData(request, personId));
  }
}
