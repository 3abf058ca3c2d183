import { randomBytes } from 'node:crypto';
import type { EventStore } from '../../src/event-store/event-store.js';
import { logWith } from '../../src/event-store/log-with.js';
import { Settings } from '../../src/config.js';
import type { Key } from '../../src/secrets/key-ring.js';

export const aKey = (id: string): Key => ({ id, key: randomBytes(32), usedFrom: null });

/** The settings that the parts under test look at. */
export const someSettings = (change: object = {}): Settings =>
  new Settings({
    streamPrefix: 'latchkey',
    keyRing: { pepper: [aKey('pepper-1')], vault: [aKey('vault-1')], sign: [], evidence: [] },
    keyRingFile: null,
    ...change,
  } as unknown as ConstructorParameters<typeof Settings>[0]);

/** A store whose appends a spec can get in the way of. */
export const storeWith = (inner: EventStore, append: EventStore['append']): EventStore => logWith(inner, { append });
