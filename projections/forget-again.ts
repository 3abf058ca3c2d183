import type { EventStore } from '../src/event-store/event-store.js';
import { comparePositions, type Position } from '../src/event-store/position.js';
import type { Recorded } from '../src/events.js';
import { erasureStreamOf } from '../src/personal-data/erasure-stream.js';
import type { Person } from '../src/personal-data/person-keys.js';
import type { ToEvent } from './parked-streams.js';
import type { Erased, Projection } from './projection.js';
import type { Tables } from './tables.js';

/**
 * Forgets people of whom late events tell although they were erased meanwhile, up to `reached`. Only events of the first versions do so:
 * they are in clear, and all others cannot be opened any more.
 */
export async function forgetAgain(
  { store, toEvent }: { store: EventStore; toEvent: ToEvent },
  { projection, tables }: { projection: Projection; tables: Tables },
  late: readonly Recorded[],
  reached: Position | null,
): Promise<void> {
  for (const stream of erasureStreamsOf(late)) {
    const erasures = (await store.read(stream)).map(toEvent).filter(isErasure);
    const passed = erasures.filter(({ position }) => comparePositions(position, reached) <= 0);
    for (const erased of passed) await projection.erase(erased, tables);
  }
}

const isErasure = (event: Recorded): event is Erased => event.type === 'PersonalDataErased';

function erasureStreamsOf(events: readonly Recorded[]): Set<string> {
  const inClear = events.filter(({ metadata }) => !metadata.person && metadata.actor.kind === 'USER');
  return new Set(inClear.map(({ stream, metadata }) => erasureStreamOf(prefixOf(stream), actorOf(metadata))));
}

const prefixOf = (stream: string) => stream.slice(0, stream.indexOf('.'));

const actorOf = ({ tenantId, actor }: Recorded['metadata']): Person => ({ tenantId, personId: actor.id });
