// JSON.parse rounds the 2^63-1 that a soft delete writes to this.
const SOFT_DELETED = 2 ** 63;
export const SOFT_DELETE_METADATA = '{"$tb":9223372036854775807}';

/** What is stored of one stream. Revisions are indexes of `events`: nothing is ever scavenged. */
export class StreamState {
  events = [];
  metadata = {};
  tombstone = undefined;

  constructor(name) {
    this.name = name;
  }

  /** -1 when there is none. */
  get lastRevision() {
    return this.events.length - 1;
  }

  get isSoftDeleted() {
    return this.metadata.$tb === SOFT_DELETED;
  }

  /** Deleted streams and streams that never were look the same to a reader. */
  get isMissing() {
    return this.events.length === 0 || this.isSoftDeleted;
  }

  /** Hidden events are only hidden in the stream, never in $all. */
  isVisible(event, now = Date.now()) {
    const { $tb, $maxAge } = this.metadata;
    if (isPositive($tb) && event.revision < $tb) return false;
    if (event.revision < this.events.length - this.#maxCount) return false;
    return !isPositive($maxAge) || event.created > now - $maxAge * 1000;
  }

  get #maxCount() {
    if (this.name.startsWith('$$')) return 1;
    return isPositive(this.metadata.$maxCount) ? this.metadata.$maxCount : Infinity;
  }
}

const isPositive = (value) => typeof value === 'number' && value > 0;

export function parseMetadata(data) {
  try {
    return Object(JSON.parse(data));
  } catch {
    return {};
  }
}
