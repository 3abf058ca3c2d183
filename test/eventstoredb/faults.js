import { setTimeout } from 'node:timers';
import { accessDenied, consumerTooSlow, notLeader, unauthenticated, unavailable } from './grpc-error.js';

const WRITES = /Streams\/(BatchAppend|Append|Delete|Tombstone)$/;
const INFORMATION = /(ServerFeatures|Gossip)\//;

/**
 * What is to go wrong, until it is set to something else:
 * - loseAnswers { count, how: 'cut' | 'silence' }: the next appends are stored, then the connection is cut or nothing said
 * - timeOutAppends count: the next appends are stored, and answered as if that had not been confirmed in time
 * - slowAppends milliseconds: each append is stored at once and answered late
 * - silent true: calls are taken and never answered, keep-alive pings are
 * - notLeader { host, port }: writes are refused as by a follower
 * - unavailable true: every call is refused with code 14
 * - access 'denied' | 'unauthenticated': all but ServerFeatures and Gossip is refused
 * and once, for what is open at that moment:
 * - dropSubscriptions 'too-slow' | 'stopped': they end with code 10, or without a status as on SIGTERM (code 13)
 * - muteSubscriptions true: they stay open and get nothing more; new ones are well
 * - cutConnections true
 */
export class Faults {
  #state = {};
  #subscriptions;
  #cutConnections;

  constructor(subscriptions, cutConnections) {
    this.#subscriptions = subscriptions;
    this.#cutConnections = cutConnections;
  }

  set(name, value) {
    if (name === 'dropSubscriptions') return this.#drop(value);
    if (name === 'muteSubscriptions') return this.#subscriptions.forEach((subscription) => subscription.mute());
    if (name === 'cutConnections') return this.#cutConnections();
    this.#state[name] = value;
  }

  /** Takes a new call over; true when its handler must not see it. */
  intercept(call, path) {
    if (this.#state.silent) return true;
    const refusal = this.#refusal(path);
    if (refusal) call.fail(refusal);
    return Boolean(refusal);
  }

  /** An append on its way through the faults: `store` it, `answer` what came of it. */
  append(call, store, answer) {
    const { silent, access, slowAppends, loseAnswers } = this.#state;
    if (silent) return;
    // A batch append goes on after a denial, which is a message in it; all else ends it.
    if (access === 'denied') return answer({ result: 'access-denied' });
    const refusal = this.#refusal('Streams/Append');
    if (refusal) throw refusal;

    const outcome = store();
    if (loseAnswers?.count > 0) {
      loseAnswers.count--;
      return loseAnswers.how === 'cut' ? call.cutConnection() : undefined;
    }
    if (this.#state.timeOutAppends > 0) {
      this.#state.timeOutAppends--;
      return answer({ result: 'timeout' });
    }
    if (slowAppends) setTimeout(() => answer(outcome), slowAppends);
    else answer(outcome);
  }

  #refusal(path) {
    const { access } = this.#state;
    if (this.#state.unavailable) return unavailable();
    if (this.#state.notLeader && WRITES.test(path)) return notLeader(this.#state.notLeader);
    if (INFORMATION.test(path)) return undefined;
    if (access === 'unauthenticated') return unauthenticated();
    return access === 'denied' && !path.endsWith('/BatchAppend') ? accessDenied() : undefined;
  }

  #drop(how) {
    for (const subscription of this.#subscriptions) {
      if (how === 'stopped') subscription.abandon();
      else subscription.drop(consumerTooSlow());
    }
  }
}
