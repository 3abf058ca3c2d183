import { schemaVersionOf, upcast, type Upcasters } from '../../src/event-store/upcast.js';
import { personalDataErased, recorded, tokenCreated, tokenRevoked } from '../support/builders.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';

// An event that has had three forms: `who`, then `userId`, then `user: { id }`.
const known: Upcasters = {
  BadgeLost: [
    (data) => ({ badge: (data as { badge: string }).badge, userId: (data as { who: string }).who }),
    (data) => ({ badge: (data as { badge: string }).badge, user: { id: (data as { userId: string }).userId } }),
  ],
};

const stored = (schemaVersion: number, data: object): RecordedEvent => ({
  ...recorded(tokenRevoked(), { metadata: { schemaVersion } }),
  type: 'BadgeLost',
  data,
});

const today = { badge: '7', user: { id: 'dev' } };

describe('an event type of which there are three versions', () => {
  it('is written in the third', () => {
    expect(schemaVersionOf('BadgeLost', known)).toBe(3);
  });

  it.each([
    { version: 1, data: { badge: '7', who: 'dev' } },
    { version: 2, data: { badge: '7', userId: 'dev' } },
    { version: 3, data: today },
  ])('is read as one of today from version $version', ({ version, data }) => {
    const event = upcast(stored(version, data), known);
    expect(event.data).toEqual(today);
    expect(event.metadata.schemaVersion).toBe(3);
  });

  it('keeps all else: its id, its place and who did it', () => {
    const old = stored(1, { badge: '7', who: 'dev' });
    expect(upcast(old, known)).toEqual({ ...old, data: today, metadata: { ...old.metadata, schemaVersion: 3 } });
  });

  it('leaves what was read as it is', () => {
    const old = stored(1, { badge: '7', who: 'dev' });
    upcast(old, known);
    expect(old).toEqual(stored(1, { badge: '7', who: 'dev' }));
  });

  it('is refused in a version that only a newer Latchkey knows', () => {
    expect(() => upcast(stored(4, today), known)).toThrow(
      'BadgeLost version 4 was written by a newer Latchkey; this one knows version 3.',
    );
  });
});

describe('an event type that has not changed', () => {
  it('is written and read in its first version', () => {
    expect(schemaVersionOf('PersonalDataErased')).toBe(1);
    const event = recorded(personalDataErased());
    expect(upcast(event)).toBe(event);
  });

  it('is refused in a second', () => {
    expect(() => upcast(recorded(personalDataErased(), { metadata: { schemaVersion: 2 } }))).toThrow(
      'PersonalDataErased version 2 was written by a newer Latchkey; this one knows version 1.',
    );
  });
});

describe('what the first version of an event tells of people in clear', () => {
  it('stays beside the event', () => {
    const event = recorded(tokenRevoked());
    expect(upcast(event)).toEqual({ ...event, metadata: { ...event.metadata, schemaVersion: 2 } });
  });

  it('is told of a token by its actor only', () => {
    const event = recorded({
      ...tokenCreated(),
      data: { ...tokenCreated().data, owner: { id: 'dev', name: 'Dev' } },
    } as never);
    expect(upcast(event).data).toEqual(tokenCreated().data);
  });
});
