import fc from 'fast-check';
import { DomainError, errorCodes } from '../../src/domain-error.js';
import { tokenDecider, twelveMonthsAfter, type TokenCommand, type TokenEvent } from '../../src/tokens/token.decider.js';
import { AT, TOKEN_ID } from '../support/builders.js';
import { stateAfter } from '../support/given.js';

type WithoutClock = TokenCommand extends infer Each ? (Each extends TokenCommand ? Omit<Each, 'now'> : never) : never;

const DAY = 86_400_000;

const step = fc.oneof(
  fc.constantFrom(0, 1, -1, 1_000, -1_000, 365 * DAY, -365 * DAY),
  fc.integer({ min: -400 * DAY, max: 400 * DAY }),
);
const moment = fc
  .integer({ min: Date.parse('2020-01-01'), max: Date.parse('2040-01-01') })
  .map((milliseconds) => new Date(milliseconds));
const tokenId = fc.constant(TOKEN_ID);
const reach = fc.oneof(fc.constant('any' as const), fc.record({ ownerId: fc.constantFrom('dev', 'other') }));
const type = <Type extends TokenCommand['type']>(name: Type) => fc.constant(name);

const command: fc.Arbitrary<WithoutClock> = fc.oneof(
  fc.record({
    type: type('CreateToken'),
    tokenId,
    identifier: fc.constant('lk_id_token'),
    name: fc.string(),
    owner: fc.constant({ id: 'dev', name: 'Dev' }),
    secret: fc.constant({ hash: 'hash', pepperId: 'pepper-1' }),
    expiresAt: fc.option(moment),
  }),
  fc.record({ type: type('RevokeToken'), tokenId, reach }),
  fc.record({ type: type('ExpireToken'), tokenId }),
  fc.record({ type: type('DeleteToken'), tokenId, reach }),
);

const story = fc.array(fc.record({ step, command }), { maxLength: 30 });

/** Lives through a story: the events after each command. */
function live(steps: { step: number; command: WithoutClock }[], seen: (events: TokenEvent[]) => void): void {
  const events: TokenEvent[] = [];
  let time = Date.parse(AT);
  for (const each of steps) {
    time += each.step;
    try {
      const asked = { ...each.command, now: new Date(time) };
      events.push(...tokenDecider.decide(asked, stateAfter(tokenDecider, events)));
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect(errorCodes).toContain((error as DomainError).code);
    }
    seen(events);
  }
}

describe('any sequence of commands, with a clock that moves both ways', () => {
  it('is answered with events or with a refusal of the closed list, and the events can always be folded', () => {
    fc.assert(fc.property(story, (steps) => live(steps, () => {})));
  });

  it('never revives a token that was revoked, expired or deleted (promise: no way back)', () => {
    const rank = { unknown: 0, active: 1, revoked: 2, expired: 2, deleted: 3 };
    fc.assert(
      fc.property(story, (steps) => {
        let before: keyof typeof rank = 'unknown';
        live(steps, (events) => {
          const { status } = stateAfter(tokenDecider, events);
          if (status !== before) expect(rank[status]).toBeGreaterThan(rank[before]);
          before = status;
        });
      }),
    );
  });

  it('creates a token once and ends it once', () => {
    fc.assert(
      fc.property(story, (steps) =>
        live(steps, (events) => {
          const types = events.map((event) => event.type).join(' ');
          expect(types).toMatch(/^(TokenCreated( (TokenRevoked|TokenExpired))?( TokenDeleted)?)?$/);
        }),
      ),
    );
  });

  it('never lets a token live for more than twelve months, or less than a moment', () => {
    fc.assert(
      fc.property(story, (steps) =>
        live(steps, ([first]) => {
          if (first?.type !== 'TokenCreated') return;
          const { at, expiresAt } = first.data;
          expect(Date.parse(expiresAt)).toBeGreaterThan(Date.parse(at));
          expect(Date.parse(expiresAt)).toBeLessThanOrEqual(twelveMonthsAfter(new Date(at)).getTime());
        }),
      ),
    );
  });
});

describe('twelve months after any moment', () => {
  const any = fc.date({ min: new Date('0001-01-01'), max: new Date('9998-12-31'), noInvalidDate: true });

  it('is the same day of the same month a year on, but for 29 February', () => {
    fc.assert(
      fc.property(any, (from) => {
        const after = twelveMonthsAfter(from);
        expect(after.getUTCFullYear()).toBe(from.getUTCFullYear() + 1);
        expect(after.getUTCMonth()).toBe(from.getUTCMonth());
        const isLeapDay = from.getUTCMonth() === 1 && from.getUTCDate() === 29;
        expect(after.getUTCDate()).toBe(isLeapDay ? 28 : from.getUTCDate());
        expect(after.toISOString().slice(-14)).toBe(from.toISOString().slice(-14));
      }),
    );
  });

  it('is never more than 366 days away', () => {
    fc.assert(
      fc.property(any, (from) => {
        const days = (twelveMonthsAfter(from).getTime() - from.getTime()) / DAY;
        expect([365, 366]).toContain(days);
      }),
    );
  });
});
