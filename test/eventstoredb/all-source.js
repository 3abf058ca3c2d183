import { toFilter } from './event-filter.js';
import { handlerFailed } from './grpc-error.js';
import { toOffset } from './position.js';
import { checkpointAt, checkpointBefore } from './read-response.js';

const PAGE_SIZE = 32;

/** $all after a position, through a filter, with checkpoints where the recorded server put them. */
export class AllSource {
  isWaiting = false;
  #log;
  #next;
  #isWanted;
  #window;
  /** Events to read between two checkpoints. */
  #interval;
  #read = 0;

  constructor(log, options) {
    this.#log = log;
    this.#isWanted = toFilter(options);
    const filter = options.getFilter();
    this.#window = filter?.hasMax() ? filter.getMax() : PAGE_SIZE;
    this.#interval = filter ? filter.getCheckpointintervalmultiplier() * this.#window : Infinity;
    this.#next = firstIndex(log, options.getAll());
  }

  /** A page ends with the window, or with 32 matches; the last one, at the end of the log, has no checkpoint. */
  nextPage() {
    const { events } = this.#log;
    const start = this.#next;
    const wanted = [];
    let index = start;
    while (index < events.length && index - start < this.#window && wanted.length < PAGE_SIZE) {
      if (this.#isWanted(events[index])) wanted.push(events[index]);
      index++;
    }
    const isFull = index - start === this.#window || wanted.length === PAGE_SIZE;
    this.#next = index;
    this.#read += index - start;
    const messages = wanted.map((event) => event.bytes);
    if (isFull && this.#read >= this.#interval) {
      this.#read %= this.#interval;
      messages.push(wanted.length > 0 ? checkpointAt(wanted.at(-1)) : checkpointBefore(events[start]));
    }
    return { messages, isLast: !isFull };
  }

  nextLive() {
    const { events } = this.#log;
    const messages = [];
    while (this.#next < events.length && messages.length < PAGE_SIZE) {
      const event = events[this.#next++];
      if (this.#isWanted(event)) messages.push(event.bytes);
      if (++this.#read < this.#interval) continue;
      this.#read = 0;
      messages.push(checkpointAt(event));
    }
    return { messages };
  }

  hasMore() {
    return this.#log.events.slice(this.#next).some(this.#isWanted);
  }
}

/** Strictly after the position. One beyond the end is no error: what comes up to it is not sent. */
function firstIndex(log, all) {
  if (all.hasEnd()) return log.events.length;
  if (all.hasStart() || all.getPosition().getCommitPosition() === '0') return 0;
  const commit = all.getPosition().getCommitPosition();
  const prepare = all.getPosition().getPreparePosition();
  const offset = toOffset(commit);
  if (offset >= log.end) return Infinity;
  if (!log.hasEventAt(offset) || (prepare !== '0' && prepare !== commit)) throw handlerFailed();
  return log.indexOf(offset) + 1;
}
