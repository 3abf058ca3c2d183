import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Actor } from '../src/event-store/event-store.js';
import { unsealedPersonal } from '../src/audit/evidence/leaf.js';
import { logOrder } from '../src/event-store/position.js';
import type { LatchkeyEvent, Recorded } from '../src/events.js';
import { AuditHour, widenHours } from './audit-hours.js';
import { AuditNodeRow, growTrees, KeptHashesReader } from './audit-tree.js';
import { auditFacts } from './facts.js';
import type { Projection } from './projection.js';
import type { Tables } from './tables.js';
import { together } from './together.js';

export type AuditTargetType = 'APP' | 'TOKEN';

@Entity({ schema: 'read', name: 'audit_entries' })
export class AuditRow {
  @PrimaryColumn('uuid') id!: string;
  @Column('text') tenantId!: string;
  /** The log's order as a number. */
  @Column('bigint') logOrder!: string;
  @Column('text') position!: string;
  @Column('timestamptz') at!: Date;
  @Column('text') action!: LatchkeyEvent['type'];
  @Column('text') actorKind!: Actor['kind'];
  @Column('text') actorId!: string;
  /** `null` once what told of the person was erased, as are `ip`, `userAgent` and `salt`. */
  @Column('text', { nullable: true }) actorName!: string | null;
  @Column('text', { nullable: true }) targetType!: AuditTargetType | null;
  @Column('uuid', { nullable: true }) targetId!: string | null;
  @Column('text', { nullable: true }) targetName!: string | null;
  @Column('text', { nullable: true }) reason!: string | null;
  @Column('text', { nullable: true }) ip!: string | null;
  @Column('text', { nullable: true }) userAgent!: string | null;
  /** To name, address and user agent, base64; `null` in rows of a version that kept none. */
  @Column('text', { nullable: true }) commitment!: string | null;
  /** Base64. */
  @Column('text', { nullable: true }) salt!: string | null;
  @Column('text') correlationId!: string;
  @Column('jsonb') details!: Record<string, unknown>;
  /** Its place in the tenant's tree, from 0; `null` in rows of a version that grew none. */
  @Column('bigint', { nullable: true }) leafIndex!: string | null;
  /** Base64. */
  @Column('text', { nullable: true }) leafHash!: string | null;
}

type Told = Pick<AuditRow, 'targetType' | 'targetId' | 'details'> & { targetName?: string; reason?: string };
type Tell<Event> = (event: Event) => Told;

const ofApp = (targetId: string, details: Record<string, unknown> = {}): Told => ({
  targetType: 'APP',
  targetId,
  details,
});
const ofToken = (targetId: string, details: Record<string, unknown> = {}): Told => ({
  targetType: 'TOKEN',
  targetId,
  details,
});

/** What the trail tells of each event, without hashes. The compiler asks for every one. */
const tell: { [Type in LatchkeyEvent['type']]: Tell<Extract<LatchkeyEvent, { type: Type }>> } = {
  AppAdded: ({ data }) => ({
    ...ofApp(data.appId, { clientId: data.clientId, description: data.description }),
    targetName: data.name,
  }),
  AppCredentialsViewed: ({ data }) => ofApp(data.appId, { secretId: data.secretId }),
  AppDisabled: ({ data }) => ofApp(data.appId),
  AppActivated: ({ data }) => ofApp(data.appId),
  AppSecretRotated: ({ data }) =>
    ofApp(data.appId, { secretId: data.secret.id, hint: data.secret.hint, expiring: data.expiring }),
  AppPermissionsChanged: ({ data }) => ofApp(data.appId, { granted: data.granted, withdrawn: data.withdrawn }),
  AppDeleted: ({ data }) => ofApp(data.appId),
  TokenCreated: ({ data }) => ({
    ...ofToken(data.tokenId, { identifier: data.identifier, expiresAt: data.expiresAt }),
    targetName: data.name,
  }),
  TokenRevoked: ({ data }) => ofToken(data.tokenId),
  TokenExpired: ({ data }) => ofToken(data.tokenId),
  TokenDeleted: ({ data }) => ofToken(data.tokenId),
  AccessDenied: ({ data: { targetType, targetId, reason, operation, code, count, from } }) => ({
    targetType,
    targetId,
    reason,
    details: { operation, code, count, from },
  }),
  AuditTrailExported: ({ data: { format, filter, after } }) => ({
    targetType: null,
    targetId: null,
    details: { format, filter, after },
  }),
  PersonalDataErased: ({ data: { personId } }) => ({ targetType: null, targetId: null, details: { personId } }),
};

