import streams from '@eventstore/db-client/generated/streams_pb.js';
import { handlerFailed, streamDeleted, unexpectedResult } from './grpc-error.js';
import { toOffset } from './position.js';
import { streamNotFound } from './read-response.js';
import { fromIdentifier } from './recorded-event.js';

const BACKWARDS = streams.ReadReq.Options.ReadDirection.BACKWARDS;
const WRITE_SIZE = 64;

/** A read that ends: of a stream or of $all, a page a write, as fast as the client takes it. */
export function readEvents(log, call, options) {
  const limit = Number(options.getCount());
  const messages = options.hasStream() ? ofStream(log, options, limit) : ofAll(log, options, limit);
  const pump = () => {
    while (!call.ended && !call.blocked) {
      const page = take(messages, WRITE_SIZE);
      if (page.length === 0) return call.end();
      call.send(page);
    }
  };
  call.onDrain = pump;
  pump();
}

function ofStream(log, options, limit) {
  const name = fromIdentifier(options.getStream().getStreamIdentifier());
  if (!name) throw handlerFailed();
  const stream = log.stream(name);
  if (stream.tombstone) throw streamDeleted(name);
  if (stream.isMissing) return [streamNotFound(name)].values();

  const from = options.getStream();
  const isBackwards = options.getReadDirection() === BACKWARDS;
  if (from.hasEnd() && !isBackwards) throw unexpectedResult('ReadStreamResult');
  const last = stream.lastRevision;
  const start = from.hasStart() ? 0 : from.hasEnd() ? last : Number(from.getRevision());
  const range = isBackwards ? backwards(stream.events, Math.min(start, last)) : forwards(stream.events, start);
  return limited(range, limit, (event) => stream.isVisible(event));
}

function ofAll(log, options, limit) {
  const last = log.events.length - 1;
  const all = options.getAll();
  if (options.getReadDirection() === BACKWARDS) {
    const end = all.hasEnd() ? last : all.hasStart() ? -1 : indexOf(log, all.getPosition(), false) - 1;
    return limited(backwards(log.events, end), limit, () => true);
  }
  const start = all.hasStart() ? 0 : all.hasEnd() ? last + 1 : indexOf(log, all.getPosition(), true);
  return limited(forwards(log.events, start), limit, () => true);
}

/** A position must be that of an event; forwards one beyond the end will do, and 0 is the start. */
function indexOf(log, position, mayBeBeyond) {
  const commit = position.getCommitPosition();
  if (commit === '0') return 0;
  const prepare = position.getPreparePosition();
  const offset = toOffset(commit);
  if (offset >= log.end && mayBeBeyond) return log.events.length;
  if (!log.hasEventAt(offset) || (prepare !== '0' && prepare !== commit)) throw unexpectedResult('ReadAllResult');
  return log.indexOf(offset);
}

function* forwards(events, from) {
  const end = events.length;
  for (let index = from; index < end; index++) yield events[index];
}

function* backwards(events, from) {
  for (let index = from; index >= 0; index--) yield events[index];
}

function* limited(events, limit, isWanted) {
  let count = 0;
  for (const event of events) {
    if (!isWanted(event)) continue;
    if (count++ >= limit) return;
    yield event.bytes;
  }
}

function take(iterator, count) {
  const taken = [];
  while (taken.length < count) {
    const { done, value } = iterator.next();
    if (done) break;
    taken.push(value);
  }
  return taken;
}
