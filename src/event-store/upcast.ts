import type { RecordedEvent } from './event-store.js';

type Upcaster = (data: object) => object;

/** `upcasters[type][n]` turns the data of version n + 1 into that of version n + 2. Events once written are for ever. */
export type Upcasters = Readonly<Record<string, readonly Upcaster[]>>;

/** The versions of Latchkey's own events: all of them are still at their first. */
export const upcasters: Upcasters = {};

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
