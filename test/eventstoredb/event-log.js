import { decodeData, encodeEvent } from './recorded-event.js';
import { StreamState, parseMetadata } from './stream-state.js';

// Positions that are no event lie between those that are.
const GAP = 64;
const TOMBSTONE_REVISION = '9223372036854775807';

/** Everything stored, in order: `events` is $all. With a file it survives the process. */
export class EventLog {
  events = [];
  end = 0;
  #streams = new Map();
  #file;
  #listeners = new Set();

  constructor(file) {
    this.#file = file;
    for (const [header, body] of file?.read() ?? []) this.#load(header, body);
  }

  /** Never undefined; the metadata of a tombstoned stream is as dead as the stream. */
  stream(name) {
    const known = this.#streams.get(name) ?? new StreamState(name);
    if (name.startsWith('$$')) known.tombstone = this.#streams.get(name.slice(2))?.tombstone;
    return known;
  }

  /** Stores the events of one append together and returns them as stored; without events only the end moves. */
  append(name, proposed, created = Date.now()) {
    const first = this.stream(name).lastRevision + 1;
    return this.#store(proposed.map((event, index) => ({ ...event, stream: name, revision: first + index, created })));
  }

  tombstone(name, event, created = Date.now()) {
    return this.#store([{ ...event, stream: name, revision: TOMBSTONE_REVISION, created }])[0];
  }

  /** Index in `events` of the event at the offset, else of the first one behind it. */
  indexOf(offset) {
    let low = 0;
    let high = this.events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.events[middle].offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  hasEventAt(offset) {
    return this.events[this.indexOf(offset)]?.offset === offset;
  }

  /** Calls back after each append; returns what ends it. */
  onAppended(listener) {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #store(proposed) {
    const stored = proposed.map((event) => {
      const bytes = encodeEvent({ ...event, offset: this.end });
      const { stream, revision, id, type, created } = event;
      const kept = { stream, revision, id, type, created, offset: this.end, bytes };
      this.end += bytes.length + GAP;
      return kept;
    });
    if (stored.length === 0) this.end += GAP;
    const headers = stored.map(({ bytes, ...header }) => ({ ...header, size: bytes.length }));
    this.#file?.write(
      { end: this.end, events: headers },
      stored.map((event) => event.bytes),
    );
    for (const event of stored) this.#add(event);
    for (const listener of this.#listeners) listener();
    return stored;
  }

  #load({ end, events }, body) {
    let start = 0;
    for (const { size, ...event } of events) {
      this.#add({ ...event, bytes: body.subarray(start, start + size) });
      start += size;
    }
    this.end = end;
  }

  #add(event) {
    this.events.push(event);
    const stream = this.stream(event.stream);
    this.#streams.set(event.stream, stream);
    if (event.revision === TOMBSTONE_REVISION) {
      stream.tombstone = event;
      return;
    }
    stream.events.push(event);
    if (event.stream.startsWith('$$')) this.#setMetadata(event.stream.slice(2), event);
  }

  #setMetadata(name, event) {
    const stream = this.stream(name);
    stream.metadata = event.type === '$metadata' ? parseMetadata(decodeData(event.bytes)) : {};
    this.#streams.set(name, stream);
  }
}
