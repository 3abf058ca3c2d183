import { tokenDecider, twelveMonthsAfter, type Reach, type TokenCommand } from '../../src/tokens/token.decider.js';
import { AT, TOKEN_ID, tokenCreated, tokenDeleted, tokenExpired, tokenRevoked } from '../support/builders.js';
import { refused, specOf } from '../support/given.js';

const given = specOf(tokenDecider);

const now = new Date(AT);
const EXPIRES_AT = '2027-03-01T12:00:00.000Z';
const dueIn = (milliseconds: number) => new Date(Date.parse(EXPIRES_AT) + milliseconds);

const owner = { id: 'dev' };
const secret = { hash: 'hash-of-token', pepperId: 'pepper-1' };
const create = (expiresAt: Date | null = null, at = now): TokenCommand => ({
  type: 'CreateToken',
  tokenId: TOKEN_ID,
  now: at,
  identifier: 'lk_id_token',
  name: 'Laptop',
  owner,
  secret,
  expiresAt,
});
const revoke = (at = now, reach: Reach = 'any'): TokenCommand => ({
  type: 'RevokeToken',
  tokenId: TOKEN_ID,
  now: at,
  reach,
});
const expire = (at = now): TokenCommand => ({ type: 'ExpireToken', tokenId: TOKEN_ID, now: at });
const remove = (at = now, reach: Reach = 'any'): TokenCommand => ({
  type: 'DeleteToken',
  tokenId: TOKEN_ID,
  now: at,
  reach,
});

const created = tokenCreated();
const atDue = { at: EXPIRES_AT };

describe('a token that does not exist', () => {
  it('is created, to expire in twelve months', () => {
    given().when(create()).then([created]);
  });

  it.each([revoke(), expire(), remove()])('is not found by $type', (command) => {
    given().when(command).then(refused('NOT_FOUND'));
  });

  it('is not found by whoever may change only their own either', () => {
    given()
      .when(revoke(now, { ownerId: 'dev' }))
      .then(refused('NOT_FOUND'));
  });
});

describe('the expiry of a new token (promise: never later than twelve months)', () => {
  const expiresAt = (moment: string) => [tokenCreated({ expiresAt: moment })];
  const at = (moment: string) => create(new Date(moment));

  it('may be earlier', () => {
    given().when(at('2026-03-02T00:00:00.000Z')).then(expiresAt('2026-03-02T00:00:00.000Z'));
  });

  it('may be a millisecond from now', () => {
    given().when(at('2026-03-01T12:00:00.001Z')).then(expiresAt('2026-03-01T12:00:00.001Z'));
  });

  it('may be exactly twelve months from now', () => {
    given().when(at(EXPIRES_AT)).then(expiresAt(EXPIRES_AT));
  });

  it.each([
    { title: 'a millisecond later than twelve months', moment: '2027-03-01T12:00:00.001Z' },
    { title: 'years later', moment: '2099-01-01T00:00:00.000Z' },
    { title: 'later than a year of four digits', moment: '+010000-01-01T00:00:00.000Z' },
    { title: 'exactly now', moment: AT },
    { title: 'a millisecond ago', moment: '2026-03-01T11:59:59.999Z' },
    { title: 'at the beginning of time', moment: '1970-01-01T00:00:00.000Z' },
  ])('is refused $title', ({ moment }) => {
    given().when(at(moment)).then(refused('BAD_USER_INPUT'));
  });
});

