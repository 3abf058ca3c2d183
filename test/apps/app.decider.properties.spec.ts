import fc from 'fast-check';
import {
  appDecider,
  appPermissions,
  LONGEST_OVERLAP,
  type AppCommand,
  type AppEvent,
} from '../../src/apps/app.decider.js';
import { DomainError, errorCodes } from '../../src/domain-error.js';
import { APP_ID, appSecret, AT } from '../support/builders.js';
import { stateAfter } from '../support/given.js';

type WithoutClock = AppCommand extends infer Each ? (Each extends AppCommand ? Omit<Each, 'now'> : never) : never;

// Steps in time are often exactly as long as an overlap: that is where the edges are.
const step = fc.oneof(
  fc.constantFrom(0, 1, -1, 1_000, -1_000, LONGEST_OVERLAP, -LONGEST_OVERLAP),
  fc.integer({ min: -2 * LONGEST_OVERLAP, max: 2 * LONGEST_OVERLAP }),
);
const overlap = fc.oneof(
  fc.constantFrom(0, 1, 1_000, LONGEST_OVERLAP, LONGEST_OVERLAP + 1, -1, NaN, Infinity, 0.5),
  fc.integer({ min: -1_000, max: LONGEST_OVERLAP + 1_000 }),
);
const permissions = fc.array(fc.constantFrom(...appPermissions), { maxLength: 3 });
const appId = fc.constant(APP_ID);
/** Each gets an id of its own when the story is lived. */
const secret = fc.constant(appSecret());
const type = <Type extends AppCommand['type']>(name: Type) => fc.constant(name);

const command: fc.Arbitrary<WithoutClock> = fc.oneof(
  fc.record({
    type: type('AddApp'),
    appId,
    secret,
    clientId: fc.constant('client'),
    name: fc.string(),
    description: fc.string(),
  }),
  fc.record({ type: type('ViewAppCredentials'), appId }),
  fc.record({ type: type('DisableApp'), appId }),
  fc.record({ type: type('ActivateApp'), appId }),
  { weight: 4, arbitrary: fc.record({ type: type('RotateAppSecret'), appId, secret, overlapMilliseconds: overlap }) },
  fc.record({ type: type('ChangeAppPermissions'), appId, grant: permissions, withdraw: permissions }),
  fc.record({ type: type('DeleteApp'), appId }),
);

const story = fc.array(fc.record({ step, command }), { maxLength: 30 });

/** Lives through a story: the events after each command, with the time of the clock then. */
function live(steps: { step: number; command: WithoutClock }[], seen: (events: AppEvent[], now: Date) => void): void {
  const events: AppEvent[] = [];
  let time = Date.parse(AT);
  for (const [index, each] of steps.entries()) {
    time += each.step;
    const now = new Date(time);
    try {
      const asked = { ...each.command, now, secret: appSecret(`secret-${index}`) } as AppCommand;
      events.push(...appDecider.decide(asked, stateAfter(appDecider, events)));
    } catch (error) {
      expect(error).toBeInstanceOf(DomainError);
      expect(errorCodes).toContain((error as DomainError).code);
    }
    seen(events, now);
  }
}

/** As the read model works it out, from the events alone: what a rotation stops at once is gone, even when the clock steps back. */
function secretsAt(events: AppEvent[], now: Date): string[] {
  let ends = new Map<string, string | null>();
  for (const { type: name, data } of events) {
    if (name === 'AppAdded') ends.set(data.secret.id, null);
    if (name === 'AppDeleted') ends.clear();
    if (name !== 'AppSecretRotated') continue;
    const kept = data.expiring.filter(({ id, expiresAt }) => ends.has(id) && expiresAt > data.at);
    ends = new Map([...kept.map(({ id, expiresAt }) => [id, expiresAt] as const), [data.secret.id, null]]);
  }
  return [...ends].filter(([, end]) => end === null || new Date(end) > now).map(([id]) => id);
}

describe('any sequence of commands, with a clock that moves both ways', () => {
  it('is answered with events or with a refusal of the closed list, and the events can always be folded', () => {
    fc.assert(fc.property(story, (steps) => live(steps, () => {})));
  });

  it('never brings a deleted app back (promise: deleted is for good)', () => {
    fc.assert(
      fc.property(story, (steps) =>
        live(steps, (events) => {
          const deletedAt = events.findIndex(({ type: name }) => name === 'AppDeleted');
          if (deletedAt < 0) return;
          expect(events).toHaveLength(deletedAt + 1);
          expect(stateAfter(appDecider, events)).toEqual({ status: 'deleted' });
        }),
      ),
    );
  });

  it('never leaves an app with more than two secrets that work (promise: at most two)', () => {
    fc.assert(
      fc.property(story, (steps) =>
        live(steps, (events, now) => {
          const state = stateAfter(appDecider, events);
          if ('secrets' in state) expect(state.secrets.length).toBeLessThanOrEqual(2);
          expect(secretsAt(events, now).length).toBeLessThanOrEqual(2);
        }),
      ),
    );
  });

  it('always leaves an existing app with exactly one secret that does not expire', () => {
    fc.assert(
      fc.property(story, (steps) =>
        live(steps, (events) => {
          const state = stateAfter(appDecider, events);
          if (!('secrets' in state)) return;
          expect(state.secrets.filter(({ expiresAt }) => expiresAt === null)).toHaveLength(1);
          expect(state.secrets.at(-1)?.expiresAt).toBeNull();
        }),
      ),
    );
  });

  it('never keeps a replaced secret for more than 30 days (promise: an overlap ends)', () => {
    fc.assert(
      fc.property(story, (steps) =>
        live(steps, (events) => {
          for (const { type: name, data } of events) {
            if (name !== 'AppSecretRotated') continue;
            for (const { expiresAt } of data.expiring)
              expect(Date.parse(expiresAt) - Date.parse(data.at)).toBeLessThanOrEqual(LONGEST_OVERLAP);
          }
        }),
      ),
    );
  });
});
