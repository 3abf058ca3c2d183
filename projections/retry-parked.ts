import type { DataSource, EntityManager } from 'typeorm';
import type { EventStore, RecordedEvent } from '../src/event-store/event-store.js';
import { comparePositions } from '../src/event-store/position.js';
import { lockCheckpoints, overtake } from './checkpoints.js';
import { forgetAgain } from './forget-again.js';
import { CarefulProjection, findParked, type ParkedStream, type ToEvent } from './parked-streams.js';
import type { Projection } from './projection.js';
import { Tables } from './tables.js';

/** Nothing of the stream waits, or no longer: somebody else was faster. */
export class NotParkedError extends Error {
  override readonly name = 'NotParkedError';
}

/**
 * Applies what waits in a parked stream, in order; with `skip` without the event that it waits for, which this projection then never
 * shows. Answers what the stream waits for now, `null` when it goes on with all others.
 */
export function retryParked(
  { database, store, toEvent }: { database: DataSource; store: EventStore; toEvent: ToEvent },
  projection: Projection,
  stream: string,
  { skip = false } = {},
): Promise<ParkedStream | null> {
  return database.transaction(async (transaction) => {
    const checkpoints = await lockCheckpoints(transaction);
    const parked = await find(transaction, projection, stream);
    if (!parked) throw new NotParkedError(`The stream ${stream} is not parked in ${projection.name}.`);
    const reached = checkpoints.find(({ name }) => name === projection.name)?.position ?? null;
    const first = skip ? parked.revision + 1n : parked.revision;
    const isDue = ({ revision, position }: RecordedEvent) =>
      revision >= first && comparePositions(position, reached) <= 0;
    const due = (await store.read(stream)).filter(isDue);

    await transaction.query('delete from read.parked_streams where projection = $1 and stream = $2', [
      projection.name,
      stream,
    ]);
    const late = await new CarefulProjection(projection, toEvent).applyInBatches(due, transaction);
    await forgetAgain({ store, toEvent }, { projection, tables: new Tables(transaction) }, late, reached);
    await transaction.query(
      `update read.parked_streams set attempts = attempts + $4, parked_at = $5
       where projection = $1 and stream = $2 and event_id = $3`,
      [projection.name, stream, parked.eventId, parked.attempts, parked.parkedAt],
    );
    await overtake(transaction, [projection.name]);
    return find(transaction, projection, stream);
  });
}

async function find(transaction: EntityManager, projection: Projection, stream: string): Promise<ParkedStream | null> {
  const parked = await findParked(transaction);
  return parked.find((each) => each.projection === projection.name && each.stream === stream) ?? null;
}
