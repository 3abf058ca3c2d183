import { createHash } from 'node:crypto';
import { canonicalJson } from '../../canonical-json.js';
import type { RecordedEvent } from '../event-store.js';

export type LogDigest = { events: number; digest: string };

/**
 * SHA-256 chained over what every copy of a log has in common, as lower-case hex: stream, revision, id, type, data and metadata
 * of each event, in the log's order. Not over positions and times of recording: those belong to a store.
 */
export async function digestOf(
  events: AsyncIterable<RecordedEvent> | Iterable<RecordedEvent>,
  onEvent: (events: number) => void = () => undefined,
): Promise<LogDigest> {
  let count = 0;
  let digest = createHash('sha256').digest('hex');
  for await (const { stream, revision, id, type, data, metadata } of events) {
    const content = canonicalJson([stream, String(revision), id, type, data, metadata]);
    digest = createHash('sha256').update(digest).update(content).digest('hex');
    onEvent((count += 1));
  }
  return { events: count, digest };
}
