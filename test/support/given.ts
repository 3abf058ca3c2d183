import { DomainError, type ErrorCode } from '../../src/domain-error.js';
import type { Decider } from '../../src/event-store/decider.js';

/** The refusal that a command is expected to meet. */
export const refused = (code: ErrorCode) => ({ refused: code });

type Outcome<Event> = Event[] | { refused: string };

/**
 * Specs of a decider in its own words: `given(events).when(command).then(events)`, or `.then(refused(code))`.
 * No events are a success at which there was nothing to do.
 */
export function specOf<State, Command, Event>(decider: Decider<State, Command, Event>) {
  return (...events: Event[]) => ({
    when(command: Command) {
      const outcome = outcomeOf(() => decider.decide(command, stateAfter(decider, events)));
      return {
        then: (expected: Outcome<Event>) => expect(outcome).toEqual(expected),
        /** For what a spec wants to look at more closely. */
        events: Array.isArray(outcome) ? outcome : [],
      };
    },
  });
}

export const stateAfter = <State, Command, Event>(decider: Decider<State, Command, Event>, events: Event[]): State =>
  events.reduce<State>(decider.evolve, decider.initial);

/** Anything that is thrown but a refusal is a failure of the spec. */
function outcomeOf<Event>(decide: () => Event[]): Outcome<Event> {
  try {
    return decide();
  } catch (error) {
    if (error instanceof DomainError) return refused(error.code);
    throw error;
  }
}
