import { createHash, createHmac, randomUUID } from 'node:crypto';
import { appDecider, type AppCommand, type AppEvent, type AppSecret } from '../../src/apps/app.decider.js';
import { commandRequest } from '../../src/event-store/command-request.js';
import type { NewEvent } from '../../src/event-store/event-store.js';
import { newEvent } from '../../src/event-store/new-event.js';
import { schemaVersionOf } from '../../src/event-store/upcast.js';
import type { LatchkeyEvent } from '../../src/events.js';
import { clientIdOf, hintOf, identifierOf, newSecret } from '../../src/secrets/format.js';
import { tokenDecider, type TokenCommand, type TokenEvent } from '../../src/tokens/token.decider.js';
import { accessDenied, APP_ID, auditTrailExported, personalDataErased, caller, TOKEN_ID } from '../support/builders.js';
import { faultsOf, schemaIdOf, schemas, streamNames } from '../support/event-schemas.js';
import { stateAfter } from '../support/given.js';

/** Promise (docs/events.md): every event is as its schema says, and the schemas let nothing else pass. */

const now = new Date('2026-03-01T12:00:00.000Z');
const later = new Date('2027-03-02T12:00:00.000Z');

const hashed = (secret: string) => ({
  hash: createHmac('sha256', 'pepper').update(secret).digest('base64url'),
  pepperId: 'pepper-1',
});
const appSecret = (): AppSecret => {
  const secret = newSecret('lk_sec_');
  return { id: randomUUID(), hint: hintOf(secret), ...hashed(secret) };
};

const app = { appId: APP_ID, now };
const addApp: AppCommand = {
  ...app,
  type: 'AddApp',
  clientId: clientIdOf(APP_ID),
  name: 'Billing',
  description: 'Sends the bills.\nMonthly.',
  secret: appSecret(),
};

/** Each command with those that were carried out before it. */
const appCommands: Record<AppCommand['type'], AppCommand[]> = {
  AddApp: [addApp],
  ViewAppCredentials: [addApp, { ...app, type: 'ViewAppCredentials' }],
  DisableApp: [addApp, { ...app, type: 'DisableApp' }],
  ActivateApp: [addApp, { ...app, type: 'DisableApp' }, { ...app, type: 'ActivateApp' }],
  RotateAppSecret: [addApp, { ...app, type: 'RotateAppSecret', secret: appSecret(), overlapMilliseconds: 3_600_000 }],
  ChangeAppPermissions: [
    addApp,
    { ...app, type: 'ChangeAppPermissions', grant: ['INTROSPECT_TOKENS'], withdraw: [] },
    { ...app, type: 'ChangeAppPermissions', grant: ['EXPIRE_TOKENS'], withdraw: ['INTROSPECT_TOKENS'] },
  ],
  DeleteApp: [addApp, { ...app, type: 'DeleteApp' }],
};

const token = { tokenId: TOKEN_ID, now };
const createToken: TokenCommand = {
  ...token,
  type: 'CreateToken',
  identifier: identifierOf(TOKEN_ID),
  name: 'Laptop',
  owner: { id: 'dev' },
  secret: hashed(newSecret('lk_pat_')),
  expiresAt: null,
};

const tokenCommands: Record<TokenCommand['type'], TokenCommand[]> = {
  CreateToken: [createToken],
  RevokeToken: [createToken, { ...token, type: 'RevokeToken', reach: 'any' }],
  ExpireToken: [createToken, { ...token, type: 'ExpireToken', now: later }],
  DeleteToken: [createToken, { ...token, type: 'DeleteToken', now: later, reach: { ownerId: 'dev' } }],
};

const origin = { caller: caller(), correlationId: randomUUID(), ip: '192.0.2.7', userAgent: null };

/** As it goes to the log: with its metadata, and as JSON. */
function written(event: LatchkeyEvent): NewEvent {
  const request = commandRequest(origin, 'addApp', { idempotencyKey: 'key' }, now);
  return JSON.parse(JSON.stringify(newEvent(randomUUID(), event, request))) as NewEvent;
}

const decisions = [
  ...Object.entries(appCommands).map(([title, commands]) => ({
    title,
    events: commands.reduce<LatchkeyEvent[]>(
      (before, command) => [...before, ...appDecider.decide(command, stateAfter(appDecider, before as AppEvent[]))],
      [],
    ),
  })),
  ...Object.entries(tokenCommands).map(([title, commands]) => ({
    title,
    events: commands.reduce<LatchkeyEvent[]>(
      (before, command) => [
        ...before,
        ...tokenDecider.decide(command, stateAfter(tokenDecider, before as TokenEvent[])),
      ],
      [],
    ),
  })),
];

/** One of each; the compiler names a type that is missing here. */
const decided = (type: LatchkeyEvent['type']) =>
  decisions.flatMap(({ events }) => events).findLast((event) => event.type === type)!;
const examples: Record<LatchkeyEvent['type'], LatchkeyEvent> = {
  AppAdded: decided('AppAdded'),
  AppCredentialsViewed: decided('AppCredentialsViewed'),
  AppDisabled: decided('AppDisabled'),
  AppActivated: decided('AppActivated'),
  AppSecretRotated: decided('AppSecretRotated'),
  AppPermissionsChanged: decided('AppPermissionsChanged'),
  AppDeleted: decided('AppDeleted'),
  TokenCreated: decided('TokenCreated'),
  TokenRevoked: decided('TokenRevoked'),
  TokenExpired: decided('TokenExpired'),
  TokenDeleted: decided('TokenDeleted'),
  AccessDenied: accessDenied(),
  AuditTrailExported: auditTrailExported(),
  PersonalDataErased: personalDataErased(),
};

