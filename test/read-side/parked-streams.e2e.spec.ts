import { randomUUID } from 'node:crypto';
import { jest } from '@jest/globals';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { setUp, type Setup } from '../service/setup.js';
import { eventually } from '../support/eventually.js';
import { logged } from '../support/log-events.js';
import { anAppWith, introspect } from '../support/oauth.js';
import { ask, send } from '../support/operations.js';
import type { Service } from '../support/service.js';

jest.setTimeout(120_000);

let setup: Setup;
let service: Service;
beforeAll(async () => {
  setup = await setUp();
  service = await setup.start({ READ_MODEL_TIMEOUT: 'PT10S' });
});
afterAll(() => setup.end());

const ready = async () => (await (await fetch(`${service.url}/health/ready`)).json()) as { parked: object };
type Status = { name: string; parked: { stream: string }[]; rebuild: object | null };
const statuses = (token: string): Promise<Status[]> => ask(service, token, 'projections');
const parkedFor = async (token: string) => (await statuses(token)).find(({ name }) => name === 'tokens')!.parked;

/** An event without an actor, as a bug could have written it. */
async function poison(tokenId: string): Promise<void> {
  const store = await openEventStore(setup.database.url, 'latchkey');
  const event = logged({ type: 'TokenRevoked', data: { tokenId, at: new Date().toISOString() } });
  const metadata = { ...event.metadata, tenantId: 'demo', actor: undefined as never };
  await store.append(`latchkey.token-${tokenId}`, 0n, [{ ...event, metadata }]);
  await store.close();
}

describe('a token whose revocation cannot be applied', () => {
  it('is not called active any more; all others are, and whoever is in charge is told and mends it', async () => {
    const { ada } = setup;
    const caller = await anAppWith(service, ada, 'INTROSPECT_TOKENS');
    const ill = await ask(service, ada, 'createToken', { name: 'Ill' });
    const well = await ask(service, ada, 'createToken', { name: 'Well' });
    expect((await introspect(service, caller, ill.value)).body).toMatchObject({ active: true });

    await poison(ill.token.id);
    await eventually(
      () => parkedFor(ada),
      (parked) => parked.length > 0,
    );

    expect(await introspect(service, caller, ill.value)).toMatchObject({ status: 503 });
    expect((await introspect(service, caller, well.value)).body).toMatchObject({ active: true });
    const stream = `latchkey.token-${ill.token.id}`;
    expect(await parkedFor(ada)).toEqual([
      expect.objectContaining({ stream, eventType: 'TokenRevoked', attempts: 1, waiting: 0 }),
    ]);
    expect(await parkedFor(await setup.issuer.token({ id: 'eve', tenant: 'other', roles: ['administrator'] }))).toEqual(
      [],
    );
    expect(await ready()).toMatchObject({ status: 'ok', parked: { tokens: 1, apps: 0 } });
    expect(await (await fetch(`${service.url}/metrics`)).text()).toContain(
      'latchkey_parked_streams{projection="tokens"} 1',
    );

    const retry = { projection: 'TOKENS', stream };
    const eve = await setup.issuer.token({ id: 'eve', tenant: 'other', roles: ['administrator'] });
    expect((await send(service, eve, 'retryParkedStream', { input: retry })).code).toBe('NOT_FOUND');
    expect((await ask(service, ada, 'retryParkedStream', retry)).parked).toMatchObject({ attempts: 2 });
  });
});

describe('an administrator', () => {
  it('has a read model built anew, and sees it done', async () => {
    const { ada } = setup;
    await ask(service, ada, 'createToken', { name: randomUUID() });
    const { projection } = await ask(service, ada, 'rebuildProjection', { name: 'APPS' });
    expect(projection).toMatchObject({ name: 'apps', rebuild: { error: null } });
    await eventually(
      () => statuses(ada),
      (all) => all.every(({ rebuild }) => rebuild === null),
    );
    await ask(service, ada, 'addApp', { name: 'After it' });
  });
});
