import { streamDeleted } from './grpc-error.js';
import { fromIdentifier } from './recorded-event.js';

const PAGE_SIZE = 32;

/** One stream after a revision. One that is missing is waited for, and caughtUp with it. */
export class StreamSource {
  #log;
  #name;
  #next;

  constructor(log, options) {
    this.#log = log;
    this.#name = fromIdentifier(options.getStream().getStreamIdentifier());
    if (this.#stream.tombstone) throw streamDeleted(this.#name);
    this.#next = firstRevision(this.#stream, options.getStream());
  }

  get isWaiting() {
    return this.#stream.isMissing && !this.#stream.tombstone;
  }

  nextPage() {
    if (this.isWaiting) return { messages: [], isLast: false };
    const page = this.#stream.events.slice(this.#next, this.#next + PAGE_SIZE);
    this.#next += page.length;
    const messages = page.filter((event) => this.#stream.isVisible(event)).map((event) => event.bytes);
    return { messages, isLast: page.length < PAGE_SIZE };
  }

  nextLive() {
    const { events, tombstone } = this.#stream;
    const messages = events.slice(this.#next).map((event) => event.bytes);
    this.#next += messages.length;
    if (!tombstone) return { messages };
    return { messages: [...messages, tombstone.bytes], error: streamDeleted(this.#name) };
  }

  hasMore() {
    return this.#next < this.#stream.events.length;
  }

  get #stream() {
    return this.#log.stream(this.#name);
  }
}

function firstRevision(stream, from) {
  if (from.hasStart()) return 0;
  return from.hasEnd() ? stream.lastRevision + 1 : Number(from.getRevision()) + 1;
}
