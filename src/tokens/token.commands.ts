import { Command } from '@nestjs/cqrs';
import type { CommandRequest } from '../event-store/command-request.js';
import type { Position } from '../event-store/position.js';

export type TokenChanged = { tokenId: string; position: Position | null };
/** `value` is shown once: to the send of the command that made it. */
export type TokenMade = TokenChanged & { value: string | null };
export type TokensEnded = { count: number; position: Position | null };

export class CreateToken extends Command<TokenMade> {
  constructor(
    readonly request: CommandRequest,
    readonly name: string,
    readonly expiresAt: Date | null,
  ) {
    super();
  }
}

export class RevokeToken extends Command<TokenChanged> {
  constructor(
    readonly request: CommandRequest,
    readonly tokenId: string,
  ) {
    super();
  }
}

export class DeleteToken extends Command<TokenChanged> {
  constructor(
    readonly request: CommandRequest,
    readonly tokenId: string,
  ) {
    super();
  }
}

/** Somebody leaves: every token of theirs that still works is revoked. */
export class RevokeTokensOf extends Command<TokensEnded> {
  constructor(
    readonly request: CommandRequest,
    readonly ownerId: string,
  ) {
    super();
  }
}

/** Puts on the log what the clock has already done to the tokens of the caller's tenant. */
export class ExpireTokens extends Command<TokensEnded> {
  constructor(readonly request: CommandRequest) {
    super();
  }
}
