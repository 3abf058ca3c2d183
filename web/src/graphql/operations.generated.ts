// Made by `npm run operations`. `npm run check` fails when it is out of date.
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { DocumentTypeDecoration } from '@graphql-typed-document-node/core';
export type ActivateAppInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
};

export type ActorKind =
  | 'APP'
  /** The service itself, in a job of its own. */
  | 'SYSTEM'
  | 'USER';

export type AddAppInput = {
  /** Up to 1000 characters. */
  description?: string | null | undefined;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
  /** 1 to 200 characters. */
  name: string;
};

export type AppFilter = {
  /** Id of the person who added it. */
  createdBy?: string | null | undefined;
  /** Part of the name, in any letter case. */
  name?: string | null | undefined;
  status?: Array<AppStatus> | null | undefined;
};

export type AppOrder = {
  direction?: OrderDirection;
  field: AppSortField;
};

export type AppPermission =
  /** May run expireTokens. */
  | 'EXPIRE_TOKENS'
  /** May ask whether a credential of this tenant still holds. */
  | 'INTROSPECT_TOKENS';

export type AppSortField =
  | 'CREATED_AT'
  | 'NAME'
  | 'UPDATED_AT';

export type AppStatus =
  | 'ACTIVE'
  | 'DISABLED';

/** The names of the events. */
export type AuditAction =
  | 'AccessDenied'
  | 'AppActivated'
  | 'AppAdded'
  | 'AppCredentialsViewed'
  | 'AppDeleted'
  | 'AppDisabled'
  | 'AppPermissionsChanged'
  | 'AppSecretRotated'
  | 'AuditTrailExported'
  | 'PersonalDataErased'
  | 'TokenCreated'
  | 'TokenDeleted'
  | 'TokenExpired'
  | 'TokenRevoked';

export type AuditFilter = {
  actions?: Array<AuditAction> | null | undefined;
  actorId?: string | null | undefined;
  /** At this moment or later. */
  from?: string | null | undefined;
  targetId?: string | null | undefined;
  targetType?: AuditTargetType | null | undefined;
  /**
   * Part of a name, an actor, a reason, an address or a user agent. A page looks through 2000 entries at most: it may
   * have fewer than asked for, even none, while `hasNextPage` says that there is more to look through.
   */
  text?: string | null | undefined;
  /** Before this moment. */
  to?: string | null | undefined;
};

export type AuditTargetType =
  | 'APP'
  | 'TOKEN';

export type ChangeAppPermissionsInput = {
  grant?: Array<AppPermission> | null | undefined;
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
  withdraw?: Array<AppPermission> | null | undefined;
};

export type CreateTokenInput = {
  /** Twelve months from now unless an earlier moment is asked for. */
  expiresAt?: string | null | undefined;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
  /** 1 to 200 characters. */
  name: string;
};

export type DeleteAppInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
};

export type DeleteTokenInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
};

export type DisableAppInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
};

export type OrderDirection =
  | 'ASC'
  | 'DESC';

export type ProjectionName =
  | 'APPS'
  | 'APP_HISTORY'
  | 'AUDIT_TRAIL'
  | 'TOKENS';

export type RebuildProjectionInput = {
  name: ProjectionName;
};

export type RetryParkedStreamInput = {
  projection: ProjectionName;
  stream: string;
};

export type RevokeTokenInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
};

export type Role =
  | 'ADMINISTRATOR'
  | 'AUDITOR'
  | 'DEVELOPER';

export type RotateAppSecretInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
  /** How long the secret of before still works: 0 to 30 days, a day unless said otherwise. */
  overlap?: string | null | undefined;
};

export type TokenFilter = {
  /** Id of its owner. */
  createdBy?: string | null | undefined;
  expiringBefore?: string | null | undefined;
  /** Part of the name, in any letter case. */
  name?: string | null | undefined;
  status?: Array<TokenStatus> | null | undefined;
};

export type TokenOrder = {
  direction?: OrderDirection;
  field: TokenSortField;
};

export type TokenSortField =
  | 'CREATED_AT'
  | 'EXPIRES_AT'
  | 'NAME';

export type TokenStatus =
  | 'ACTIVE'
  | 'EXPIRED'
  | 'REVOKED';

export type ViewAppCredentialsInput = {
  id: string;
  /** Sent again by the same caller, a command with the same key has one effect and the same answer. */
  idempotencyKey?: string | null | undefined;
};

export type AppRowFragment = { id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> };