describe('twelve calendar months later', () => {
  it.each([
    { from: '2026-03-01T12:00:00.000Z', to: '2027-03-01T12:00:00.000Z', title: 'an ordinary day' },
    { from: '2024-02-29T12:34:56.789Z', to: '2025-02-28T12:34:56.789Z', title: '29 February' },
    { from: '2096-02-29T00:00:00.000Z', to: '2097-02-28T00:00:00.000Z', title: '29 February at midnight' },
    { from: '2024-02-29T23:59:59.999Z', to: '2025-02-28T23:59:59.999Z', title: '29 February at its last moment' },
    { from: '2024-02-28T00:00:00.000Z', to: '2025-02-28T00:00:00.000Z', title: '28 February of a leap year' },
    { from: '2027-02-28T00:00:00.000Z', to: '2028-02-28T00:00:00.000Z', title: '28 February before a leap year' },
    { from: '2023-03-01T00:00:00.000Z', to: '2024-03-01T00:00:00.000Z', title: '1 March into a leap year' },
    { from: '2024-03-01T00:00:00.000Z', to: '2025-03-01T00:00:00.000Z', title: '1 March out of a leap year' },
    { from: '2026-01-31T00:00:00.000Z', to: '2027-01-31T00:00:00.000Z', title: 'the end of January' },
    { from: '2026-04-30T23:59:59.999Z', to: '2027-04-30T23:59:59.999Z', title: 'the end of April' },
    { from: '2026-12-31T23:59:59.999Z', to: '2027-12-31T23:59:59.999Z', title: "New Year's Eve" },
    { from: '1999-12-31T23:59:59.999Z', to: '2000-12-31T23:59:59.999Z', title: 'the turn of a century' },
    { from: '9998-12-31T23:59:59.999Z', to: '9999-12-31T23:59:59.999Z', title: 'the last year of four digits' },
    { from: '9999-06-15T00:00:00.000Z', to: '+010000-06-15T00:00:00.000Z', title: 'a year of five digits' },
  ])('than $title', ({ from, to }) => {
    expect(twelveMonthsAfter(new Date(from)).toISOString()).toBe(to);
  });

  it('leaves the moment that it starts from as it is', () => {
    const from = new Date('2024-02-29T00:00:00.000Z');
    twelveMonthsAfter(from);
    expect(from.toISOString()).toBe('2024-02-29T00:00:00.000Z');
  });
});

describe('an active token', () => {
  it('is not created again', () => {
    given(created).when(create()).then(refused('CONFLICT'));
  });

  it('is revoked', () => {
    given(created).when(revoke()).then([tokenRevoked()]);
  });

  it('is not due to expire a millisecond too early', () => {
    given(created)
      .when(expire(dueIn(-1)))
      .then(refused('TOKEN_STILL_ACTIVE'));
  });

  it('is not deleted', () => {
    given(created).when(remove()).then(refused('TOKEN_STILL_ACTIVE'));
  });

  it('is not deleted in its last millisecond either', () => {
    given(created)
      .when(remove(dueIn(-1)))
      .then(refused('TOKEN_STILL_ACTIVE'));
  });

  it('is revoked in its last millisecond', () => {
    given(created)
      .when(revoke(dueIn(-1)))
      .then([tokenRevoked({ at: dueIn(-1).toISOString() })]);
  });
});

describe('a token whose time has come, which nobody has recorded (promise: expiry is a fact of the clock)', () => {
  it.each([
    { title: 'at exactly that moment', at: dueIn(0) },
    { title: 'a millisecond later', at: dueIn(1) },
    { title: 'a century later', at: new Date('2127-01-01T00:00:00.000Z') },
  ])('is expired for every command: $title', ({ at }) => {
    const recordedAt = { at: at.toISOString() };
    given(created).when(revoke(at)).then(refused('TOKEN_EXPIRED'));
    given(created)
      .when(expire(at))
      .then([tokenExpired(recordedAt)]);
    given(created)
      .when(remove(at))
      .then([tokenDeleted(recordedAt)]);
  });

  it('honours an expiry that was asked for', () => {
    given(tokenCreated({ expiresAt: '2026-03-01T12:00:05.000Z' }))
      .when(revoke(new Date('2026-03-01T12:00:05.000Z')))
      .then(refused('TOKEN_EXPIRED'));
  });
});

