import type { Decider } from '../event-store/decider.js';

// What happened

/** What told of a person was erased: their names, addresses and user agents, in everything up to this event. Their id stays. */
export type ErasureEvent = { type: 'PersonalDataErased'; data: { personId: string; at: string } };

// What may be asked

export type ErasureCommand = { type: 'ErasePersonalData'; personId: string; now: Date };

// The rules: there is always something that may have been told since.

export const erasureDecider: Decider<null, ErasureCommand, ErasureEvent> = {
  category: 'person',
  initial: null,
  decide: ({ personId, now }) => [{ type: 'PersonalDataErased', data: { personId, at: now.toISOString() } }],
  evolve: () => null,
};
