import { Inject, Injectable } from '@nestjs/common';
import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import { Progress } from '../../projections/progress.js';
import { TokenQueries } from '../../projections/tokens.js';
import { Settings } from '../config.js';
import { DomainError } from '../domain-error.js';
import { toEvent } from '../events.js';
import type { CommandRequest } from '../event-store/command-request.js';
import { DecideAndAppend, type CommandOutcome } from '../event-store/decide-and-append.js';
import { EVENT_STORE, type EventStore, type RecordedEvent } from '../event-store/event-store.js';
import { comparePositions, type Position } from '../event-store/position.js';
import { ExpireTokens, RevokeTokensOf, type TokensEnded } from './token.commands.js';
import { tokenDecider, type TokenCommand, type TokenEvent } from './token.decider.js';

const PAGE = 500;

/** Ends many tokens with one command. Each has its own stream; sent again, the command goes on where it stopped. */
@Injectable()
export class TokenBatches {
  constructor(
    @Inject(EVENT_STORE) private readonly store: EventStore,
    private readonly log: DecideAndAppend,
    private readonly tokens: TokenQueries,
    private readonly progress: Progress,
    private readonly settings: Settings,
  ) {}

  /**
   * Authorised, and with read models that show all that happened before the request.
   * Answers when the command was sent first, if it ended anything then: sent again, it is still about the tokens of that moment.
   */
  async begin(request: CommandRequest): Promise<Date | null> {
    this.log.authorise(request);
    if (!(await this.progress.waitForEnd(this.store, this.settings.readModelTimeout)))
      throw new DomainError('UNAVAILABLE', 'The read models are behind. Try again.');
    const before = await this.tokens.countEndedBy(request.caller.tenantId, request.commandId);
    if (!before) return null;
    if (before.digest !== request.inputDigest)
      throw new DomainError('CONFLICT', 'This idempotency key was used with another input.');
    return this.#firstSentAt(request);
  }

  /** The log tells it: the events of a command bear the time of its sending. */
  async #firstSentAt({ caller, commandId }: CommandRequest): Promise<Date | null> {
    const tokenId = await this.tokens.findFirstEndedBy(caller.tenantId, commandId);
    if (!tokenId) return null;
    const history = await this.#historyOf(tokenId);
    const event = history.map(toEvent).find(({ metadata }) => metadata.commandId === commandId);
    return event ? new Date(event.data.at) : null;
  }

  /** An owner's tokens that are not shown, since their creation could not be applied yet: the log tells whose they are. */
  async findUnshownOf({ caller }: CommandRequest, ownerId: string, createdUntil: Date): Promise<string[]> {
    const ids = await this.tokens.findUnshown(caller.tenantId);
    const histories = await Promise.all(ids.map((id) => this.#historyOf(id)));
    const created = histories.flatMap((history) => history.slice(0, 1).map(toEvent));
    return created.flatMap(({ type, data }) =>
      type === 'TokenCreated' && data.owner.id === ownerId && new Date(data.at) <= createdUntil ? data.tokenId : [],
    );
  }

  #historyOf(tokenId: string): Promise<RecordedEvent[]> {
    return this.store.read(`${this.settings.streamPrefix}.${tokenDecider.category}-${tokenId}`);
  }

  /** `findMore` is asked again until it finds nothing more to end. */
  async end(
    request: CommandRequest,
    status: 'REVOKED' | 'EXPIRED',
    findMore: () => Promise<string[]>,
    command: (tokenId: string) => TokenCommand,
  ): Promise<TokensEnded> {
    const endOf = status === 'REVOKED' ? 'TokenRevoked' : 'TokenExpired';
    let position: Position | null = null;
    let ended = 0;
    const tried = new Set<string>();
    for (;;) {
      const ids = await findMore();
      // Others may be hidden behind tokens that never show as ended, since their streams are parked.
      if (ids.length === PAGE && ids.every((id) => tried.has(id)))
        throw new DomainError('UNAVAILABLE', 'What has become of some tokens is not shown. Try again.');
      for (const id of ids) tried.add(id);
      const outcomes = await Promise.all(ids.map((id) => this.#endOne(id, request, command(id))));
      for (const outcome of outcomes) {
        if (!outcome?.position) continue;
        if (outcome.events.some(({ type }) => type === endOf)) ended += 1;
        // Also of one that somebody else has just ended: it must have stopped before this answers.
        if (comparePositions(outcome.position, position) > 0) position = outcome.position;
      }
      if (!(await this.#isProjected(position))) return { count: ended, position };
      if (ids.length < PAGE) break;
    }
    // The read model also knows what an earlier send of this command has ended.
    const all = await this.tokens.countEndedBy(request.caller.tenantId, request.commandId, status);
    return { count: all?.count ?? 0, position };
  }

  async #endOne(
    id: string,
    request: CommandRequest,
    command: TokenCommand,
  ): Promise<CommandOutcome<TokenEvent> | null> {
    try {
      return await this.log.run(tokenDecider, id, request, () => command);
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      // Deleted by somebody else since it was found.
      if (error.code === 'NOT_FOUND') return null;
      // By the clock of another instance it may be good yet, but for an event that says otherwise.
      if (error.code === 'TOKEN_EXPIRED')
        return this.#endOne(id, request, { type: 'ExpireToken', tokenId: id, now: command.now });
      throw error;
    }
  }

  #isProjected(position: Position | null): Promise<boolean> {
    return this.progress.waitFor(position, this.settings.readModelTimeout);
  }
}

@CommandHandler(RevokeTokensOf)
export class RevokeTokensOfHandler implements ICommandHandler<RevokeTokensOf> {
  constructor(
    private readonly batches: TokenBatches,
    private readonly tokens: TokenQueries,
  ) {}

  async execute({ request, ownerId }: RevokeTokensOf) {
    const { now, caller } = request;
    const firstSentAt = await this.batches.begin(request);
    const unshown = await this.batches.findUnshownOf(request, ownerId, firstSentAt ?? now);
    return this.batches.end(
      request,
      'REVOKED',
      async () => [
        ...unshown.splice(0),
        ...(await this.tokens.findStandingOf({ tenantId: caller.tenantId, ownerId }, PAGE, firstSentAt)),
      ],
      (tokenId) => ({ type: 'RevokeToken', tokenId, now, reach: 'any' }),
    );
  }
}

@CommandHandler(ExpireTokens)
export class ExpireTokensHandler implements ICommandHandler<ExpireTokens> {
  constructor(
    private readonly batches: TokenBatches,
    private readonly tokens: TokenQueries,
  ) {}

  async execute({ request }: ExpireTokens) {
    const { now, caller } = request;
    const firstSentAt = await this.batches.begin(request);
    return this.batches.end(
      request,
      'EXPIRED',
      () => this.tokens.findDue(firstSentAt ?? now, PAGE, caller.tenantId),
      (tokenId) => ({ type: 'ExpireToken', tokenId, now }),
    );
  }
}
