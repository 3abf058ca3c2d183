import { Inject, Injectable } from '@nestjs/common';
import { CommandBus, type Command } from '@nestjs/cqrs';
import { Progress } from '../../projections/progress.js';
import { Settings } from '../config.js';
import { DomainError } from '../domain-error.js';
import type { CommandRequest } from '../event-store/command-request.js';
import { EVENT_STORE, type EventStore } from '../event-store/event-store.js';
import type { Position } from '../event-store/position.js';
import { Metrics } from '../metrics.js';

type Located = { position: Position | null };
type Sent<Result> = Command<Result> & { request: CommandRequest };

/** Sends a command and answers when the read models show its effect, so that the caller's next query sees it. */
@Injectable()
export class Commands {
  constructor(
    private readonly bus: CommandBus,
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly progress: Progress,
    private readonly settings: Settings,
    private readonly metrics: Metrics,
  ) {}

  /** On a time-out it is a success all the same, marked as stale: the event is stored. */
  async send<Result extends Located>(command: Sent<Result>): Promise<Result & { stale: boolean }> {
    const result = await this.#execute(command);
    return { ...result, stale: !(await this.#isProjected(result.position)) };
  }

  /** For a command that stops a credential: it never answers success before the stop is in force. */
  async stop<Result extends Located>(command: Sent<Result>): Promise<Result & { stale: boolean }> {
    const result = await this.#execute(command).catch((error: unknown) => this.#refuse(error));
    if (await this.#isProjected(result.position)) return { ...result, stale: false };
    throw new DomainError('UNAVAILABLE', 'It is recorded, but not known to be in force yet. Try again.', {
      recorded: true,
    });
  }

  /** What is not there may have been deleted a moment ago: that, too, must be in force before anybody is told. */
  async #refuse(error: unknown): Promise<never> {
    const isGone = error instanceof DomainError && error.code === 'NOT_FOUND';
    if (isGone && !(await this.progress.waitForEnd(this.store, this.settings.readModelTimeout)))
      throw new DomainError('UNAVAILABLE', 'The read models are behind. Try again.');
    throw error;
  }

  async #execute<Result>(command: Sent<Result>): Promise<Result> {
    const { operation } = command.request;
    try {
      const result: Result = await this.bus.execute(command);
      this.metrics.commands.inc({ operation, outcome: 'OK' });
      return result;
    } catch (error) {
      this.metrics.commands.inc({ operation, outcome: error instanceof DomainError ? error.code : 'ERROR' });
      throw error;
    }
  }

  #isProjected(position: Position | null): Promise<boolean> {
    return this.progress.waitFor(position, this.settings.readModelTimeout);
  }
}
