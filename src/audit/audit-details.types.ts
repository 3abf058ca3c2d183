import { createUnionType, Field, ID, Int, ObjectType, registerEnumType } from '@nestjs/graphql';
import { AppPermission } from '../apps/apps.types.js';
import { GraphqlDateTime } from '../graphql/scalars.js';
import type { AuditAction as Action, AuditDetails as Details } from './audit-details.js';
import type { ExportFilter, ExportFormat } from './audit-trail-exported.js';
import { AuditAction, AuditTargetType } from './audit-enums.js';

const AuditExportFormat: Record<ExportFormat, ExportFormat> = { jsonl: 'jsonl', csv: 'csv' };
registerEnumType(AuditExportFormat, { name: 'AuditExportFormat' });

@ObjectType()
export class AppAddedDetails {
  @Field() clientId!: string;
  @Field() description!: string;
}

@ObjectType()
export class AppCredentialsViewedDetails {
  @Field(() => ID) secretId!: string;
}

@ObjectType()
export class ExpiringAppSecret {
  @Field(() => ID) id!: string;
  @Field(() => GraphqlDateTime) expiresAt!: string;
}

@ObjectType()
export class AppSecretRotatedDetails {
  @Field(() => ID) secretId!: string;
  @Field({ description: 'The last characters of the new secret.' }) hint!: string;
  @Field(() => [ExpiringAppSecret], { description: 'The older secrets that still worked, and when they stop.' })
  expiring!: ExpiringAppSecret[];
}

@ObjectType()
export class AppPermissionsChangedDetails {
  @Field(() => [AppPermission]) granted!: Details['AppPermissionsChanged']['granted'];
  @Field(() => [AppPermission]) withdrawn!: Details['AppPermissionsChanged']['withdrawn'];
}

@ObjectType()
export class TokenCreatedDetails {
  @Field() identifier!: string;
  @Field(() => GraphqlDateTime) expiresAt!: string;
}

@ObjectType()
export class AccessDeniedDetails {
  @Field() operation!: string;
  @Field(() => String) code!: Details['AccessDenied']['code'];
  @Field(() => Int, { description: 'How often, from then until `at` of the entry.' }) count!: number;
  @Field(() => GraphqlDateTime) from!: string;
}

@ObjectType({ description: 'Which entries somebody asked for.' })
export class AuditExportFilter {
  @Field(() => ID, { nullable: true }) actorId!: string | null;
  @Field(() => [AuditAction], { nullable: true }) actions!: string[] | null;
  @Field(() => AuditTargetType, { nullable: true }) targetType!: ExportFilter['targetType'];
  @Field(() => ID, { nullable: true }) targetId!: string | null;
  @Field(() => GraphqlDateTime, { nullable: true }) from!: string | null;
  @Field(() => GraphqlDateTime, { nullable: true }) to!: string | null;
  @Field(() => String, { nullable: true }) text!: string | null;
}

@ObjectType()
export class AuditTrailExportedDetails {
  @Field(() => AuditExportFormat) format!: ExportFormat;
  @Field(() => AuditExportFilter) filter!: AuditExportFilter;
  @Field(() => String, { nullable: true, description: 'The position after which it began.' }) after!: string | null;
}

@ObjectType()
export class PersonalDataErasedDetails {
  @Field(() => ID) personId!: string;
}

type ClassFor<Told> = keyof Told extends never ? null : new () => Told;

/** `null`: the entry itself tells all. The compiler asks for every action, and for every field that its event brings. */
const classes: { [Type in Action]: ClassFor<Details[Type]> } = {
  AppAdded: AppAddedDetails,
  AppCredentialsViewed: AppCredentialsViewedDetails,
  AppDisabled: null,
  AppActivated: null,
  AppSecretRotated: AppSecretRotatedDetails,
  AppPermissionsChanged: AppPermissionsChangedDetails,
  AppDeleted: null,
  TokenCreated: TokenCreatedDetails,
  TokenRevoked: null,
  TokenExpired: null,
  TokenDeleted: null,
  AccessDenied: AccessDeniedDetails,
  AuditTrailExported: AuditTrailExportedDetails,
  PersonalDataErased: PersonalDataErasedDetails,
};

type DetailsClass = new () => object;

export const AuditDetails = createUnionType({
  name: 'AuditDetails',
  description: 'What an action brings beside who did it to what.',
  types: () => Object.values(classes).filter((each): each is NonNullable<typeof each> => each !== null),
  resolveType: (details: object) => details.constructor as DetailsClass,
});

/** The details of an entry as an object of the class of its action. */
export function typedDetails(action: Action, details: object): object | null {
  const Class: DetailsClass | null = classes[action];
  return Class && Object.assign(new Class(), details);
}
