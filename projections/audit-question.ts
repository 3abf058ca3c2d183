import type { LatchkeyEvent } from '../src/events.js';
import type { AuditTargetType } from './audit-trail.js';
import { containing, type Direction } from './keyset.js';

type Action = LatchkeyEvent['type'];

export type AuditFilter = {
  actorId?: string;
  actions?: readonly Action[];
  targetType?: AuditTargetType;
  targetId?: string;
  from?: Date;
  to?: Date;
  text?: string;
};

/** What each action can be about: a type of target is looked for through the index of actions. The compiler asks for every one. */
const targetTypes: Record<Action, readonly AuditTargetType[]> = {
  AppAdded: ['APP'],
  AppCredentialsViewed: ['APP'],
  AppDisabled: ['APP'],
  AppActivated: ['APP'],
  AppSecretRotated: ['APP'],
  AppPermissionsChanged: ['APP'],
  AppDeleted: ['APP'],
  TokenCreated: ['TOKEN'],
  TokenRevoked: ['TOKEN'],
  TokenExpired: ['TOKEN'],
  TokenDeleted: ['TOKEN'],
  AccessDenied: ['APP', 'TOKEN'],
  AuditTrailExported: [],
  PersonalDataErased: [],
};

/** That of the log, or that of the tenant's tree: they differ where an entry had to wait behind one that could not be applied. */
export type EntryOrder = 'logOrder' | 'leafIndex';

export const columnOf: Readonly<Record<EntryOrder, string>> = { logOrder: 'log_order', leafIndex: 'leaf_index' };

const TEXT = `concat_ws(' ', target_name, actor_name, actor_id, reason, ip, user_agent)`;

/** A filter as SQL. Text from a client only ever becomes a parameter. */
export class AuditQuestion {
  readonly parameters: unknown[] = [];
  /** Whether an entry has the text that is looked for. */
  readonly text: string | null;
  readonly #conditions: string[] = [];
  readonly #actions: string | null;

  constructor(
    tenantId: string,
    { actorId, actions, targetType, targetId, from, to, text }: AuditFilter,
    readonly order: EntryOrder = 'logOrder',
  ) {
    this.where('tenant_id =', tenantId);
    if (actorId) this.where('actor_id =', actorId);
    if (targetType) this.where('target_type =', targetType);
    if (targetId) this.where('target_id =', targetId);
    if (from ?? to) this.#within(from, to);
    const meant = targetType ? actionsAbout(targetType).filter((action) => actions?.includes(action) ?? true) : actions;
    // One that is asked for twice is answered once.
    this.#actions = meant ? `${this.#parameter([...new Set(meant)])}::text[]` : null;
    this.text = text ? `${TEXT} ilike ${this.#parameter(containing(text))}` : null;
  }

  where(comparison: string, value: unknown): void {
    this.#conditions.push(`${comparison} ${this.#parameter(value)}`);
  }

  /** So many entries from one end on: of each action by itself, as only then an index has them in order. */
  entries(direction: Direction, limit: number): string {
    const order = `order by ${columnOf[this.order]} ${direction} limit ${limit}`;
    const conditions = this.#conditions.join(' and ');
    if (this.#actions === null) return `select * from read.audit_entries where ${conditions} ${order}`;
    return `select entry.* from unnest(${this.#actions}) as asked (action), lateral (
      select * from read.audit_entries where ${conditions} and action = asked.action ${order}) as entry ${order}`;
  }

  count(): string {
    const conditions = [...this.#conditions];
    if (this.#actions !== null) conditions.push(`action = any (${this.#actions})`);
    if (this.text !== null) conditions.push(this.text);
    return `select count(*) from read.audit_entries where ${conditions.join(' and ')}`;
  }

  /** Times do not follow the log's order exactly; the hours tell which part of it to look at. */
  #within(from: Date | undefined, to: Date | undefined): void {
    const hours = ['tenant_id = $1'];
    if (from) {
      const start = this.#parameter(from);
      this.#conditions.push(`at >= ${start}`);
      hours.push(`hour > ${start}::timestamptz - interval '1 hour'`);
    }
    if (to) {
      const end = this.#parameter(to);
      this.#conditions.push(`at < ${end}`);
      hours.push(`hour < ${end}`);
    }
    const places = `from read.audit_hours where ${hours.join(' and ')}`;
    this.#conditions.push(
      `log_order between (select min(first_order) ${places}) and (select max(last_order) ${places})`,
    );
  }

  #parameter(value: unknown): string {
    return `$${this.parameters.push(value)}`;
  }
}

const actionsAbout = (targetType: AuditTargetType) =>
  (Object.keys(targetTypes) as Action[]).filter((action) => targetTypes[action].includes(targetType));
