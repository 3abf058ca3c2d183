import { DomainError } from '../domain-error.js';
import type { Decider } from '../event-store/decider.js';

// What happened

/** Whose it is; the name stands beside the event. */
export type Owner = { id: string };
/** What is known about a token's value without knowing the value. */
export type TokenSecret = { hash: string; pepperId: string };

export type TokenEvent =
  | {
      type: 'TokenCreated';
      data: {
        tokenId: string;
        identifier: string;
        name: string;
        owner: Owner;
        secret: TokenSecret;
        expiresAt: string;
        at: string;
      };
    }
  | { type: 'TokenRevoked'; data: { tokenId: string; at: string } }
  | { type: 'TokenExpired'; data: { tokenId: string; at: string } }
  | { type: 'TokenDeleted'; data: { tokenId: string; at: string } };

// What may be asked

type Asked = { tokenId: string; now: Date };
/** Whose tokens the caller may change: `any`, or only those of this owner. */
export type Reach = 'any' | { ownerId: string };

export type TokenCommand =
  | (Asked & {
      type: 'CreateToken';
      identifier: string;
      name: string;
      owner: Owner;
      secret: TokenSecret;
      expiresAt: Date | null;
    })
  | (Asked & { type: 'RevokeToken'; reach: Reach })
  | (Asked & { type: 'ExpireToken' })
  | (Asked & { type: 'DeleteToken'; reach: Reach });

// What the rules need to know

type ExistingToken = { status: 'active' | 'revoked' | 'expired'; ownerId: string; expiresAt: string };
export type TokenState = { status: 'unknown' } | ExistingToken | { status: 'deleted' };

// The rules

function decide(command: TokenCommand, state: TokenState): TokenEvent[] {
  const { tokenId, now } = command;
  const at = now.toISOString();

  if (command.type === 'CreateToken') {
    if (state.status !== 'unknown') throw new DomainError('CONFLICT', 'This token exists already.');
    const { identifier, name, owner, secret } = command;
    const expiresAt = expiryOf(command).toISOString();
    return [{ type: 'TokenCreated', data: { tokenId, identifier, name, owner, secret, expiresAt, at } }];
  }

  if (state.status === 'unknown' || state.status === 'deleted') throw unknownToken();

  switch (command.type) {
    case 'RevokeToken':
      refuseForeign(command.reach, state);
      if (state.status === 'revoked') return [];
      if (isExpired(state, now)) throw new DomainError('TOKEN_EXPIRED', 'This token has expired already.');
      return [{ type: 'TokenRevoked', data: { tokenId, at } }];
    case 'ExpireToken':
      if (state.status !== 'active') return [];
      if (!isExpired(state, now)) throw new DomainError('TOKEN_STILL_ACTIVE', 'This token is not due to expire yet.');
      return [{ type: 'TokenExpired', data: { tokenId, at } }];
    case 'DeleteToken':
      refuseForeign(command.reach, state);
      if (state.status === 'active' && !isExpired(state, now))
        throw new DomainError('TOKEN_STILL_ACTIVE', 'Revoke this token before deleting it.');
      return [{ type: 'TokenDeleted', data: { tokenId, at } }];
    default:
      return command satisfies never;
  }
}

function expiryOf({ now, expiresAt }: TokenCommand & { type: 'CreateToken' }): Date {
  const latest = twelveMonthsAfter(now);
  if (!expiresAt) return latest;
  if (expiresAt <= now) throw new DomainError('BAD_USER_INPUT', 'expiresAt must be in the future.');
  if (expiresAt > latest)
    throw new DomainError('BAD_USER_INPUT', `expiresAt must not be later than ${latest.toISOString()}.`);
  return expiresAt;
}

/** Twelve calendar months later in UTC; from 29 February that is 28 February. */
export function twelveMonthsAfter(now: Date): Date {
  const later = new Date(now);
  later.setUTCFullYear(now.getUTCFullYear() + 1);
  if (later.getUTCMonth() !== now.getUTCMonth()) later.setUTCDate(0);
  return later;
}

// How events change it

function evolve(state: TokenState, event: TokenEvent): TokenState {
  if (event.type === 'TokenCreated')
    return { status: 'active', ownerId: event.data.owner.id, expiresAt: event.data.expiresAt };
  if (state.status === 'unknown' || state.status === 'deleted') return state;

  switch (event.type) {
    case 'TokenRevoked':
      return { ...state, status: 'revoked' };
    case 'TokenExpired':
      return { ...state, status: 'expired' };
    case 'TokenDeleted':
      return { status: 'deleted' };
    default:
      return event satisfies never;
  }
}

export const tokenDecider: Decider<TokenState, TokenCommand, TokenEvent> = {
  category: 'token',
  initial: { status: 'unknown' },
  decide,
  evolve,
};

const unknownToken = () => new DomainError('NOT_FOUND', 'There is no such token.');

/** Expiry is a fact of the clock, whether or not the job has recorded it. */
const isExpired = (state: ExistingToken, now: Date) =>
  state.status === 'expired' || (state.status === 'active' && state.expiresAt <= now.toISOString());

function refuseForeign(reach: Reach, state: ExistingToken) {
  if (reach !== 'any' && reach.ownerId !== state.ownerId)
    throw new DomainError('FORBIDDEN', 'This token belongs to somebody else.');
}
