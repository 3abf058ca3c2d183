import { Field, Float, ID, InputType, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { projections } from '../../projections/projections.js';
import type { Position } from '../event-store/position.js';
import { IsPlainText } from '../graphql/plain-text.js';
import { GraphqlDateTime } from '../graphql/scalars.js';

@ObjectType({
  description: 'A stream of which a read model could not apply an event. This event and all that follow it wait.',
})
export class ParkedStream {
  @Field() stream!: string;
  @Field(() => ID) eventId!: string;
  @Field() eventType!: string;
  @Field() error!: string;
  @Field(() => Int) attempts!: number;
  @Field(() => Int, { description: 'How many events wait behind it.' }) waiting!: number;
  @Field(() => GraphqlDateTime) parkedAt!: Date;
  @Field(() => GraphqlDateTime) lastTriedAt!: Date;
}

@ObjectType({ description: 'A read model that is being built anew beside the one that is shown.' })
export class Rebuild {
  @Field(() => Float, { description: 'How far it has come, in the units in which the log counts.' }) processed!: number;
  @Field(() => Float, { description: 'How far it has to come.' }) total!: number;
  @Field(() => String, { nullable: true, description: 'Why it has failed. It begins anew when it is asked for again.' })
  error!: string | null;
}

@ObjectType('Projection', { description: 'A read model, and how far it has come.' })
export class ProjectionStatus {
  @Field() name!: string;
  @Field(() => String, { nullable: true, description: 'The place in the log up to which it shows everything. Opaque.' })
  position!: Position | null;
  @Field(() => Float, {
    description:
      'The age in seconds of the oldest event that it does not show yet; 0 when it shows all, or when the log ends before its position.',
  })
  lag!: number;
  @Field({
    description:
      'Whether it can be relied on: not while it is filled from the beginning, nor when the log ends before its position and so is another.',
  })
  isWhole!: boolean;
  @Field(() => [ParkedStream], { description: 'Of your own tenant.' }) parked!: ParkedStream[];
  @Field(() => Rebuild, { nullable: true }) rebuild!: Rebuild | null;
}

/** The names in the form that GraphQL has for names. */
const ProjectionName = Object.fromEntries(
  projections.map(({ name }) => [name.replaceAll('-', '_').toUpperCase(), name]),
);
registerEnumType(ProjectionName, { name: 'ProjectionName' });

@InputType()
export class RebuildProjectionInput {
  @Field(() => ProjectionName) name!: string;
}

@ObjectType()
export class RebuildProjectionPayload {
  @Field(() => ProjectionStatus) projection!: ProjectionStatus;
}

@InputType()
export class RetryParkedStreamInput {
  @Field(() => ProjectionName) projection!: string;
  @Field()
  @IsPlainText({ max: 300 })
  stream!: string;
}

@ObjectType()
export class RetryParkedStreamPayload {
  @Field(() => ParkedStream, { nullable: true, description: 'What the stream still waits for.' })
  parked!: ParkedStream | null;
}
