import { CommandHandler, type ICommandHandler } from '@nestjs/cqrs';
import type { Reach } from '../auth/access.js';
import { createdId, type CommandRequest } from '../event-store/command-request.js';
import { DecideAndAppend } from '../event-store/decide-and-append.js';
import { identifierOf, newSecret } from '../secrets/format.js';
import { Pepper } from '../secrets/pepper.js';
import { ExpireTokensHandler, RevokeTokensOfHandler } from './token-batches.handlers.js';
import { CreateToken, DeleteToken, RevokeToken } from './token.commands.js';
import { tokenDecider, type Reach as TokenReach, type TokenCommand } from './token.decider.js';

@CommandHandler(CreateToken)
export class CreateTokenHandler implements ICommandHandler<CreateToken> {
  constructor(
    private readonly log: DecideAndAppend,
    private readonly pepper: Pepper,
  ) {}

  async execute({ request, name, expiresAt }: CreateToken) {
    const { now, caller, commandId } = request;
    const tokenId = createdId(commandId);
    const owner = { id: caller.id };
    const value = newSecret('lk_pat_');
    const secret = this.pepper.hash(value);
    const { events, position } = await this.log.run(tokenDecider, tokenId, request, (): TokenCommand => ({
      type: 'CreateToken',
      tokenId,
      now,
      identifier: identifierOf(tokenId),
      name,
      owner,
      secret,
      expiresAt,
    }));
    // Another send of this command may have won: then the value on the log is not ours, and has been shown already.
    const isOurs = events.some((event) => event.type === 'TokenCreated' && event.data.secret.hash === secret.hash);
    return { tokenId, position, value: isOurs ? value : null };
  }
}

@CommandHandler(RevokeToken)
export class RevokeTokenHandler implements ICommandHandler<RevokeToken> {
  constructor(private readonly log: DecideAndAppend) {}

  async execute({ request, tokenId }: RevokeToken) {
    const { now } = request;
    const { position } = await this.log.run(tokenDecider, tokenId, request, (reach): TokenCommand => ({
      type: 'RevokeToken',
      tokenId,
      now,
      reach: tokenReach(reach, request),
    }));
    return { tokenId, position };
  }
}

@CommandHandler(DeleteToken)
export class DeleteTokenHandler implements ICommandHandler<DeleteToken> {
  constructor(private readonly log: DecideAndAppend) {}

  async execute({ request, tokenId }: DeleteToken) {
    const { now } = request;
    const { position } = await this.log.run(tokenDecider, tokenId, request, (reach): TokenCommand => ({
      type: 'DeleteToken',
      tokenId,
      now,
      reach: tokenReach(reach, request),
    }));
    return { tokenId, position };
  }
}

export const tokenHandlers = [
  CreateTokenHandler,
  RevokeTokenHandler,
  DeleteTokenHandler,
  RevokeTokensOfHandler,
  ExpireTokensHandler,
];

const tokenReach = (reach: Reach, { caller }: CommandRequest): TokenReach =>
  reach === 'any' ? 'any' : { ownerId: caller.id };
