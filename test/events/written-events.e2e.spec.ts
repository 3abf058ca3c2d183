import { categoryOf, faultsOf, schemas, streamNames } from '../support/event-schemas.js';
import type { Stored } from '../support/log.js';
import { ask, send } from '../support/operations.js';
import { anApp, anExpiredToken, aToken } from '../support/scenarios.js';
import { eventually } from '../support/eventually.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (docs/events.md): what a running service writes is as documented, to the streams that are documented. */

let stage: Stage;
let events: Stored[];

/** The specs of a shared server have prefixes of their own, of the same form. */
const readLog = async () =>
  (await stage.readLog()).map((event) => ({ ...event, stream: event.stream.replace(/^\w+/, 'latchkey') }));

beforeAll(async () => {
  stage = await startStage({ EXPIRE_TOKENS_EVERY: 'PT1S' });
  await actOutEverything(stage);
  const isComplete = (rows: Stored[]) =>
    rows.some(({ type }) => type === 'TokenExpired') && rows.filter(({ type }) => type === 'AccessDenied').length >= 3;
  events = await eventually(readLog, isComplete, 10_000);
});

afterAll(() => stage.close());

/** Every mutation, in many ways, and refusals with and without a target. */
async function actOutEverything({ service, issuer }: Stage) {
  const dev = await issuer.token({ id: 'dev', tenant: 'a-b.c' });
  const ada = await issuer.token({ id: 'ada', tenant: 'a-b.c', roles: ['administrator'] });
  const namesake = await issuer.sign({ sub: 'x'.repeat(255), name: '𝔘'.repeat(300), tenant_id: 'a-b.c' });

  const app = await anApp(service, dev, { name: '𝔘'.repeat(200), description: 'Pays.\nMonthly.' });
  await ask(service, dev, 'viewAppCredentials', { id: app.id });
  await ask(service, dev, 'rotateAppSecret', { id: app.id, overlap: 'P30D' });
  await ask(service, dev, 'rotateAppSecret', { id: app.id, overlap: 'PT0S', idempotencyKey: 'once more' });
  await ask(service, ada, 'changeAppPermissions', { id: app.id, grant: ['EXPIRE_TOKENS', 'INTROSPECT_TOKENS'] });
  await ask(service, ada, 'changeAppPermissions', { id: app.id, withdraw: ['EXPIRE_TOKENS'] });
  await ask(service, ada, 'disableApp', { id: app.id }, { 'x-correlation-id': 'incident:42', 'user-agent': 'curl/8' });
  await ask(service, ada, 'activateApp', { id: app.id });
  await ask(service, ada, 'deleteApp', { id: app.id });

  const token = await aToken(service, namesake, { name: 'Laptop', idempotencyKey: 'key' });
  await send(service, dev, 'revokeToken', { input: { id: token.id } });
  await ask(service, namesake, 'revokeToken', { id: token.id });
  await ask(service, namesake, 'deleteToken', { id: token.id });
  await aToken(service, dev);
  await aToken(service, dev, { expiresAt: new Date(Date.now() + 3_600_000).toISOString() });
  await ask(service, ada, 'revokeTokensOf', { ownerId: 'dev' }, { 'x-correlation-id': 'leaver-7' });
  await anExpiredToken(service, ada);

  const auditor = await issuer.token({ id: 'aud', tenant: 'a-b.c', roles: ['auditor'] });
  const asked = 'format=csv&actorId=dev&action=AppAdded&targetType=APP&from=2026-01-01T00:00:00Z&text=x';
  for (const query of ['format=jsonl', asked]) {
    const response = await fetch(`${service.url}/audit/export?${query}`, {
      headers: { authorization: `Bearer ${auditor}` },
    });
    await response.text();
  }

  await ask(service, ada, 'erasePersonalData', { personId: 'x'.repeat(255) });

  await send(service, dev, 'auditTrail');
  await send(service, dev, 'changeAppPermissions', { input: { id: app.id, grant: ['EXPIRE_TOKENS'] } });
}

it('is of every documented type', () => {
  const documented = schemas.map(({ $id }) => $id.split(':')[2]).filter((name) => /^[A-Z]/.test(name ?? ''));
  expect(new Set(events.map(({ type }) => type))).toEqual(new Set(documented));
});

it('is as its schema says', () => {
  expect(events.flatMap(faultsOf)).toEqual([]);
});

it('goes to the stream of what it is about', () => {
  const misplaced = events.filter(({ type, stream, data, metadata }) => {
    if ('appId' in data) return stream !== `latchkey.app-${String(data['appId'])}`;
    if ('tokenId' in data) return stream !== `latchkey.token-${String(data['tokenId'])}`;
    if (type === 'PersonalDataErased') return !stream.startsWith('latchkey.person-');
    return stream !== `latchkey.access-${metadata.tenantId}-${String(data['from'] ?? data['at']).slice(0, 10)}`;
  });
  expect(misplaced).toEqual([]);
  expect(events.filter(({ stream }) => !streamNames.some((name) => name.test(stream)))).toEqual([]);
});

it('is found by category: $ce-latchkey.app has the events of apps, and only those', () => {
  const typesIn = (category: string) =>
    new Set(events.filter(({ stream }) => categoryOf(stream) === category).map(({ type }) => type));
  expect([...typesIn('latchkey.app')].every((type) => type.startsWith('App'))).toBe(true);
  expect([...typesIn('latchkey.token')].every((type) => type.startsWith('Token'))).toBe(true);
  expect(typesIn('latchkey.access')).toEqual(new Set(['AccessDenied', 'AuditTrailExported']));
  const categories = new Set(events.map(({ stream }) => categoryOf(stream)));
  expect(categories).toEqual(new Set(['latchkey.app', 'latchkey.token', 'latchkey.access', 'latchkey.person']));
});

it('bears the id of its request and of its command', () => {
  const withCorrelation = (id: string) => events.filter(({ metadata }) => metadata.$correlationId === id);
  expect(withCorrelation('incident:42').map(({ type }) => type)).toEqual(['AppDisabled']);
  expect(withCorrelation('leaver-7').map(({ type }) => type)).toEqual(['TokenRevoked', 'TokenRevoked']);
  expect(new Set(withCorrelation('leaver-7').map(({ metadata }) => metadata.commandId)).size).toBe(1);
  for (const { metadata } of events) expect(metadata.$causationId).toBe(metadata.commandId);
});

it('tells of people under seal only', () => {
  const byPeople = events.filter(({ metadata }) => metadata.actor.kind === 'USER');
  expect(byPeople.length).toBeGreaterThan(20);
  for (const { data, metadata } of byPeople) {
    expect(metadata).toMatchObject({ actor: { name: null }, ip: null, userAgent: null, person: expect.any(Object) });
    expect(JSON.stringify([data, metadata])).not.toContain('127.0.0.1');
  }
});

it('tells of the job that it was the service itself', () => {
  const expired = events.filter(({ type }) => type === 'TokenExpired');
  expect(expired.map(({ metadata }) => metadata.actor.kind)).toEqual(['SYSTEM']);
});
