import type { AppEvent } from '../../src/apps/app.decider.js';
import type { AccessEvent } from '../../src/audit/access-denied.js';
import type { ExportEvent } from '../../src/audit/audit-trail-exported.js';
import type { Caller } from '../../src/auth/caller.js';
import type { EventMetadata, RecordedEvent } from '../../src/event-store/event-store.js';
import type { LatchkeyEvent, Recorded } from '../../src/events.js';
import type { ErasureEvent } from '../../src/personal-data/erasure.decider.js';
import type { TokenEvent } from '../../src/tokens/token.decider.js';

// Events as they are on the log, with defaults for all that a spec does not care about.

type Of<Event extends LatchkeyEvent, Type extends Event['type']> = Extract<Event, { type: Type }>;
type Builder<Event extends LatchkeyEvent> = (data?: Partial<Event['data']>) => Event;

/** The moment at which everything happens unless a spec says otherwise. */
export const AT = '2026-03-01T12:00:00.000Z';

export const APP_ID = '11111111-1111-4111-8111-111111111111';
export const FIRST_SECRET_ID = '22222222-2222-4222-8222-222222222222';
export const SECOND_SECRET_ID = '33333333-3333-4333-8333-333333333333';
const PERSON_STREAM_ID = '77777777-7777-4777-8777-777777777777';
export const TOKEN_ID = '44444444-4444-4444-8444-444444444444';

export const appSecret = (id = FIRST_SECRET_ID) => ({ id, hint: 'abcd', hash: `hash-of-${id}`, pepperId: 'pepper-1' });

export const appAdded: Builder<Of<AppEvent, 'AppAdded'>> = (data) => ({
  type: 'AppAdded',
  data: {
    appId: APP_ID,
    clientId: 'lk_app_client',
    name: 'Billing',
    description: '',
    secret: appSecret(),
    at: AT,
    ...data,
  },
});

export const appCredentialsViewed: Builder<Of<AppEvent, 'AppCredentialsViewed'>> = (data) => ({
  type: 'AppCredentialsViewed',
  data: { appId: APP_ID, secretId: FIRST_SECRET_ID, at: AT, ...data },
});

export const appDisabled: Builder<Of<AppEvent, 'AppDisabled'>> = (data) => ({
  type: 'AppDisabled',
  data: { appId: APP_ID, at: AT, ...data },
});

export const appActivated: Builder<Of<AppEvent, 'AppActivated'>> = (data) => ({
  type: 'AppActivated',
  data: { appId: APP_ID, at: AT, ...data },
});

/** A rotation of the secret that `appAdded` made, without an overlap. */
export const appSecretRotated: Builder<Of<AppEvent, 'AppSecretRotated'>> = (data) => ({
  type: 'AppSecretRotated',
  data: {
    appId: APP_ID,
    secret: appSecret(SECOND_SECRET_ID),
    expiring: [{ id: FIRST_SECRET_ID, expiresAt: data?.at ?? AT }],
    at: AT,
    ...data,
  },
});

export const appPermissionsChanged: Builder<Of<AppEvent, 'AppPermissionsChanged'>> = (data) => ({
  type: 'AppPermissionsChanged',
  data: { appId: APP_ID, granted: [], withdrawn: [], at: AT, ...data },
});

export const appDeleted: Builder<Of<AppEvent, 'AppDeleted'>> = (data) => ({
  type: 'AppDeleted',
  data: { appId: APP_ID, at: AT, ...data },
});

export const tokenCreated: Builder<Of<TokenEvent, 'TokenCreated'>> = (data) => ({
  type: 'TokenCreated',
  data: {
    tokenId: TOKEN_ID,
    identifier: 'lk_id_token',
    name: 'Laptop',
    owner: { id: 'dev' },
    secret: { hash: 'hash-of-token', pepperId: 'pepper-1' },
    expiresAt: '2027-03-01T12:00:00.000Z',
    at: AT,
    ...data,
  },
});

export const tokenRevoked: Builder<Of<TokenEvent, 'TokenRevoked'>> = (data) => ({
  type: 'TokenRevoked',
  data: { tokenId: TOKEN_ID, at: AT, ...data },
});

export const tokenExpired: Builder<Of<TokenEvent, 'TokenExpired'>> = (data) => ({
  type: 'TokenExpired',
  data: { tokenId: TOKEN_ID, at: '2027-03-01T12:00:00.000Z', ...data },
});

export const tokenDeleted: Builder<Of<TokenEvent, 'TokenDeleted'>> = (data) => ({
  type: 'TokenDeleted',
  data: { tokenId: TOKEN_ID, at: AT, ...data },
});

export const accessDenied: Builder<AccessEvent> = (data) => ({
  type: 'AccessDenied',
  data: {
    operation: 'deleteApp',
    code: 'FORBIDDEN',
    reason: 'You may not use deleteApp.',
    targetType: 'APP',
    targetId: APP_ID,
    count: 1,
    from: AT,
    at: AT,
    ...data,
  },
});

export const auditTrailExported: Builder<ExportEvent> = (data) => ({
  type: 'AuditTrailExported',
  data: {
    format: 'csv',
    filter: {
      actorId: 'dev',
      actions: ['AppAdded'],
      targetType: 'APP',
      targetId: APP_ID,
      from: AT,
      to: AT,
      text: 'Billing',
    },
    after: '12',
    at: AT,
    ...data,
  },
});

export const personalDataErased: Builder<ErasureEvent> = (data) => ({
  type: 'PersonalDataErased',
  data: { personId: 'dev', at: AT, ...data },
});

export const metadata = (given: Partial<EventMetadata> = {}): EventMetadata => ({
  schemaVersion: 1,
  tenantId: 'demo',
  actor: { kind: 'USER', id: 'dev', name: 'Dev Eloper' },
  commandId: '55555555-5555-4555-8555-555555555555',
  inputDigest: 'digest',
  $correlationId: 'correlation',
  $causationId: '55555555-5555-4555-8555-555555555555',
  ip: '127.0.0.1',
  userAgent: null,
  ...given,
});

type Place = Partial<Omit<RecordedEvent, 'type' | 'data' | 'metadata'>> & { metadata?: Partial<EventMetadata> };

/** An event with its place in the log, as whoever reads the log gets it. */
export function recorded<Event extends LatchkeyEvent>(event: Event, place: Place = {}): Recorded<Event> {
  return {
    id: '66666666-6666-4666-8666-666666666666',
    stream: streamOf(event),
    revision: 0n,
    position: '1',
    recordedAt: new Date(event.data.at),
    ...event,
    ...place,
    metadata: metadata(place.metadata),
  } as unknown as Recorded<Event>;
}

function streamOf({ type, data }: LatchkeyEvent): string {
  if (type === 'AccessDenied' || type === 'AuditTrailExported') return `latchkey.access-demo-${data.at.slice(0, 10)}`;
  if (type === 'PersonalDataErased') return `latchkey.person-${PERSON_STREAM_ID}`;
  return 'appId' in data ? `latchkey.app-${data.appId}` : `latchkey.token-${data.tokenId}`;
}

export const caller = (given: Partial<Caller> = {}): Caller => ({
  kind: 'USER',
  id: 'dev',
  name: 'Dev Eloper',
  tenantId: 'demo',
  roles: ['DEVELOPER'],
  permissions: [],
  ...given,
});