export type AppsQueryVariables = Exact<{
  filter?: AppFilter | null | undefined;
  orderBy?: AppOrder | null | undefined;
  first: number;
  after?: string | null | undefined;
  asOf?: string | null | undefined;
}>;


export type AppsQuery = { apps: { totalCount: number, nodes: Array<{ id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type AddAppMutationVariables = Exact<{
  input: AddAppInput;
}>;


export type AddAppMutation = { addApp: { stale: boolean, app: { id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> } | null } };

export type ViewAppCredentialsMutationVariables = Exact<{
  input: ViewAppCredentialsInput;
}>;


export type ViewAppCredentialsMutation = { viewAppCredentials: { credentials: { clientId: string, clientSecret: string } | null } };

export type DisableAppMutationVariables = Exact<{
  input: DisableAppInput;
}>;


export type DisableAppMutation = { disableApp: { stale: boolean, app: { id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> } | null } };

export type ActivateAppMutationVariables = Exact<{
  input: ActivateAppInput;
}>;


export type ActivateAppMutation = { activateApp: { stale: boolean, app: { id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> } | null } };

export type RotateAppSecretMutationVariables = Exact<{
  input: RotateAppSecretInput;
}>;


export type RotateAppSecretMutation = { rotateAppSecret: { stale: boolean, app: { id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> } | null, credentials: { clientId: string, clientSecret: string } | null } };

export type ChangeAppPermissionsMutationVariables = Exact<{
  input: ChangeAppPermissionsInput;
}>;


export type ChangeAppPermissionsMutation = { changeAppPermissions: { stale: boolean, app: { id: string, clientId: string, name: string, description: string, status: AppStatus, permissions: Array<AppPermission>, createdAt: string, lastUsedAt: string | null, createdBy: { id: string, name: string }, secrets: Array<{ id: string, hint: string, createdAt: string, expiresAt: string | null }> } | null } };

export type DeleteAppMutationVariables = Exact<{
  input: DeleteAppInput;
}>;


export type DeleteAppMutation = { deleteApp: { id: string, stale: boolean } };

export type AuditRowFragment = { id: string, at: string, action: AuditAction, targetType: AuditTargetType | null, targetId: string | null, targetName: string | null, reason: string | null, ip: string | null, userAgent: string | null, personal: string, salt: string | null, correlationId: string, position: string, sentence: string, details: Record<string, unknown>, actor: { kind: ActorKind, id: string, name: string } };

export type AuditTrailQueryVariables = Exact<{
  filter?: AuditFilter | null | undefined;
  first: number;
  after?: string | null | undefined;
}>;


export type AuditTrailQuery = { auditTrail: { nodes: Array<{ id: string, at: string, action: AuditAction, targetType: AuditTargetType | null, targetId: string | null, targetName: string | null, reason: string | null, ip: string | null, userAgent: string | null, personal: string, salt: string | null, correlationId: string, position: string, sentence: string, details: Record<string, unknown>, actor: { kind: ActorKind, id: string, name: string } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type AuditCheckpointQueryVariables = Exact<{ [key: string]: never; }>;


export type AuditCheckpointQuery = { auditCheckpoint: { note: string, publicKey: string } };

export type InclusionProofQueryVariables = Exact<{
  entryId: string;
}>;


export type InclusionProofQuery = { auditInclusionProof: { index: number, size: number, hashes: Array<string> } };

export type ConsistencyProofQueryVariables = Exact<{
  from: number;
  to: number;
}>;


export type ConsistencyProofQuery = { auditConsistencyProof: { hashes: Array<string> } };

export type WhoAmIQueryVariables = Exact<{ [key: string]: never; }>;


export type WhoAmIQuery = { me: { id: string, name: string, tenantId: string, roles: Array<Role> } };

export type ProjectionStatusFragment = { name: string, position: string | null, lag: number, isWhole: boolean, parked: Array<{ stream: string, eventType: string, error: string, attempts: number, waiting: number, parkedAt: string, lastTriedAt: string }>, rebuild: { processed: number, total: number, error: string | null } | null };

export type ProjectionsQueryVariables = Exact<{ [key: string]: never; }>;


export type ProjectionsQuery = { projections: Array<{ name: string, position: string | null, lag: number, isWhole: boolean, parked: Array<{ stream: string, eventType: string, error: string, attempts: number, waiting: number, parkedAt: string, lastTriedAt: string }>, rebuild: { processed: number, total: number, error: string | null } | null }> };

export type RebuildProjectionMutationVariables = Exact<{
  input: RebuildProjectionInput;
}>;


export type RebuildProjectionMutation = { rebuildProjection: { projection: { name: string, position: string | null, lag: number, isWhole: boolean, parked: Array<{ stream: string, eventType: string, error: string, attempts: number, waiting: number, parkedAt: string, lastTriedAt: string }>, rebuild: { processed: number, total: number, error: string | null } | null } } };

export type RetryParkedStreamMutationVariables = Exact<{
  input: RetryParkedStreamInput;
}>;


export type RetryParkedStreamMutation = { retryParkedStream: { parked: { stream: string, error: string } | null } };

export type CredentialsInUseQueryVariables = Exact<{
  days: number;
}>;


export type CredentialsInUseQuery = { credentialsInUse: Array<{ day: string, apps: number, tokens: number }> };

export type TokenRowFragment = { id: string, identifier: string, name: string, status: TokenStatus, createdAt: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, createdBy: { id: string, name: string }, revokedBy: { id: string, name: string } | null };

export type TokensQueryVariables = Exact<{
  filter?: TokenFilter | null | undefined;
  orderBy?: TokenOrder | null | undefined;
  first: number;
  after?: string | null | undefined;
  asOf?: string | null | undefined;
}>;


export type TokensQuery = { tokens: { totalCount: number, nodes: Array<{ id: string, identifier: string, name: string, status: TokenStatus, createdAt: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, createdBy: { id: string, name: string }, revokedBy: { id: string, name: string } | null }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } };

export type CreateTokenMutationVariables = Exact<{
  input: CreateTokenInput;
}>;


export type CreateTokenMutation = { createToken: { value: string | null, stale: boolean, token: { id: string, identifier: string, name: string, status: TokenStatus, createdAt: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, createdBy: { id: string, name: string }, revokedBy: { id: string, name: string } | null } | null } };

export type RevokeTokenMutationVariables = Exact<{
  input: RevokeTokenInput;
}>;


export type RevokeTokenMutation = { revokeToken: { stale: boolean, token: { id: string, identifier: string, name: string, status: TokenStatus, createdAt: string, expiresAt: string, revokedAt: string | null, lastUsedAt: string | null, createdBy: { id: string, name: string }, revokedBy: { id: string, name: string } | null } | null } };

export type DeleteTokenMutationVariables = Exact<{
  input: DeleteTokenInput;
}>;


export type DeleteTokenMutation = { deleteToken: { id: string, stale: boolean } };

export class TypedDocumentString<TResult, TVariables>
  extends String
  implements DocumentTypeDecoration<TResult, TVariables>
{
  __apiType?: NonNullable<DocumentTypeDecoration<TResult, TVariables>['__apiType']>;
  private value: string;
  public __meta__?: Record<string, any> | undefined;

  constructor(value: string, __meta__?: Record<string, any> | undefined) {
    super(value);
    this.value = value;
    this.__meta__ = __meta__;
  }

  override toString(): string & DocumentTypeDecoration<TResult, TVariables> {
    return this.value;
  }
}
export const AppRowFragmentDoc = new TypedDocumentString(`
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}
    `, {"fragmentName":"AppRow"}) as unknown as TypedDocumentString<AppRowFragment, unknown>;
export const AuditRowFragmentDoc = new TypedDocumentString(`
    fragment AuditRow on AuditEntry {
  id
  at
  action
  actor {
    kind
    id
    name
  }
  targetType
  targetId
  targetName
  reason
  ip
  userAgent
  personal
  salt
  correlationId
  position
  sentence
  details
}
    `, {"fragmentName":"AuditRow"}) as unknown as TypedDocumentString<AuditRowFragment, unknown>;
export const ProjectionStatusFragmentDoc = new TypedDocumentString(`
    fragment ProjectionStatus on Projection {
  name
  position
  lag
  isWhole
  parked {
    stream
    eventType
    error
    attempts
    waiting
    parkedAt
    lastTriedAt
  }
  rebuild {
    processed
    total
    error
  }
}
    `, {"fragmentName":"ProjectionStatus"}) as unknown as TypedDocumentString<ProjectionStatusFragment, unknown>;
export const TokenRowFragmentDoc = new TypedDocumentString(`
    fragment TokenRow on PersonalAccessToken {
  id
  identifier
  name
  status
  createdBy {
    id
    name
  }
  createdAt
  expiresAt
  revokedAt
  revokedBy {
    id
    name
  }
  lastUsedAt
}
    `, {"fragmentName":"TokenRow"}) as unknown as TypedDocumentString<TokenRowFragment, unknown>;
export const AppsDocument = new TypedDocumentString(`
    query Apps($filter: AppFilter, $orderBy: AppOrder, $first: Int!, $after: String, $asOf: DateTime) {
  apps(
    filter: $filter
    orderBy: $orderBy
    first: $first
    after: $after
    asOf: $asOf
  ) {
    nodes {
      ...AppRow
    }
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}`) as unknown as TypedDocumentString<AppsQuery, AppsQueryVariables>;
export const AddAppDocument = new TypedDocumentString(`
    mutation AddApp($input: AddAppInput!) {
  addApp(input: $input) {
    app {
      ...AppRow
    }
    stale
  }
}
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}`) as unknown as TypedDocumentString<AddAppMutation, AddAppMutationVariables>;
export const ViewAppCredentialsDocument = new TypedDocumentString(`
    mutation ViewAppCredentials($input: ViewAppCredentialsInput!) {
  viewAppCredentials(input: $input) {
    credentials {
      clientId
      clientSecret
    }
  }
}
    `) as unknown as TypedDocumentString<ViewAppCredentialsMutation, ViewAppCredentialsMutationVariables>;
export const DisableAppDocument = new TypedDocumentString(`
    mutation DisableApp($input: DisableAppInput!) {
  disableApp(input: $input) {
    app {
      ...AppRow
    }
    stale
  }
}
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}`) as unknown as TypedDocumentString<DisableAppMutation, DisableAppMutationVariables>;
export const ActivateAppDocument = new TypedDocumentString(`
    mutation ActivateApp($input: ActivateAppInput!) {
  activateApp(input: $input) {
    app {
      ...AppRow
    }
    stale
  }
}
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}`) as unknown as TypedDocumentString<ActivateAppMutation, ActivateAppMutationVariables>;
export const RotateAppSecretDocument = new TypedDocumentString(`
    mutation RotateAppSecret($input: RotateAppSecretInput!) {
  rotateAppSecret(input: $input) {
    app {
      ...AppRow
    }
    credentials {
      clientId
      clientSecret
    }
    stale
  }
}
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}`) as unknown as TypedDocumentString<RotateAppSecretMutation, RotateAppSecretMutationVariables>;
export const ChangeAppPermissionsDocument = new TypedDocumentString(`
    mutation ChangeAppPermissions($input: ChangeAppPermissionsInput!) {
  changeAppPermissions(input: $input) {
    app {
      ...AppRow
    }
    stale
  }
}
    fragment AppRow on App {
  id
  clientId
  name
  description
  status
  permissions
  createdBy {
    id
    name
  }
  createdAt
  lastUsedAt
  secrets {
    id
    hint
    createdAt
    expiresAt
  }
}`) as unknown as TypedDocumentString<ChangeAppPermissionsMutation, ChangeAppPermissionsMutationVariables>;
export const DeleteAppDocument = new TypedDocumentString(`
    mutation DeleteApp($input: DeleteAppInput!) {
  deleteApp(input: $input) {
    id
    stale
  }
}
    `) as unknown as TypedDocumentString<DeleteAppMutation, DeleteAppMutationVariables>;
export const AuditTrailDocument = new TypedDocumentString(`
    query AuditTrail($filter: AuditFilter, $first: Int!, $after: String) {
  auditTrail(filter: $filter, first: $first, after: $after) {
    nodes {
      ...AuditRow
    }
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment AuditRow on AuditEntry {
  id
  at
  action
  actor {
    kind
    id
    name
  }
  targetType
  targetId
  targetName
  reason
  ip
  userAgent
  personal
  salt
  correlationId
  position
  sentence
  details
}`) as unknown as TypedDocumentString<AuditTrailQuery, AuditTrailQueryVariables>;
export const AuditCheckpointDocument = new TypedDocumentString(`
    query AuditCheckpoint {
  auditCheckpoint {
    note
    publicKey
  }
}
    `) as unknown as TypedDocumentString<AuditCheckpointQuery, AuditCheckpointQueryVariables>;
export const InclusionProofDocument = new TypedDocumentString(`
    query InclusionProof($entryId: ID!) {
  auditInclusionProof(entryId: $entryId) {
    index
    size
    hashes
  }
}
    `) as unknown as TypedDocumentString<InclusionProofQuery, InclusionProofQueryVariables>;
export const ConsistencyProofDocument = new TypedDocumentString(`
    query ConsistencyProof($from: Int!, $to: Int!) {
  auditConsistencyProof(from: $from, to: $to) {
    hashes
  }
}
    `) as unknown as TypedDocumentString<ConsistencyProofQuery, ConsistencyProofQueryVariables>;
export const WhoAmIDocument = new TypedDocumentString(`
    query WhoAmI {
  me {
    id
    name
    tenantId
    roles
  }
}
    `) as unknown as TypedDocumentString<WhoAmIQuery, WhoAmIQueryVariables>;
export const ProjectionsDocument = new TypedDocumentString(`
    query Projections {
  projections {
    ...ProjectionStatus
  }
}
    fragment ProjectionStatus on Projection {
  name
  position
  lag
  isWhole
  parked {
    stream
    eventType
    error
    attempts
    waiting
    parkedAt
    lastTriedAt
  }
  rebuild {
    processed
    total
    error
  }
}`) as unknown as TypedDocumentString<ProjectionsQuery, ProjectionsQueryVariables>;
export const RebuildProjectionDocument = new TypedDocumentString(`
    mutation RebuildProjection($input: RebuildProjectionInput!) {
  rebuildProjection(input: $input) {
    projection {
      ...ProjectionStatus
    }
  }
}
    fragment ProjectionStatus on Projection {
  name
  position
  lag
  isWhole
  parked {
    stream
    eventType
    error
    attempts
    waiting
    parkedAt
    lastTriedAt
  }
  rebuild {
    processed
    total
    error
  }
}`) as unknown as TypedDocumentString<RebuildProjectionMutation, RebuildProjectionMutationVariables>;
export const RetryParkedStreamDocument = new TypedDocumentString(`
    mutation RetryParkedStream($input: RetryParkedStreamInput!) {
  retryParkedStream(input: $input) {
    parked {
      stream
      error
    }
  }
}
    `) as unknown as TypedDocumentString<RetryParkedStreamMutation, RetryParkedStreamMutationVariables>;
export const CredentialsInUseDocument = new TypedDocumentString(`
    query CredentialsInUse($days: Int!) {
  credentialsInUse(days: $days) {
    day
    apps
    tokens
  }
}
    `) as unknown as TypedDocumentString<CredentialsInUseQuery, CredentialsInUseQueryVariables>;
export const TokensDocument = new TypedDocumentString(`
    query Tokens($filter: TokenFilter, $orderBy: TokenOrder, $first: Int!, $after: String, $asOf: DateTime) {
  tokens(
    filter: $filter
    orderBy: $orderBy
    first: $first
    after: $after
    asOf: $asOf
  ) {
    nodes {
      ...TokenRow
    }
    totalCount
    pageInfo {
      hasNextPage
      endCursor
    }
  }
}
    fragment TokenRow on PersonalAccessToken {
  id
  identifier
  name
  status
  createdBy {
    id
    name
  }
  createdAt
  expiresAt
  revokedAt
  revokedBy {
    id
    name
  }
  lastUsedAt
}`) as unknown as TypedDocumentString<TokensQuery, TokensQueryVariables>;
export const CreateTokenDocument = new TypedDocumentString(`
    mutation CreateToken($input: CreateTokenInput!) {
  createToken(input: $input) {
    token {
      ...TokenRow
    }
    value
    stale
  }
}
    fragment TokenRow on PersonalAccessToken {
  id
  identifier
  name
  status
  createdBy {
    id
    name
  }
  createdAt
  expiresAt
  revokedAt
  revokedBy {
    id
    name
  }
  lastUsedAt
}`) as unknown as TypedDocumentString<CreateTokenMutation, CreateTokenMutationVariables>;
export const RevokeTokenDocument = new TypedDocumentString(`
    mutation RevokeToken($input: RevokeTokenInput!) {
  revokeToken(input: $input) {
    token {
      ...TokenRow
    }
    stale
  }
}
    fragment TokenRow on PersonalAccessToken {
  id
  identifier
  name
  status
  createdBy {
    id
    name
  }
  createdAt
  expiresAt
  revokedAt
  revokedBy {
    id
    name
  }
  lastUsedAt
}`) as unknown as TypedDocumentString<RevokeTokenMutation, RevokeTokenMutationVariables>;
export const DeleteTokenDocument = new TypedDocumentString(`
    mutation DeleteToken($input: DeleteTokenInput!) {
  deleteToken(input: $input) {
    id
    stale
  }
}
    `) as unknown as TypedDocumentString<DeleteTokenMutation, DeleteTokenMutationVariables>;
