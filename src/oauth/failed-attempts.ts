import { Injectable } from '@nestjs/common';
import { isIP, isIPv4 } from 'node:net';
import { BoundedMap } from '../bounded-map.js';
import { Clock } from '../clock.js';

const WINDOW_MILLISECONDS = 60_000;
const MOST_PER_CLIENT = 20;
const MOST_PER_ADDRESS = 60;
const MOST_KEYS = 10_000;
const IPV4_MAPPED = /^::ffff:[\d.]+$/i;

/** Counts per key within a window; of more keys than it can hold, those that began to be counted first are forgotten. */
class Counts {
  readonly #counts = new BoundedMap<string, { count: number; endsAt: number }>(MOST_KEYS);

  constructor(private readonly most: number) {}

  /** How many milliseconds to wait when this was one too many, else 0. */
  add(key: string, now: number): number {
    let entry = this.#counts.get(key);
    if (!entry || entry.endsAt <= now) {
      entry = { count: 0, endsAt: now + WINDOW_MILLISECONDS };
      this.#counts.set(key, entry);
    }
    entry.count += 1;
    return entry.count > this.most ? entry.endsAt - now : 0;
  }
}

/**
 * Failed attempts to authenticate, per client and per address, in this process. Only failures are counted and only failures are
 * refused for it: whoever knows the secret is never locked out by those who guess.
 */
@Injectable()
export class FailedAttempts {
  readonly #perClient = new Counts(MOST_PER_CLIENT);
  readonly #perAddress = new Counts(MOST_PER_ADDRESS);

  constructor(private readonly clock: Clock) {}

  /** How many seconds to tell the client to wait, `null` when this was not one too many. */
  add(clientId: string | null, address: string): number | null {
    const now = this.clock.now().getTime();
    const wait = Math.max(
      clientId === null ? 0 : this.#perClient.add(clientId, now),
      this.#perAddress.add(networkOf(address), now),
    );
    return wait > 0 ? Math.ceil(wait / 1_000) : null;
  }
}

/** Whoever has one IPv6 address has the 2^64 of its network. */
function networkOf(address: string): string {
  // What a proxy says may be anything, of any length.
  if (!isIP(address)) return 'no address';
  if (isIPv4(address) || IPV4_MAPPED.test(address)) return address;
  // In its one shortest form, whichever it came in; a zone is no part of it.
  const { hostname } = new URL(`http://[${address.replace(/%.*/, '')}]`);
  const [head = '', tail] = hostname.slice(1, -1).split('::');
  const [before, after] = [groupsOf(head), groupsOf(tail ?? '')];
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => '0');
  return [...before, ...zeros, ...after].slice(0, 4).join(':');
}

const groupsOf = (text: string) => (text === '' ? [] : text.split(':'));
