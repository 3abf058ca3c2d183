import type { AppRow } from '../../projections/apps.js';
import type { TokenRow } from '../../projections/tokens.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';

/**
 * What the read models must show, told a second time and in another way: row by row from the whole history of one stream,
 * with nothing of the projections' code.
 */
type Loose = RecordedEvent & { data: any };

const lastOf = (history: Loose[], ...types: string[]) => history.filter(({ type }) => types.includes(type)).at(-1);
const dateOf = (event: Loose | undefined) => (event ? new Date(event.data.at) : null);

export function expectedApp(history: Loose[]): AppRow {
  const [added] = history as [Loose, ...Loose[]];
  const deleted = lastOf(history, 'AppDeleted');
  const changed = history.filter(({ type }) => type !== 'AppCredentialsViewed').at(-1);
  const toggled = lastOf(history, 'AppDisabled', 'AppActivated');
  const rotations = history.filter(({ type }) => type === 'AppSecretRotated');
  const last = rotations.at(-1);

  const issued = [added, ...rotations].map(({ data }) => ({ ...data.secret, createdAt: data.at, expiresAt: null }));
  // After a rotation only those that still work then are shown, with their new ends, and the newest.
  const still = (last?.data.expiring ?? []).filter(({ expiresAt }: any) => expiresAt > last?.data.at);
  const ends = new Map<string, string>(still.map((each: any) => [each.id, each.expiresAt]));
  const secrets = issued
    .filter(({ id }, index) => index === issued.length - 1 || ends.has(id))
    .map((secret) => ({ ...secret, expiresAt: ends.get(secret.id) ?? null }));

  const permissions: string[] = [];
  for (const { data } of history.filter(({ type }) => type === 'AppPermissionsChanged')) {
    for (const gone of data.withdrawn) permissions.splice(permissions.indexOf(gone), 1);
    permissions.push(...data.granted);
  }
  return {
    id: added.data.appId,
    tenantId: added.metadata.tenantId,
    clientId: added.data.clientId,
    name: added.data.name,
    description: added.data.description,
    status: toggled?.type === 'AppDisabled' ? 'DISABLED' : 'ACTIVE',
    permissions: permissions as AppRow['permissions'],
    secrets: deleted ? [] : secrets,
    generation: history.filter(({ type }) => type === 'AppDisabled').length,
    createdById: added.metadata.actor.id,
    createdByName: added.metadata.actor.name,
    createdAt: new Date(added.data.at),
    updatedAt: dateOf(changed)!,
    deletedAt: dateOf(deleted),
  };
}

export function expectedToken(history: Loose[]): TokenRow {
  const [created] = history as [Loose, ...Loose[]];
  const revoked = lastOf(history, 'TokenRevoked');
  const ended = lastOf(history, 'TokenRevoked', 'TokenExpired');
  const deleted = lastOf(history, 'TokenDeleted');
  return {
    id: created.data.tokenId,
    tenantId: created.metadata.tenantId,
    identifier: created.data.identifier,
    name: created.data.name,
    ownerId: created.data.owner.id,
    ownerName: created.metadata.actor.name,
    secretHash: deleted ? null : created.data.secret.hash,
    pepperId: created.data.secret.pepperId,
    createdAt: new Date(created.data.at),
    expiresAt: new Date(created.data.expiresAt),
    recordedStatus: revoked ? 'REVOKED' : ended ? 'EXPIRED' : 'ACTIVE',
    revokedAt: dateOf(revoked),
    revokedById: revoked?.metadata.actor.id ?? null,
    revokedByName: revoked?.metadata.actor.name ?? null,
    deletedAt: dateOf(deleted),
    endedByCommand: ended?.metadata.commandId ?? null,
    endedByDigest: ended?.metadata.inputDigest ?? null,
  };
}
