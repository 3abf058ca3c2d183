import { ArgsType, Field, ID, InputType, ObjectType, registerEnumType } from '@nestjs/graphql';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsOptional, ValidateNested } from 'class-validator';
import type { AppRow, AppSortField as SortField } from '../../projections/apps.js';
import { AS_OF } from '../graphql/as-of.js';
import { connectionOf, PageArgs } from '../graphql/connection.js';
import { CommandInput, OrderDirection, TargetInput } from '../graphql/inputs.js';
import { Payload, Person } from '../graphql/payload.js';
import { IsPlainText } from '../graphql/plain-text.js';
import { GraphqlDateTime, GraphqlDuration } from '../graphql/scalars.js';
import type { AppPermission as Permission } from './app.decider.js';

export enum AppStatus {
  ACTIVE = 'ACTIVE',
  DISABLED = 'DISABLED',
}
registerEnumType(AppStatus, { name: 'AppStatus' });

export const AppPermission: Record<Permission, Permission> = {
  INTROSPECT_TOKENS: 'INTROSPECT_TOKENS',
  EXPIRE_TOKENS: 'EXPIRE_TOKENS',
};
registerEnumType(AppPermission, {
  name: 'AppPermission',
  valuesMap: {
    INTROSPECT_TOKENS: { description: 'May ask whether a credential of this tenant still holds.' },
    EXPIRE_TOKENS: { description: 'May run expireTokens.' },
  },
});

const AppSortField: Record<SortField, SortField> = { CREATED_AT: 'CREATED_AT', UPDATED_AT: 'UPDATED_AT', NAME: 'NAME' };
registerEnumType(AppSortField, { name: 'AppSortField' });

@ObjectType({ description: 'What is known about a client secret without knowing the secret.' })
export class AppSecret {
  @Field(() => ID) id!: string;
  @Field({ description: 'The last characters of the secret.' }) hint!: string;
  @Field(() => GraphqlDateTime) createdAt!: Date;
  @Field(() => GraphqlDateTime, { nullable: true, description: 'When it stops working; null: not before a rotation.' })
  expiresAt!: Date | null;
}

@ObjectType({ description: 'An OAuth client of the organisation.' })
export class App {
  @Field(() => ID) id!: string;
  @Field() clientId!: string;
  @Field() name!: string;
  @Field() description!: string;
  @Field(() => AppStatus) status!: AppRow['status'];
  @Field(() => [AppPermission]) permissions!: Permission[];
  @Field(() => Person) createdBy!: Person;
  @Field(() => GraphqlDateTime) createdAt!: Date;
  @Field(() => GraphqlDateTime) updatedAt!: Date;
  @Field(() => [AppSecret], { description: 'The secrets that work, newest last.' }) secrets!: AppSecret[];
  /** The moment at which it was so, if not now. */
  asOf!: Date | null;
}

@ObjectType()
export class AppConnection extends connectionOf(App) {}

@InputType()
export class AppFilter {
  @Field(() => [AppStatus], { nullable: true }) status?: AppStatus[] | null;

  @Field(() => String, { nullable: true, description: 'Part of the name, in any letter case.' })
  @IsOptional()
  @IsPlainText({ min: 0, max: 200 })
  name?: string | null;

  @Field(() => ID, { nullable: true, description: 'Id of the person who added it.' })
  @IsOptional()
  @IsPlainText({ min: 0, max: 255 })
  createdBy?: string | null;
}

@InputType()
export class AppOrder {
  @Field(() => AppSortField) field!: SortField;
  @Field(() => OrderDirection, { defaultValue: OrderDirection.ASC }) direction!: OrderDirection;
}

@ArgsType()
export class AppsArgs extends PageArgs {
  @Field(() => AppFilter, { nullable: true })
  @IsOptional()
  @ValidateNested()
  @Type(() => AppFilter)
  filter?: AppFilter | null;

  @Field(() => AppOrder, { nullable: true, description: 'Newest first unless said otherwise.' })
  orderBy?: AppOrder | null;

  @Field(() => GraphqlDateTime, { nullable: true, description: AS_OF })
  asOf?: Date | null;
}

@InputType()
export class AddAppInput extends CommandInput {
  @Field({ description: '1 to 200 characters.' })
  @IsPlainText({ max: 200 })
  name!: string;

  @Field(() => String, { nullable: true, description: 'Up to 1000 characters.' })
  @IsOptional()
  @IsPlainText({ min: 0, max: 1_000, lines: true })
  description?: string | null;
}

@InputType()
export class ViewAppCredentialsInput extends TargetInput {}

@InputType()
export class DisableAppInput extends TargetInput {}

@InputType()
export class ActivateAppInput extends TargetInput {}

@InputType()
export class DeleteAppInput extends TargetInput {}

@InputType()
export class RotateAppSecretInput extends TargetInput {
  @Field(() => GraphqlDuration, {
    nullable: true,
    description: 'How long the secret of before still works: 0 to 30 days, a day unless said otherwise.',
  })
  overlap?: number | null;
}

@InputType()
export class ChangeAppPermissionsInput extends TargetInput {
  @Field(() => [AppPermission], { nullable: true })
  @IsOptional()
  @ArrayMaxSize(20)
  grant?: Permission[] | null;

  @Field(() => [AppPermission], { nullable: true })
  @IsOptional()
  @ArrayMaxSize(20)
  withdraw?: Permission[] | null;
}

@ObjectType()
export class AppCredentials {
  @Field() clientId!: string;
  @Field() clientSecret!: string;
}

@ObjectType({ isAbstract: true })
abstract class AppPayload extends Payload {
  @Field(() => App, { nullable: true, description: 'Null while the answer is stale or when it was deleted since.' })
  app!: App | null;
}

@ObjectType({ isAbstract: true })
abstract class AppCredentialsPayload extends AppPayload {
  @Field(() => AppCredentials, { nullable: true, description: 'Null when this secret has been destroyed since.' })
  credentials!: AppCredentials | null;
}

@ObjectType()
export class AddAppPayload extends AppCredentialsPayload {}

@ObjectType()
export class ViewAppCredentialsPayload extends AppCredentialsPayload {}

@ObjectType()
export class RotateAppSecretPayload extends AppCredentialsPayload {}

@ObjectType()
export class DisableAppPayload extends AppPayload {}

@ObjectType()
export class ActivateAppPayload extends AppPayload {}

@ObjectType()
export class ChangeAppPermissionsPayload extends AppPayload {}

@ObjectType()
export class DeleteAppPayload extends Payload {
  @Field(() => ID) id!: string;
}