describe('an expired token', () => {
  const expired = [created, tokenExpired()];

  it('is not revoked', () => {
    given(...expired)
      .when(revoke(dueIn(0)))
      .then(refused('TOKEN_EXPIRED'));
  });

  it('has nothing to do to expire', () => {
    given(...expired)
      .when(expire(dueIn(0)))
      .then([]);
  });

  it('is deleted', () => {
    given(...expired)
      .when(remove(dueIn(0)))
      .then([tokenDeleted(atDue)]);
  });

  it('is not created again', () => {
    given(...expired)
      .when(create())
      .then(refused('CONFLICT'));
  });

  it('stays expired when the clock steps back (promise: no way back)', () => {
    given(...expired)
      .when(revoke(dueIn(-60_000)))
      .then(refused('TOKEN_EXPIRED'));
    given(...expired)
      .when(expire(dueIn(-60_000)))
      .then([]);
    given(...expired)
      .when(remove(dueIn(-60_000)))
      .then([tokenDeleted({ at: dueIn(-60_000).toISOString() })]);
  });
});

describe('a revoked token', () => {
  const revoked = [created, tokenRevoked()];

  it('has nothing to do to be revoked', () => {
    given(...revoked)
      .when(revoke())
      .then([]);
  });

  it('is revoked rather than expired once its time has come', () => {
    given(...revoked)
      .when(revoke(dueIn(1)))
      .then([]);
    given(...revoked)
      .when(expire(dueIn(1)))
      .then([]);
  });

  it('has nothing to do to expire', () => {
    given(...revoked)
      .when(expire())
      .then([]);
  });

  it('is deleted', () => {
    given(...revoked)
      .when(remove())
      .then([tokenDeleted()]);
  });

  it('is not created again (promise: no way back)', () => {
    given(...revoked)
      .when(create())
      .then(refused('CONFLICT'));
  });
});

describe('a deleted token (promise: it never comes back, and answers like one that never was)', () => {
  const ways = [
    { way: 'after it was revoked', events: [created, tokenRevoked(), tokenDeleted()] },
    { way: 'after it had expired', events: [created, tokenExpired(), tokenDeleted()] },
    { way: 'after its time, without a record of it', events: [created, tokenDeleted(atDue)] },
  ];

  describe.each(ways)('$way', ({ events }) => {
    it.each([revoke(), expire(), remove()])('is not found by $type', (command) => {
      given(...events)
        .when(command)
        .then(refused('NOT_FOUND'));
    });

    it('is not created again', () => {
      given(...events)
        .when(create())
        .then(refused('CONFLICT'));
    });
  });

  it('does not tell whoever may change only their own that it was another owner’s', () => {
    given(created, tokenRevoked(), tokenDeleted())
      .when(remove(now, { ownerId: 'somebody else' }))
      .then(refused('NOT_FOUND'));
  });

  it('stays deleted whatever else its stream might say', () => {
    given(created, tokenRevoked(), tokenDeleted(), tokenExpired(), tokenRevoked())
      .when(remove())
      .then(refused('NOT_FOUND'));
  });
});

describe('a token of somebody else (promise: a developer changes only their own)', () => {
  const mine: Reach = { ownerId: 'dev' };
  const theirs: Reach = { ownerId: 'somebody else' };

  const states = [
    { state: 'active', events: [created] },
    { state: 'revoked', events: [created, tokenRevoked()] },
    { state: 'expired', events: [created, tokenExpired()] },
  ];

  it.each(states)('is neither revoked nor deleted when $state', ({ events }) => {
    given(...events)
      .when(revoke(now, theirs))
      .then(refused('FORBIDDEN'));
    given(...events)
      .when(remove(now, theirs))
      .then(refused('FORBIDDEN'));
  });

  it('is revoked and deleted by its owner', () => {
    given(created).when(revoke(now, mine)).then([tokenRevoked()]);
    given(created, tokenRevoked()).when(remove(now, mine)).then([tokenDeleted()]);
  });

  it('is not found under an owner that only looks alike', () => {
    for (const ownerId of ['Dev', 'dev ', '', 'de'])
      given(created).when(revoke(now, { ownerId })).then(refused('FORBIDDEN'));
  });
});
