/**
 * Whether an append may go through, by the tables of what a real server answers.
 * `expected` is 'any', 'stream_exists' or a number, -1 for no stream.
 * Answers { decision: 'store' }, { decision: 'known', revision } for ids stored before, 'wrong' or 'deleted'.
 */
export function decideAppend(stream, expected, ids, recentIds) {
  if (stream.tombstone) return { decision: 'deleted' };
  if (expected === 'stream_exists') {
    if (stream.events.length === 0) return { decision: 'wrong' };
    if (stream.isSoftDeleted) return { decision: 'deleted' };
  }
  if (typeof expected === 'string') return byRecentIds(stream, ids, recentIds);
  if (expected > stream.lastRevision) return { decision: 'wrong' };
  if (expected === stream.lastRevision) return { decision: 'store' };
  return byStoredIds(stream, expected, ids);
}

function byRecentIds(stream, ids, recentIds) {
  const revisions = ids.map((id) => recentIds.find(id, stream.name));
  if (revisions[0] === undefined) return { decision: 'store' };
  if (revisions.includes(undefined)) return { decision: 'wrong' };
  return { decision: 'known', revision: revisions.at(-1) };
}

/** Only ids are compared, only right behind the expected revision. */
function byStoredIds(stream, expected, ids) {
  const firstOther = ids.findIndex((id, index) => stream.events[expected + 1 + index]?.id !== id);
  if (firstOther === -1 && ids.length > 0) return { decision: 'known', revision: expected + ids.length };
  if (firstOther === 0 && expected === -1 && stream.isSoftDeleted) return { decision: 'store' };
  return { decision: 'wrong' };
}

/** Deleting and tombstoning know no idempotency. */
export function isExpected(stream, expected) {
  if (expected === 'any') return true;
  if (expected === 'stream_exists') return !stream.isMissing;
  return expected === stream.lastRevision;
}
