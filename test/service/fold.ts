import { comparePositions } from '../../src/event-store/position.js';
import type { TestDatabase } from '../support/databases.js';
import type { Stored } from '../support/log.js';

type Row = Record<string, unknown>;
export type Rows = { apps: Row[]; tokens: Row[]; audit: Row[] };

/** What the read models say, in comparable form. */
export async function readRows(database: TestDatabase): Promise<Rows> {
  const asJson = async (table: string, order: string): Promise<Row[]> => {
    // What proves an entry is checked where it is made: by the verifier's specs.
    const rows = await database.query(
      `select to_jsonb(t) - '{log_order,leaf_hash,commitment,salt}'::text[] as row from ${table} t order by ${order}`,
    );
    return rows.map(({ row }) => withPlainTimes(row));
  };
  return {
    apps: await asJson('read.apps', 'id'),
    tokens: await asJson('read.tokens', 'id'),
    audit: await asJson('read.audit_entries', 'log_order'),
  };
}

/** What the read models must say after these events: written anew from the design, sharing nothing with projections/. */
export function fold(log: readonly Stored[]): Rows {
  const apps = new Map<string, any>();
  const tokens = new Map<string, any>();
  const names = new Map<string, string>();
  const audit: Row[] = [];

  for (const { position, id, type, data, metadata } of log) {
    const by = tellerOf(metadata);
    const target = data.appId ?? data.tokenId ?? data.targetId;
    if (type === 'AppAdded') {
      apps.set(target, {
        id: target,
        tenant_id: metadata.tenantId,
        client_id: data.clientId,
        name: data.name,
        description: data.description,
        status: 'ACTIVE',
        permissions: [],
        secrets: [{ ...data.secret, createdAt: data.at, expiresAt: null }],
        generation: 0,
        created_by_id: metadata.actor.id,
        created_by_name: by.name,
        created_at: data.at,
        updated_at: data.at,
        deleted_at: null,
      });
    } else if (type === 'TokenCreated') {
      tokens.set(target, {
        id: target,
        tenant_id: metadata.tenantId,
        identifier: data.identifier,
        name: data.name,
        owner_id: data.owner.id,
        owner_name: by.name,
        secret_hash: data.secret.hash,
        pepper_id: data.secret.pepperId,
        created_at: data.at,
        expires_at: data.expiresAt,
        recorded_status: 'ACTIVE',
        revoked_at: null,
        revoked_by_id: null,
        revoked_by_name: null,
        deleted_at: null,
        ended_by_command: null,
        ended_by_digest: null,
      });
    }
    if (data.name) names.set(target, data.name);

    const app = apps.get(target);
    const token = tokens.get(target);
    if (type === 'AppDisabled')
      Object.assign(app, { status: 'DISABLED', generation: Number(app.generation) + 1, updated_at: data.at });
    if (type === 'AppActivated') Object.assign(app, { status: 'ACTIVE', updated_at: data.at });
    if (type === 'AppDeleted') Object.assign(app, { secrets: [], deleted_at: data.at, updated_at: data.at });
    if (type === 'AppSecretRotated') {
      const expiring = app.secrets
        .filter((old: any) => data.expiring.some(({ id: oldId }: any) => oldId === old.id))
        .map((old: any) => ({
          ...old,
          expiresAt: data.expiring.find(({ id: oldId }: any) => oldId === old.id).expiresAt,
        }));
      app.secrets = [...expiring, { ...data.secret, createdAt: data.at, expiresAt: null }];
      app.updated_at = data.at;
    }
    if (type === 'AppPermissionsChanged') {
      app.permissions = [...app.permissions.filter((each: string) => !data.withdrawn.includes(each)), ...data.granted];
      app.updated_at = data.at;
    }
    if (type === 'TokenRevoked')
      Object.assign(token, {
        recorded_status: 'REVOKED',
        revoked_at: data.at,
        revoked_by_id: metadata.actor.id,
        revoked_by_name: by.name,
      });
    if (type === 'TokenExpired') token.recorded_status = 'EXPIRED';
    if (type === 'TokenRevoked' || type === 'TokenExpired')
      Object.assign(token, { ended_by_command: metadata.commandId, ended_by_digest: metadata.inputDigest });
    if (type === 'TokenDeleted') Object.assign(token, { deleted_at: data.at, secret_hash: null });

    audit.push({
      id,
      tenant_id: metadata.tenantId,
      position,
      at: data.at,
      action: type,
      actor_kind: metadata.actor.kind,
      actor_id: metadata.actor.id,
      actor_name: by.name,
      target_type: data.appId ? 'APP' : data.tokenId ? 'TOKEN' : (data.targetType ?? null),
      target_id: target ?? null,
      target_name: names.get(target) ?? null,
      reason: data.reason ?? null,
      ip: by.ip,
      user_agent: by.userAgent,
      correlation_id: metadata.$correlationId,
      leaf_index: audit.filter(({ tenant_id: tenantId }) => tenantId === metadata.tenantId).length,
    });
  }
  const byId = (a: any, b: any) => (a.id < b.id ? -1 : 1);
  return { apps: [...apps.values()].sort(byId), tokens: [...tokens.values()].sort(byId), audit };
}

/** What is under seal is what the specs sent: the name that their provider gives to everybody, by `fetch`, from this machine. */
const tellerOf = ({ actor, ip, userAgent, person }: Stored['metadata']) =>
  person ? { name: `Name of ${actor.id}`, ip: '127.0.0.1', userAgent: 'node' } : { name: actor.name, ip, userAgent };

/** The details of the trail are told by its own specs. */
export const withoutDetails = ({ audit, ...rows }: Rows): Rows => ({
  ...rows,
  audit: audit.map((row) => Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'details'))),
});

/** Positions in order, revisions without a gap, no id twice: what is wrong with the log, or nothing. */
export function flawsOf(log: readonly Stored[]): string[] {
  const flaws: string[] = [];
  const revisions = new Map<string, bigint>();
  log.forEach(({ position, stream, revision }, index) => {
    const before = log[index - 1]?.position ?? null;
    if (comparePositions(position, before) <= 0) flaws.push(`position ${position} comes after ${before}`);
    const expected = (revisions.get(stream) ?? -1n) + 1n;
    if (revision !== expected) flaws.push(`${stream} has revision ${revision} instead of ${expected}`);
    revisions.set(stream, revision);
  });
  if (new Set(log.map(({ id }) => id)).size !== log.length) flaws.push('an event id is there twice');
  return flaws;
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?\+00:00$/;

function withPlainTimes(row: Row): Row {
  return Object.fromEntries(
    Object.entries(row).map(([name, value]) =>
      typeof value === 'string' && TIME.test(value) ? [name, new Date(value).toISOString()] : [name, value],
    ),
  );
}
