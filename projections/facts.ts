import { hash } from 'node:crypto';
import type { Recorded } from '../src/events.js';
import type { AppVersion } from './app-history.js';
import type { AppRow } from './apps.js';
import type { AuditRow } from './audit-trail.js';
import type { TokenRow } from './tokens.js';

/** Something that was said, and how often; what takes it back says it less often. */
export type Fact = [text: string, times: number];

/**
 * What the log says of a read model, and what its rows say, by rules that share no code with the projection. Facts are added up and not
 * replayed: they need no order and no memory, and any number of events is checked against its rows as they go by.
 */
export type Facts<Row> = {
  /** What `ofRow` looks at, the id among it. */
  readonly columns: readonly string[];
  ofEvent(event: Recorded): Fact[];
  ofRow(row: Row): Fact[];
};

/** Events tell moments as `toISOString` does. */
const at = (moment: Date | string) => (typeof moment === 'string' ? moment : moment.toISOString());

export const appFacts: Facts<AppRow> = {
  columns: [
    'id',
    'createdAt',
    'clientId',
    'name',
    'generation',
    'status',
    'permissions',
    'deletedAt',
  ] satisfies (keyof AppRow)[],
  ofEvent({ type, data }) {
    switch (type) {
      case 'AppAdded':
        return [[`${data.appId} added ${at(data.at)} ${data.clientId} ${data.name}`, 1]];
      case 'AppDisabled':
      case 'AppActivated':
        return [[`${data.appId} ${type}`, 1]];
      case 'AppPermissionsChanged':
        return [
          ...data.granted.map((permission): Fact => [`${data.appId} may ${permission}`, 1]),
          ...data.withdrawn.map((permission): Fact => [`${data.appId} may ${permission}`, -1]),
        ];
      case 'AppDeleted':
        return [[`${data.appId} deleted ${at(data.at)}`, 1]];
      default:
        return [];
    }
  },
  ofRow: ({ id, createdAt, clientId, name, generation, status, permissions, deletedAt }) => [
    [`${id} added ${at(createdAt)} ${clientId} ${name}`, 1],
    [`${id} AppDisabled`, generation],
    [`${id} AppActivated`, status === 'DISABLED' ? generation - 1 : generation],
    ...permissions.map((permission): Fact => [`${id} may ${permission}`, 1]),
    ...(deletedAt ? [[`${id} deleted ${at(deletedAt)}`, 1] satisfies Fact] : []),
  ],
};

export const tokenFacts: Facts<TokenRow> = {
  columns: [
    'id',
    'createdAt',
    'expiresAt',
    'ownerId',
    'name',
    'recordedStatus',
    'revokedAt',
    'deletedAt',
  ] satisfies (keyof TokenRow)[],
  ofEvent({ type, data }) {
    switch (type) {
      case 'TokenCreated':
        return [
          [`${data.tokenId} created ${at(data.at)} until ${at(data.expiresAt)} ${data.owner.id} ${data.name}`, 1],
        ];
      case 'TokenRevoked':
        return [[`${data.tokenId} revoked ${at(data.at)}`, 1]];
      case 'TokenExpired':
        return [[`${data.tokenId} expired`, 1]];
      case 'TokenDeleted':
        return [[`${data.tokenId} deleted ${at(data.at)}`, 1]];
      default:
        return [];
    }
  },
  ofRow: ({ id, createdAt, expiresAt, ownerId, name, recordedStatus, revokedAt, deletedAt }) => [
    [`${id} created ${at(createdAt)} until ${at(expiresAt)} ${ownerId} ${name}`, 1],
    ...(revokedAt ? [[`${id} revoked ${at(revokedAt)}`, 1] satisfies Fact] : []),
    ...(recordedStatus === 'EXPIRED' ? [[`${id} expired`, 1] satisfies Fact] : []),
    ...(deletedAt ? [[`${id} deleted ${at(deletedAt)}`, 1] satisfies Fact] : []),
  ],
};

export const auditFacts: Facts<AuditRow> = {
  columns: ['id', 'action', 'at', 'actorId'] satisfies (keyof AuditRow)[],
  ofEvent: ({ id, type, data, metadata }) => [[`${id} ${type} ${at(data.at)} by ${metadata.actor.id}`, 1]],
  ofRow: ({ id, action, at: moment, actorId }) => [[`${id} ${action} ${at(moment)} by ${actorId}`, 1]],
};

/** A version is begun by each change but the last; looking at a secret changes nothing. */
export const appHistoryFacts: Facts<AppVersion> = {
  columns: ['id', 'appId'] satisfies (keyof AppVersion)[],
  ofEvent: ({ id, type, data }) =>
    'appId' in data && type !== 'AppCredentialsViewed' && type !== 'AppDeleted' ? [[`${id} of ${data.appId}`, 1]] : [],
  ofRow: ({ id, appId }) => [[`${id} of ${appId}`, 1]],
};

/** The sum of facts, in whichever order they come. */
export function digestOf(facts: Iterable<Fact>): bigint {
  let sum = 0n;
  for (const [text, times] of facts) sum += BigInt(times) * BigInt(`0x${hash('sha256', text).slice(0, 16)}`);
  return BigInt.asUintN(64, sum);
}