function entry(event: Recorded, nameOf: ReadonlyMap<string, string>): AuditRow {
  const told = (tell[event.type] as Tell<LatchkeyEvent>)(event);
  const { metadata } = event;
  return {
    id: event.id,
    tenantId: metadata.tenantId,
    logOrder: logOrder(event.position),
    position: event.position,
    at: new Date(event.data.at),
    action: event.type,
    actorKind: metadata.actor.kind,
    actorId: metadata.actor.id,
    actorName: metadata.actor.name,
    targetType: told.targetType,
    targetId: told.targetId,
    targetName: told.targetName ?? nameOf.get(keyOf(metadata.tenantId, told.targetId)) ?? null,
    reason: told.reason ?? null,
    ip: metadata.ip,
    userAgent: metadata.userAgent,
    ...evidenceOf(event),
    correlationId: metadata.$correlationId,
    details: told.details,
    leafIndex: null,
    leafHash: null,
  };
}

function evidenceOf({ id, metadata: { actor, ip, userAgent, person } }: Recorded) {
  if (person) return { commitment: person.commitment, salt: person.salt ?? null };
  const { personal, salt } = unsealedPersonal(id, { name: actor.name, ip, userAgent });
  return { commitment: personal, salt };
}

/** Names are looked up within a tenant: a refused attempt at a foreign id must not show that thing's name. */
const keyOf = (tenantId: string, targetId: string | null) => `${tenantId}/${targetId}`;

export const auditTrailProjection: Projection = {
  name: 'audit-trail',
  version: 3,
  facts: auditFacts,
  tables: [AuditRow, AuditHour, AuditNodeRow],
  lookedUpBy: ['target_id'],
  async apply(events, tables) {
    const tenantIds = new Set(events.map(({ metadata }) => metadata.tenantId));
    const [nameOf, ends] = await together(namesBefore(events, tables), hashesIn(tables).ends([...tenantIds]));
    const rows: AuditRow[] = [];
    for (const event of events) {
      const row = entry(event, nameOf);
      if (row.targetId && row.targetName) nameOf.set(keyOf(row.tenantId, row.targetId), row.targetName);
      rows.push(row);
    }
    const nodes = growTrees(rows, ends);
    await together(tables.write(AuditRow, rows), tables.write(AuditNodeRow, nodes), widenHours(rows, tables));
  },
  async erase({ data, metadata, position }, tables) {
    for (let after: string | undefined = '-1'; after !== undefined;) {
      const forgotten: { logOrder: string }[] = await tables.query(FORGET(tables.nameOf(AuditRow)), [
        metadata.tenantId,
        data.personId,
        after,
        logOrder(position),
      ]);
      after = forgotten[0]?.logOrder ?? undefined;
    }
  },
};

/** A slice of a person's entries, so that no statement takes too long. Answers where it ended. */
const FORGET = (table: string) => `
  with slice as materialized (
    select id, log_order from ${table}
    where tenant_id = $1 and actor_id = $2 and log_order > $3 and log_order <= $4 order by log_order limit 5000
  ), forgotten as (
    update ${table} entry set actor_name = null, ip = null, user_agent = null, salt = null
    from slice where entry.id = slice.id and entry.actor_kind = 'USER'
  )
  select max(log_order) as "logOrder" from slice`;

const hashesIn = (tables: Tables) =>
  new KeptHashesReader((sql, values) => tables.query(sql, values), {
    entries: tables.nameOf(AuditRow),
    nodes: tables.nameOf(AuditNodeRow),
  });

/** Before a beginning there are at most attempts to make it that were refused; after it there may be any number of entries. */
export const BEGINNINGS = (table: string) => `
  select tenant_id as "tenantId", id as "targetId", target_name as "targetName"
  from unnest((select $1::uuid[])) as mentioned (id)
  cross join lateral (
    select * from (
      select tenant_id, action, target_name from ${table} where target_id = mentioned.id order by log_order limit 100
    ) as first where action in ('AppAdded', 'TokenCreated') limit 1
  ) as beginning`;

/** The names of the targets that are mentioned, from the entries that tell of their beginning. */
async function namesBefore(events: readonly Recorded[], tables: Tables): Promise<Map<string, string>> {
  const told = events.map((event) => (tell[event.type] as Tell<LatchkeyEvent>)(event));
  const mentioned = new Set(told.map(({ targetId }) => targetId));
  mentioned.delete(null);
  for (const { targetId, targetName } of told) if (targetName !== undefined) mentioned.delete(targetId);
  if (mentioned.size === 0) return new Map();
  const rows = await tables.query<Pick<AuditRow, 'tenantId' | 'targetId' | 'targetName'>>(
    BEGINNINGS(tables.nameOf(AuditRow)),
    [[...mentioned]],
  );
  return new Map(rows.map((row) => [keyOf(row.tenantId, row.targetId), row.targetName ?? '']));
}
