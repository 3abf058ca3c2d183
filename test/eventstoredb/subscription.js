import { clearTimeout, setImmediate, setTimeout } from 'node:timers';
import { consumerTooSlow } from './grpc-error.js';
import { CAUGHT_UP, confirmation } from './read-response.js';

// How long a live consumer may leave events untaken.
const PATIENCE = 1_000;

/**
 * Confirmation, history, caughtUp, live. `source` says what comes next:
 * nextPage() -> { messages, isLast } while catching up, nextLive() -> { messages, error? }, hasMore() whether a live event waits.
 */
export class Subscription {
  #call;
  #source;
  #isLive = false;
  #isMuted = false;
  #scheduled = false;
  #impatience;

  constructor(call, source) {
    this.#call = call;
    this.#source = source;
    call.onDrain = () => {
      clearTimeout(this.#impatience);
      this.#impatience = undefined;
      this.#pump();
    };
    call.send([confirmation()]);
    this.#pump();
  }

  /** Something was appended; answered appends first, then their events. */
  wake() {
    if (this.#scheduled) return;
    this.#scheduled = true;
    setImmediate(() => {
      this.#scheduled = false;
      this.#pump();
    });
  }

  /** Nothing is sent any more, and the call stays open. */
  mute() {
    this.#isMuted = true;
  }

  drop(error) {
    this.#call.fail(error);
  }

  abandon() {
    this.#call.abandon();
  }

  #pump() {
    while (!this.#isMuted && !this.#call.ended && !this.#call.blocked) {
      const isMore = this.#isLive ? this.#goOnLive() : this.#catchUp();
      if (!isMore) return;
    }
    if (this.#isLive && this.#call.blocked) this.#impatience ??= setTimeout(() => this.#lose(), PATIENCE).unref();
  }

  #catchUp() {
    const { messages, isLast } = this.#source.nextPage();
    this.#call.send(messages);
    if (!isLast) return messages.length > 0 || !this.#source.isWaiting;
    this.#isLive = true;
    this.#call.send([CAUGHT_UP]);
    return true;
  }

  #goOnLive() {
    const { messages, error } = this.#source.nextLive();
    this.#call.send(messages);
    if (error) this.#call.fail(error);
    return messages.length > 0;
  }

  #lose() {
    if (this.#call.blocked && this.#source.hasMore()) this.#call.fail(consumerTooSlow());
  }
}
