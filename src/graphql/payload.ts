import { Field, ID, ObjectType } from '@nestjs/graphql';
import type { Position } from '../event-store/position.js';

@ObjectType({ isAbstract: true })
export abstract class Payload {
  @Field(() => String, { nullable: true, description: 'The place in the log at which this shows. Opaque.' })
  position!: Position | null;

  @Field({ description: 'The event is stored, but the lists did not show it yet when this was answered.' })
  stale!: boolean;
}

@ObjectType()
export class Person {
  @Field(() => ID) id!: string;
  @Field({ description: 'The id, once the name was erased.' }) name!: string;
}
