import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { authorise, type Reach } from '../auth/access.js';
import { AccessDenials } from '../audit/access-denials.js';
import { DomainError } from '../domain-error.js';
import { toEvent, type LatchkeyEvent, type Recorded } from '../events.js';
import { Settings } from '../config.js';
import { createdId, eventId, type CommandRequest } from './command-request.js';
import type { Decider } from './decider.js';
import { EVENT_STORE, StoreUnavailableError, type EventStore } from './event-store.js';
import { newEvent } from './new-event.js';
import type { Position } from './position.js';

export type CommandOutcome<Event extends LatchkeyEvent> = {
  /** What this command made happen, now or when it was sent before; empty when there was nothing to do. */
  events: Event[];
  /** Once the read models have come this far they show its effect; `null` when nothing ever happened. */
  position: Position | null;
};

/** Enough for any honest contention: each round, one of the contenders gets through. */
const MOST_ROUNDS = 50;
/** How long a command asks an unavailable store again before the caller is told. */
const PATIENCE_MILLISECONDS = 5_000;

/** The one shape of every command: authorise, read the stream, fold, decide, append at the revision that was read. */
@Injectable()
export class DecideAndAppend {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly denials: AccessDenials,
    private readonly settings: Settings,
  ) {}

  async run<State, Command, Event extends LatchkeyEvent>(
    decider: Decider<State, Command, Event>,
    id: string,
    request: CommandRequest,
    command: (reach: Reach, state: State) => Command | Promise<Command>,
  ): Promise<CommandOutcome<Event>> {
    try {
      const reach = authorise(request.caller, request.operation);
      const stream = `${this.settings.streamPrefix}.${decider.category}-${id}`;
      return await this.#settle(decider, stream, request, (state) => command(reach, state));
    } catch (error) {
      this.#recordIfForbidden(request, error, id);
      throw error;
    }
  }

  /** For a command that is about many aggregates: refuses it before it looks for them. */
  authorise(request: CommandRequest): void {
    try {
      authorise(request.caller, request.operation);
    } catch (error) {
      this.#recordIfForbidden(request, error, null);
      throw error;
    }
  }

  #recordIfForbidden(request: CommandRequest, error: unknown, targetId: string | null): void {
    if (error instanceof DomainError && error.code === 'FORBIDDEN')
      this.denials.record(request, request.operation, error, { targetId });
  }

  async #settle<State, Command, Event extends LatchkeyEvent>(
    decider: Decider<State, Command, Event>,
    stream: string,
    request: CommandRequest,
    build: (state: State) => Command | Promise<Command>,
  ): Promise<CommandOutcome<Event>> {
    const patience = new Patience();
    let command: Command | undefined;
    for (let round = 0; round < MOST_ROUNDS; round += 1) {
      // What a command creates under an id that it has just drawn cannot be there yet.
      const isNew = round === 0 && !request.isRepeatable && stream.endsWith(createdId(request.commandId));
      const history = isNew ? [] : await patience.with(() => this.#history<Event>(stream, request));
      const last = history.at(-1);

      const done = history.filter((event) => event.metadata.commandId === request.commandId);
      if (done.length > 0) return { events: sameInput(done, request), position: done.at(-1)?.position ?? null };

      const state = history.reduce<State>(decider.evolve, decider.initial);
      command ??= await build(state);
      const decided = decider.decide(command, state);
      if (decided.length === 0) return { events: [], position: last?.position ?? null };

      const events = decided.map((event, index) => newEvent(eventId(request, stream, index), event, request));
      // The same ids at the same revision have one effect, so an append whose answer was lost is simply sent again.
      const expected = last?.revision ?? 'no_stream';
      const result = await patience.with(() => this.store.append(stream, expected, events));
      if (result.outcome === 'id reused') throw new Error(`An event id of ${stream} was used before.`);
      // Somebody was faster: another command, or another send of this one. The stream knows which.
      if (result.outcome === 'conflict') continue;
      return { events: decided, position: result.position };
    }
    throw new DomainError('CONFLICT', 'Others keep changing this at the same time. Try again.');
  }

  /** What happened to an aggregate; nothing when it belongs to another tenant: an id of theirs is like one that does not exist. */
  async #history<Event extends LatchkeyEvent>(stream: string, { caller }: CommandRequest): Promise<Recorded<Event>[]> {
    const history = (await this.store.read(stream)).map((event) => toEvent(event) as Recorded<Event>);
    return history.every(({ metadata }) => metadata.tenantId === caller.tenantId) ? history : [];
  }
}

class Patience {
  readonly #end = Date.now() + PATIENCE_MILLISECONDS;

  async with<Result>(ask: () => Promise<Result>): Promise<Result> {
    for (let pause = 50; ; pause *= 2) {
      try {
        return await ask();
      } catch (error) {
        const isWorthARetry = error instanceof StoreUnavailableError && Date.now() + pause < this.#end;
        if (!isWorthARetry) throw error;
        await sleep(pause);
      }
    }
  }
}

function sameInput<Event extends LatchkeyEvent>(done: Recorded<Event>[], request: CommandRequest): Event[] {
  if (done.some(({ metadata }) => metadata.inputDigest !== request.inputDigest))
    throw new DomainError('CONFLICT', 'This idempotency key was used with another input.');
  return done;
}
