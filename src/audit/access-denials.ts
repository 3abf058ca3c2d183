import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { validate as isUuid, v4 as randomUuid } from 'uuid';
import type { Operation } from '../auth/access.js';
import type { OAuthOperation } from '../oauth/client-authentication.js';
import type { DomainError } from '../domain-error.js';
import { isOf, nameless, type Origin } from '../event-store/command-request.js';
import {
  EVENT_STORE,
  StoreUnavailableError,
  type EventStore,
  type ExpectedRevision,
  type NewEvent,
} from '../event-store/event-store.js';
import { newEvent } from '../event-store/new-event.js';
import { Settings } from '../config.js';
import type { AccessEvent } from './access-denied.js';
import { accessStreamOf } from './access-stream.js';

type Deniable = Operation | 'me' | OAuthOperation;

type Burst = {
  origin: Origin;
  operation: Deniable;
  error: DomainError;
  targetId: string | null;
  count: number;
  from: Date;
  at: Date;
};

/** On its way to the log. */
type Unwritten = {
  stream: string;
  callers: string;
  event: NewEvent;
  /** Sent again at the same revision it has one effect, also when only the answer was lost. */
  expected: ExpectedRevision | null;
};

const FIRST_WINDOW = 500;
const LONG_WINDOW = 60_000;
/** Of the users of a tenant, and of its apps: who floods the one leaves room on the trails of the others. */
const MOST_BURSTS = 200;
const RETRY_MILLISECONDS = 5_000;

/**
 * Puts refusals on the log without letting a flood of them fill it: the same refusal of the same caller within a window is
 * one event with a count. The first window is short, so that a lone refusal is seen soon; while they keep coming it is a minute.
 */
@Injectable()
export class AccessDenials implements OnApplicationShutdown {
  readonly #logger = new Logger(AccessDenials.name);
  readonly #bursts = new Map<string, Burst>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  readonly #unwritten = new Set<Unwritten>();
  /** How many are gathered or on their way, for users and apps of each tenant. */
  readonly #open = new Map<string, number>();
  #retry: NodeJS.Timeout | undefined;
  /** Appends are written one after another: they share a stream. */
  #writing: Promise<void> = Promise.resolve();
  #revisions = new Map<string, ExpectedRevision>();

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly settings: Settings,
  ) {}

  record(origin: Origin, operation: Deniable, error: DomainError, target: { targetId?: unknown } = {}): void {
    const key = JSON.stringify([origin.caller.tenantId, origin.caller.kind, origin.caller.id, operation, error.code]);
    const now = new Date();
    const known = this.#bursts.get(key);
    if (known) {
      this.#bursts.set(key, { ...known, count: known.count + 1, at: now });
      return;
    }
    // Beyond any honest number of different refusals within a minute only the log line is left.
    const callers = callersOf(origin);
    const open = this.#open.get(callers) ?? 0;
    if (open >= MOST_BURSTS) {
      this.#logger.warn(
        `Too many different refusals at once; ${operation} by ${origin.caller.id} is not on the audit trail.`,
      );
      return;
    }
    this.#open.set(callers, open + 1);
    const targetId = isUuid(target.targetId) ? (target.targetId as string) : null;
    this.#bursts.set(key, { origin, operation, error, targetId, count: 1, from: now, at: now });
    if (!this.#timers.has(key)) this.#flushAfter(key, FIRST_WINDOW);
  }

  /** What is still gathered of a person who was erased is put on the log without what tells of them. */
  forget(person: { tenantId: string; personId: string }): void {
    for (const [key, burst] of this.#bursts)
      if (isOf(burst.origin, person)) this.#bursts.set(key, { ...burst, origin: nameless(burst.origin) });
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const key of this.#bursts.keys()) this.#flush(key);
    this.#write();
    await this.#writing;
    clearTimeout(this.#retry);
  }

  #flushAfter(key: string, milliseconds: number): void {
    const timer = setTimeout(() => {
      this.#timers.delete(key);
      if (this.#flush(key)) this.#flushAfter(key, LONG_WINDOW);
    }, milliseconds);
    this.#timers.set(key, timer.unref());
  }

  #flush(key: string): boolean {
    const burst = this.#bursts.get(key);
    if (!burst) return false;
    this.#bursts.delete(key);
    this.#unwritten.add({
      stream: this.#streamOf(burst),
      callers: callersOf(burst.origin),
      event: deniedEvent(burst),
      expected: null,
    });
    this.#write();
    return true;
  }

  #write(): void {
    this.#writing = this.#writing.then(() => this.#writeAll());
  }

  async #writeAll(): Promise<void> {
    for (const each of this.#unwritten) {
      try {
        await this.#append(each);
        this.#forget(each);
      } catch (error) {
        this.#logger.warn(`A refusal could not be put on the log yet: ${String(error)}`);
        if (error instanceof StoreUnavailableError) break;
      }
    }
    clearTimeout(this.#retry);
    if (this.#unwritten.size > 0) this.#retry = setTimeout(() => this.#write(), RETRY_MILLISECONDS).unref();
  }

  #forget(written: Unwritten): void {
    this.#unwritten.delete(written);
    const open = (this.#open.get(written.callers) ?? 1) - 1;
    if (open > 0) this.#open.set(written.callers, open);
    else this.#open.delete(written.callers);
  }

  async #append(unwritten: Unwritten): Promise<void> {
    const { stream, event } = unwritten;
    for (;;) {
      // A stream of today that another process began answers with its revision.
      unwritten.expected ??= this.#revisions.get(stream) ?? 'no_stream';
      const result = await this.store.append(stream, unwritten.expected, [event]);
      if (result.outcome === 'appended' || result.outcome === 'duplicate') {
        // Yesterday's stream is not written again.
        this.#revisions = new Map([...this.#revisions].slice(-100)).set(stream, result.revision);
        return;
      }
      if (result.outcome === 'id reused') return;
      unwritten.expected = result.current;
    }
  }

  #streamOf({ origin, from }: Burst): string {
    return accessStreamOf(this.settings.streamPrefix, origin.caller.tenantId, from);
  }
}

const callersOf = ({ caller }: Origin) => JSON.stringify([caller.tenantId, caller.kind]);

function deniedEvent({ origin, operation, error, targetId, count, from, at }: Burst): NewEvent {
  const id = randomUuid();
  const event: AccessEvent = {
    type: 'AccessDenied',
    data: {
      operation,
      code: error.code,
      reason: error.message,
      targetType: targetTypeOf(operation),
      targetId,
      count,
      from: from.toISOString(),
      at: at.toISOString(),
    },
  };
  return newEvent(id, event, { ...origin, commandId: id, inputDigest: '' });
}

function targetTypeOf(operation: Deniable): 'APP' | 'TOKEN' | null {
  // OAuth is about the app that calls.
  if (/app|accessToken|introspect/i.test(operation)) return 'APP';
  return /token/i.test(operation) ? 'TOKEN' : null;
}
