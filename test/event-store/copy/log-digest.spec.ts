import type { RecordedEvent } from '../../../src/event-store/event-store.js';
import { digestOf } from '../../../src/event-store/copy/log-digest.js';
import { someMetadata } from '../contract/contract-store.js';

const event: RecordedEvent = {
  stream: 'latchkey.thing-1',
  revision: 0n,
  id: '11111111-1111-4111-8111-111111111111',
  type: 'SomethingHappened',
  data: { a: 1, b: { c: [1, 2], d: null } },
  metadata: someMetadata(),
  position: '1',
  recordedAt: new Date(0),
};
const next = { ...event, revision: 1n, id: '22222222-2222-4222-8222-222222222222' };

const digest = async (...events: RecordedEvent[]) => (await digestOf(events)).digest;

describe('the digest of a log', () => {
  it.each<[string, Partial<RecordedEvent>]>([
    ['stream', { stream: 'latchkey.thing-2' }],
    ['revision', { revision: 1n }],
    ['id', { id: next.id }],
    ['type', { type: 'OtherThing' }],
    ['data', { data: { ...event.data, a: '1' } }],
    ['data deep inside', { data: { a: 1, b: { c: [2, 1], d: null } } }],
    ['data with a key less', { data: { a: 1, b: { c: [1, 2] } } }],
    ['metadata', { metadata: { ...event.metadata, userAgent: 'other' } }],
  ])('tells another %s', async (_, change) => {
    expect(await digest({ ...event, ...change }, next)).not.toBe(await digest(event, next));
  });

  it('tells the order, a missing and one more', async () => {
    const digests = await Promise.all([
      digest(event, next),
      digest(next, event),
      digest(event),
      digest(next),
      digest(),
    ]);
    expect(new Set(digests).size).toBe(5);
    expect(digests.every((each) => /^[0-9a-f]{64}$/.test(each))).toBe(true);
  });

  it('tells nothing of what belongs to the store, nor of the order of keys', async () => {
    const { actor, ...rest } = event.metadata;
    const same = {
      ...event,
      data: { b: { d: null, c: [1, 2] }, a: 1 },
      metadata: { actor, ...rest },
      position: '7/7',
      recordedAt: new Date(),
    };
    expect(JSON.stringify(same.data)).not.toBe(JSON.stringify(event.data));
    expect(await digest(same)).toBe(await digest(event));
  });
});
