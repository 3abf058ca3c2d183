import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { validate as isUuid, v4 as randomUuid } from 'uuid';
import type { Operation } from '../auth/access.js';
import type { DomainError } from '../domain-error.js';
import type { Origin } from '../event-store/command-request.js';
import { EVENT_STORE, type EventStore, type ExpectedRevision, type NewEvent } from '../event-store/event-store.js';
import { newEvent } from '../event-store/new-event.js';
import { Settings } from '../config.js';
import type { AccessEvent } from './access-denied.js';

type Burst = {
  origin: Origin;
  operation: Operation;
  error: DomainError;
  targetId: string | null;
  count: number;
  from: Date;
  at: Date;
};

const FIRST_WINDOW = 500;
const LONG_WINDOW = 60_000;
const MOST_BURSTS = 1_000;

/**
 * Puts refusals on the log without letting a flood of them fill it: the same refusal of the same caller within a window is
 * one event with a count. The first window is short, so that a lone refusal is seen soon; while they keep coming it is a minute.
 */
@Injectable()
export class AccessDenials implements OnApplicationShutdown {
  readonly #logger = new Logger(AccessDenials.name);
  readonly #bursts = new Map<string, Burst>();
  readonly #timers = new Map<string, NodeJS.Timeout>();
  /** Appends are written one after another: they share a stream. */
  #writing: Promise<void> = Promise.resolve();
  #revisions = new Map<string, ExpectedRevision>();

  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly settings: Settings,
  ) {}

  record(origin: Origin, operation: Operation, error: DomainError, target: { targetId?: unknown } = {}): void {
    const key = JSON.stringify([origin.caller.tenantId, origin.caller.kind, origin.caller.id, operation, error.code]);
    const now = new Date();
    const known = this.#bursts.get(key);
    if (known) {
      this.#bursts.set(key, { ...known, count: known.count + 1, at: now });
      return;
    }
    // Beyond any honest number of different refusals within a minute only the log line is left.
    if (this.#bursts.size >= MOST_BURSTS) {
      this.#logger.warn(
        `Too many different refusals at once; ${operation} by ${origin.caller.id} is not on the audit trail.`,
      );
      return;
    }
    const targetId = isUuid(target.targetId) ? (target.targetId as string) : null;
    this.#bursts.set(key, { origin, operation, error, targetId, count: 1, from: now, at: now });
    if (!this.#timers.has(key)) this.#flushAfter(key, FIRST_WINDOW);
  }

  async onApplicationShutdown(): Promise<void> {
    for (const timer of this.#timers.values()) clearTimeout(timer);
    for (const key of this.#bursts.keys()) this.#flush(key);
    await this.#writing;
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
    this.#writing = this.#writing
      .then(() => this.#append(burst))
      .catch((error: unknown) => this.#putBack(key, burst, error));
    return true;
  }

  #putBack(key: string, burst: Burst, error: unknown): void {
    this.#logger.warn(`A refusal could not be put on the log yet: ${String(error)}`);
    const since = this.#bursts.get(key);
    this.#bursts.set(key, { ...burst, count: burst.count + (since?.count ?? 0), at: since?.at ?? burst.at });
  }

  async #append(burst: Burst): Promise<void> {
    const stream = this.#streamOf(burst);
    const event = deniedEvent(burst);
    for (;;) {
      const expected = this.#revisions.get(stream) ?? (await this.#lastRevision(stream));
      const result = await this.store.append(stream, expected, [event]);
      if (result.outcome === 'appended' || result.outcome === 'duplicate') {
        // Yesterday's stream is not written again.
        this.#revisions = new Map([...this.#revisions].slice(-100)).set(stream, result.revision);
        return;
      }
      if (result.outcome === 'id reused') return;
      this.#revisions.set(stream, result.current);
    }
  }

  async #lastRevision(stream: string): Promise<ExpectedRevision> {
    return (await this.store.read(stream)).at(-1)?.revision ?? 'no_stream';
  }

  #streamOf({ origin, from }: Burst): string {
    return `${this.settings.streamPrefix}.access-${origin.caller.tenantId}-${from.toISOString().slice(0, 10)}`;
  }
}

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

function targetTypeOf(operation: Operation): 'APP' | 'TOKEN' | null {
  if (/app/i.test(operation)) return 'APP';
  return /token/i.test(operation) ? 'TOKEN' : null;
}
