import type { Answer, Service } from './service.js';

const person = '{ id name }';
const appFields = `{ id clientId name description status permissions createdBy ${person} createdAt updatedAt lastUsedAt
  secrets { id hint createdAt expiresAt } }`;
const tokenFields = `{ id identifier name status createdBy ${person} createdAt expiresAt revokedAt revokedBy ${person} lastUsedAt }`;
const entryFields = `{ id at action actor { kind id name } targetType targetId targetName reason ip userAgent personal salt correlationId
  position sentence details typedDetails { __typename ... on AppAddedDetails { clientId } ... on TokenCreatedDetails { identifier expiresAt }
  ... on AppSecretRotatedDetails { hint expiring { id expiresAt } } ... on AppPermissionsChangedDetails { granted withdrawn }
  ... on AccessDeniedDetails { operation count } ... on AuditTrailExportedDetails { format filter { text } after }
  ... on PersonalDataErasedDetails { personId } } }`;
const list = (node: string) =>
  `{ edges { cursor } nodes ${node} pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }`;
const mutation = (name: string, fields: string) =>
  `mutation ($input: ${name.charAt(0).toUpperCase()}${name.slice(1)}Input!) { ${name}(input: $input) { ${fields} position stale } }`;
const credentials = 'credentials { clientId clientSecret }';

const parkedFields = 'stream eventId eventType error attempts waiting parkedAt lastTriedAt';

/** Every operation of the schema, asking for all that it can answer. */
export const documents = {
  me: '{ me { id name tenantId roles } }',
  app: `query ($id: ID!, $asOf: DateTime) { app(id: $id, asOf: $asOf) ${appFields} }`,
  apps: `query ($filter: AppFilter, $orderBy: AppOrder, $first: Int! = 50, $after: String, $asOf: DateTime) {
    apps(filter: $filter, orderBy: $orderBy, first: $first, after: $after, asOf: $asOf) ${list(appFields)} }`,
  token: `query ($id: ID!, $asOf: DateTime) { token(id: $id, asOf: $asOf) ${tokenFields} }`,
  tokens: `query ($filter: TokenFilter, $orderBy: TokenOrder, $first: Int! = 50, $after: String, $asOf: DateTime) {
    tokens(filter: $filter, orderBy: $orderBy, first: $first, after: $after, asOf: $asOf) ${list(tokenFields)} }`,
  auditTrail: `query ($filter: AuditFilter, $first: Int! = 50, $after: String) {
    auditTrail(filter: $filter, first: $first, after: $after) ${list(entryFields)} }`,
  projections: `{ projections { name position lag isWhole parked { ${parkedFields} } rebuild { processed total error } } }`,
  credentialsInUse: 'query ($days: Int! = 14) { credentialsInUse(days: $days) { day apps tokens } }',
  rebuildProjection: `mutation ($input: RebuildProjectionInput!) {
    rebuildProjection(input: $input) { projection { name rebuild { processed total error } } } }`,
  retryParkedStream: `mutation ($input: RetryParkedStreamInput!) {
    retryParkedStream(input: $input) { parked { ${parkedFields} } } }`,
  auditCheckpoint: '{ auditCheckpoint { size rootHash note publicKey } }',
  auditInclusionProof: 'query ($entryId: ID!) { auditInclusionProof(entryId: $entryId) { index size hashes } }',
  auditConsistencyProof: 'query ($from: Int!, $to: Int!) { auditConsistencyProof(from: $from, to: $to) { hashes } }',
  addApp: mutation('addApp', `app ${appFields} ${credentials}`),
  viewAppCredentials: mutation('viewAppCredentials', `app ${appFields} ${credentials}`),
  disableApp: mutation('disableApp', `app ${appFields}`),
  activateApp: mutation('activateApp', `app ${appFields}`),
  rotateAppSecret: mutation('rotateAppSecret', `app ${appFields} ${credentials}`),
  changeAppPermissions: mutation('changeAppPermissions', `app ${appFields}`),
  deleteApp: mutation('deleteApp', 'id'),
  createToken: mutation('createToken', `token ${tokenFields} value`),
  revokeToken: mutation('revokeToken', `token ${tokenFields}`),
  revokeTokensOf: mutation('revokeTokensOf', 'revokedCount'),
  deleteToken: mutation('deleteToken', 'id'),
  expireTokens: mutation('expireTokens', 'expiredCount'),
  erasePersonalData: mutation('erasePersonalData', 'personId'),
} as const;

export type OperationName = keyof typeof documents;

export function send(
  service: Service,
  token: string | null,
  operation: OperationName,
  variables: object = {},
  headers?: Record<string, string>,
): Promise<Answer> {
  return service.graphql(token, documents[operation], variables, headers);
}

/** What a query or mutation answers; a refusal is thrown. A mutation's variables are its input. */
export async function ask(
  service: Service,
  token: string,
  operation: OperationName,
  variables: object = {},
  headers?: Record<string, string>,
): Promise<any> {
  const isMutation = documents[operation].startsWith('mutation');
  const answer = await send(service, token, operation, isMutation ? { input: variables } : variables, headers);
  if (answer.errors) throw new Error(`${operation} was refused: ${JSON.stringify(answer.errors)}`);
  return answer.data[operation];
}