const sha256 = (text: string) => createHash('sha256').update(text).digest('base64url');

describe('the page', () => {
  it('has a schema for each version of each event, and no other', () => {
    const versions = Object.keys(examples).flatMap((type) =>
      Array.from({ length: schemaVersionOf(type) }, (_, index) => schemaIdOf(type, index + 1)),
    );
    const general = ['urn:latchkey:metadata', 'urn:latchkey:metadata-sealed', 'urn:latchkey:common'];
    expect(schemas.map(({ $id }) => $id).toSorted()).toEqual([...general, ...versions].toSorted());
  });

  it('leaves no part of an object open or optional', () => {
    const objects = schemas.flatMap(objectSchemasIn);
    expect(objects).toHaveLength(15 + 3 + 9);
    for (const { properties, required, additionalProperties } of objects) {
      expect(additionalProperties).toBe(false);
      expect(required).toEqual(Object.keys(properties));
    }
  });

  it('names the streams', () => {
    const fitting = (stream: string) => streamNames.filter((name) => name.test(stream)).length;
    expect(streamNames).toHaveLength(4);
    for (const stream of [`latchkey.app-${APP_ID}`, `latchkey.token-${TOKEN_ID}`, 'latchkey.access-a-b.c-2026-03-01'])
      expect(fitting(stream)).toBe(1);
    for (const stream of [
      `latchkey.app-${APP_ID}x`,
      `latchkey_app-${APP_ID}`,
      'latchkey.access-demo',
      'latchkey.app-1',
    ])
      expect(fitting(stream)).toBe(0);
  });
});

describe('what the deciders decide', () => {
  it.each(decisions)('at $title is as documented', ({ events }) => {
    expect(events).not.toHaveLength(0);
    expect(events.flatMap((event) => faultsOf(written(event)))).toEqual([]);
  });
});

describe.each(Object.values(examples).map((event) => ({ type: event.type, event: written(event) })))(
  'a changed $type',
  ({ event }) => {
    it('was as documented before', () => {
      expect(faultsOf(event)).toEqual([]);
    });

    it.each(changesOf(event.data))('is refused: data $change', ({ changed }) => {
      expect(faultsOf({ ...event, data: changed as object })).not.toEqual([]);
    });

    it.each(changesOf(event.metadata))('is refused: metadata $change', ({ changed }) => {
      expect(faultsOf({ ...event, metadata: changed as NewEvent['metadata'] })).not.toEqual([]);
    });

    it('is refused as another version, or as another type', () => {
      expect(
        faultsOf({ ...event, metadata: { ...event.metadata, schemaVersion: schemaVersionOf(event.type) + 1 } }),
      ).not.toEqual([]);
      expect(faultsOf({ ...event, type: `${event.type}2` })).not.toEqual([]);
    });

    it('is refused at a time that is not told in UTC and milliseconds', () => {
      for (const at of ['2026-03-01T12:00:00Z', '2026-03-01T12:00:00.000+00:00', '2026-02-30T12:00:00.000Z', 'today'])
        expect(faultsOf({ ...event, data: { ...event.data, at } })).not.toEqual([]);
    });
  },
);

describe('a secret (promise: never in an event)', () => {
  const secret = newSecret('lk_sec_');

  it.each([
    { where: 'hash', part: { hash: secret } },
    { where: 'hint', part: { hint: secret } },
    { where: 'pepperId', part: { pepperId: secret } },
    { where: 'a part of its own', part: { secret } },
  ])('is refused as $where', ({ part }) => {
    const added = written(examples.AppAdded);
    const data = { ...added.data, secret: { ...appSecret(), ...part } };
    expect(faultsOf({ ...added, data })).not.toEqual([]);
    expect(faultsOf({ ...added, data: { ...added.data, secret: appSecret() } })).toEqual([]);
  });

  it('has a hash of the length of an HMAC-SHA-256', () => {
    const created = written(examples.TokenCreated);
    const withHash = (hash: string) => ({ ...created, data: { ...created.data, secret: { hash, pepperId: 'p' } } });
    expect(faultsOf(withHash(sha256('x')))).toEqual([]);
    expect(faultsOf(withHash(sha256('x').slice(1)))).not.toEqual([]);
  });
});

type Change = { change: string; changed: unknown };

/** Each part left out, each part of a wrong type, and to each object a part too much. */
function changesOf(value: unknown, path = ''): Change[] {
  if (typeof value !== 'object' || value === null) return [{ change: `${path} is true`, changed: true }];
  const copyWith = (key: string, part: unknown) =>
    Array.isArray(value) ? value.with(Number(key), part) : { ...value, [key]: part };
  const within = Object.entries(value).flatMap(([key, part]) =>
    changesOf(part, `${path}/${key}`).map(({ change, changed }) => ({ change, changed: copyWith(key, changed) })),
  );
  const ofAnotherType = { change: `${path} is a text`, changed: 'text' };
  if (Array.isArray(value)) return [ofAnotherType, ...within];
  const without = Object.keys(value).map((key) => ({
    change: `${path}/${key} is missing`,
    changed: Object.fromEntries(Object.entries(value).filter(([name]) => name !== key)),
  }));
  return [
    { change: `${path}/extra is too much`, changed: { ...value, extra: 1 } },
    ofAnotherType,
    ...without,
    ...within,
  ];
}

type ObjectSchema = { properties: object; required: string[]; additionalProperties: boolean };

function objectSchemasIn(schema: unknown): ObjectSchema[] {
  if (typeof schema !== 'object' || schema === null) return [];
  const within = Object.values(schema).flatMap(objectSchemasIn);
  return 'type' in schema && schema.type === 'object' ? [schema as unknown as ObjectSchema, ...within] : within;
}
