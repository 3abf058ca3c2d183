import { randomUUID } from 'node:crypto';
import type { AppSecret } from '../../src/apps/app.decider.js';
import type { Caller } from '../../src/auth/caller.js';
import type { AccessEvent } from '../../src/audit/access-denied.js';
import type { EventStore, NewEvent } from '../../src/event-store/event-store.js';
import { newEvent } from '../../src/event-store/new-event.js';
import type { LatchkeyEvent } from '../../src/events.js';
import { erasureStreamOf } from '../../src/personal-data/erasure-stream.js';

type Of<Type extends LatchkeyEvent['type']> = Extract<LatchkeyEvent, { type: Type }>;

export const callerOf = (tenantId: string, change: Partial<Caller> = {}): Caller => ({
  kind: 'USER',
  id: 'user-ada',
  name: 'Ada',
  tenantId,
  roles: ['ADMINISTRATOR'],
  permissions: [],
  ...change,
});

export const originOf = (caller: Caller) => ({
  caller,
  correlationId: randomUUID(),
  ip: '192.0.2.7',
  userAgent: 'spec/1',
});

export const secretOf = (hint = 'abcd'): AppSecret => ({
  id: randomUUID(),
  hint,
  hash: randomUUID(),
  pepperId: 'pepper-1',
});

export const appAdded = (data: Partial<Of<'AppAdded'>['data']> = {}): Of<'AppAdded'> => {
  const appId = data.appId ?? randomUUID();
  return {
    type: 'AppAdded',
    data: {
      appId,
      clientId: `lk_app_${appId}`,
      name: 'An app',
      description: '',
      secret: secretOf(),
      at: '2026-03-01T10:00:00.000Z',
      ...data,
    },
  };
};

const tokenEnded =
  <Type extends 'TokenRevoked' | 'TokenDeleted'>(type: Type) =>
  (data: Partial<Of<Type>['data']> = {}) =>
    ({ type, data: { tokenId: randomUUID(), at: '2026-03-02T10:00:00.000Z', ...data } }) as Of<Type>;

export const tokenRevoked = tokenEnded('TokenRevoked');
export const tokenDeleted = tokenEnded('TokenDeleted');

const appChanged =
  <Type extends 'AppDisabled' | 'AppActivated'>(type: Type) =>
  (data: Partial<Of<Type>['data']> = {}) =>
    ({ type, data: { appId: randomUUID(), at: '2026-03-02T10:00:00.000Z', ...data } }) as Of<Type>;

export const appDisabled = appChanged('AppDisabled');
export const appActivated = appChanged('AppActivated');

export const tokenCreated = (data: Partial<Of<'TokenCreated'>['data']> = {}): Of<'TokenCreated'> => {
  const tokenId = data.tokenId ?? randomUUID();
  return {
    type: 'TokenCreated',
    data: {
      tokenId,
      identifier: `lk_id_${tokenId}`,
      name: 'A token',
      owner: { id: 'user-ada' },
      secret: { hash: randomUUID(), pepperId: 'pepper-1' },
      expiresAt: '2027-03-01T10:00:00.000Z',
      at: '2026-03-01T10:00:00.000Z',
      ...data,
    },
  };
};

export const accessDenied = (data: Partial<AccessEvent['data']> = {}): AccessEvent => ({
  type: 'AccessDenied',
  data: {
    operation: 'deleteApp',
    code: 'FORBIDDEN',
    reason: 'You may not use deleteApp.',
    targetType: 'APP',
    targetId: null,
    count: 1,
    from: '2026-03-01T10:00:00.000Z',
    at: '2026-03-01T10:00:00.000Z',
    ...data,
  },
});

/** An event as the log takes it, of a command of its own unless one is given. */
export function logged(
  event: LatchkeyEvent,
  caller: Caller = callerOf('acme'),
  commandId: string = randomUUID(),
): NewEvent {
  return newEvent(randomUUID(), event, { ...originOf(caller), commandId, inputDigest: 'digest' });
}

/** The stream that an event belongs to. */
export function streamOf(event: LatchkeyEvent, tenantId = 'acme'): string {
  if (event.type === 'AuditTrailExported') return `latchkey.access-${tenantId}-${event.data.at.slice(0, 10)}`;
  if (event.type === 'AccessDenied') return `latchkey.access-${tenantId}-${event.data.from.slice(0, 10)}`;
  if (event.type === 'PersonalDataErased')
    return erasureStreamOf('latchkey', { tenantId, personId: event.data.personId });
  return 'appId' in event.data ? `latchkey.app-${event.data.appId}` : `latchkey.token-${event.data.tokenId}`;
}

/** Writes events to their streams, one by one and in this order; answers the position of the last. */
export async function write(store: EventStore, events: readonly LatchkeyEvent[], caller: Caller = callerOf('acme')) {
  let position = '0';
  for (const event of events) {
    const stream = streamOf(event, caller.tenantId);
    const expected = (await store.read(stream)).at(-1)?.revision ?? 'no_stream';
    const result = await store.append(stream, expected, [logged(event, caller)]);
    if (result.outcome !== 'appended') throw new Error(`Not appended: ${result.outcome}.`);
    position = result.position;
  }
  return position;
}
