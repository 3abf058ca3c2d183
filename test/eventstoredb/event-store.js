import { Buffer } from 'node:buffer';
import { randomUUID } from 'node:crypto';
import { decideAppend, isExpected } from './expected-revision.js';
import { RecentIds } from './recent-ids.js';
import { SOFT_DELETE_METADATA } from './stream-state.js';

export const MAX_APPEND_SIZE = 1024 * 1024;
const NIL = '00000000-0000-0000-0000-000000000000';
const EMPTY = Buffer.alloc(0);

/** The rules of writing: what an append, a delete and a tombstone answer. */
export class EventStore {
  #log;
  #recentIds = new RecentIds();

  constructor(log) {
    this.#log = log;
    // As on a fresh server, where $all is not empty either.
    if (log.events.length === 0) log.append('$$$scavenges', [metadataEvent('{"$maxAge":2592000}')]);
  }

  /** Answers { result: 'stored', revision, offset }, or 'too-large', 'bad-request', 'deleted', 'wrong' (with `current`). */
  append(name, expected, proposed) {
    const problem = problemWith(name, proposed);
    if (problem) return { result: 'bad-request', message: problem };
    const size = proposed.reduce((sum, event) => sum + event.data.length, 0);
    if (size > MAX_APPEND_SIZE) return { result: 'too-large' };

    const stream = this.#log.stream(name);
    const ids = proposed.map((event) => event.id);
    const { decision, revision } = decideAppend(stream, expected, ids, this.#recentIds);
    if (decision === 'deleted') return { result: 'deleted' };
    if (decision === 'wrong') return { result: 'wrong', current: stream.lastRevision };
    if (decision === 'known') return this.#known(stream, revision);
    return this.#store(stream, proposed);
  }

  softDelete(name, expected) {
    const stream = this.#log.stream(name);
    if (stream.tombstone) return { result: 'deleted' };
    const isMissing = stream.events.length === 0;
    if (isMissing || !isExpected(stream, expected)) return { result: 'wrong', current: stream.lastRevision };
    const [event] = this.#log.append(`$$${name}`, [metadataEvent(SOFT_DELETE_METADATA)]);
    return { result: 'stored', offset: event.offset };
  }

  tombstone(name, expected) {
    const stream = this.#log.stream(name);
    if (stream.tombstone) return { result: 'deleted' };
    if (!isExpected(stream, expected)) return { result: 'wrong', current: stream.lastRevision };
    const { offset } = this.#log.tombstone(name, {
      id: randomUUID(),
      type: '$streamDeleted',
      contentType: 'application/octet-stream',
      data: EMPTY,
      metadata: EMPTY,
    });
    return { result: 'stored', offset };
  }

  /** An event that its stream no longer shows is answered without a position. */
  #known(stream, revision) {
    const event = stream.events[revision];
    const isShown = !stream.isSoftDeleted && stream.isVisible(event);
    return { result: 'stored', revision, offset: isShown ? event.offset : undefined };
  }

  #store(stream, proposed) {
    const wasSoftDeleted = stream.isSoftDeleted;
    // An append of no events is answered with a position that no event has.
    const next = this.#log.end;
    const stored = this.#log.append(stream.name, proposed);
    for (const { id, revision } of stored) this.#recentIds.add(id, stream.name, revision);
    const last = stored.at(-1);
    if (!last) return { result: 'stored', revision: stream.lastRevision, offset: next };
    if (wasSoftDeleted) {
      const metadata = { ...stream.metadata, $tb: stored[0].revision };
      this.#log.append(`$$${stream.name}`, [metadataEvent(JSON.stringify(metadata))]);
    }
    return { result: 'stored', revision: last.revision, offset: last.offset };
  }
}

function metadataEvent(json) {
  return {
    id: randomUUID(),
    type: '$metadata',
    contentType: 'application/json',
    data: Buffer.from(json),
    metadata: EMPTY,
  };
}

function problemWith(name, proposed) {
  if (!name) return "Empty eventStreamId provided. (Parameter 'eventStreamId')";
  if (proposed.some((event) => event.id === NIL)) return "Empty eventId provided. (Parameter 'eventId')";
  if (proposed.some((event) => !event.type)) return "Empty eventType provided. (Parameter 'eventType')";
  return undefined;
}
