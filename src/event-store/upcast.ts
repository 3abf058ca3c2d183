import type { RecordedEvent } from './event-store.js';

type Upcaster = (data: object) => object;

/** `upcasters[type][n]` turns the data of version n + 1 into that of version n + 2. Events once written are for ever. */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** Since the second version what tells of the actor is sealed, in the metadata; the data stayed as it was. */
const sealed: Upcaster = (data) => data;

/** A token is its creator's, whose name stands beside the event. */
const withoutOwnerName: Upcaster = (data) => {
  const { owner } = data as { owner: { id: string } };
  return { ...data, owner: { id: owner.id } };
};

/** The versions of Latchkey's own events. */
const upcasters: Upcasters = {
  AppAdded: [sealed],
  AppCredentialsViewed: [sealed],
  AppDisabled: [sealed],
  AppActivated: [sealed],
  AppSecretRotated: [sealed],
  AppPermissionsChanged: [sealed],
  AppDeleted: [sealed],
  TokenCreated: [withoutOwnerName],
  TokenRevoked: [sealed],
  TokenExpired: [sealed],
  TokenDeleted: [sealed],
  AccessDenied: [sealed],
  AuditTrailExported: [sealed],
};

export function schemaVersionOf(type: string, known: Upcasters = upcasters): number {
  return 1 + (known[type]?.length ?? 0);
}

/** Turns an event as it was stored into one of today's version. Whoever reads the log passes what it read through here. */
export function upcast(event: RecordedEvent, known: Upcasters = upcasters): RecordedEvent {
  const stored = event.metadata.schemaVersion;
  const current = schemaVersionOf(event.type, known);
  if (stored === current) return event;
  if (!Number.isInteger(stored) || stored < 1) throw new Error(`${event.type} has no version that could be read.`);
  if (stored > current)
    throw new Error(
      `${event.type} version ${stored} was written by a newer Latchkey; this one knows version ${current}.`,
    );

  const steps = known[event.type]?.slice(stored - 1) ?? [];
  const data = steps.reduce((older, step) => step(older), event.data);
  return { ...event, data, metadata: { ...event.metadata, schemaVersion: current } };
}
