import { jest } from '@jest/globals';
import { latchkey } from '../support/command-line.js';
import { startEventStoreDb, type EventStoreDb } from '../support/eventstoredb.js';
import { ask } from '../support/operations.js';
import { aDeletedApp, aDisabledApp, anApp, aRevokedToken, aToken } from '../support/scenarios.js';
import type { Service } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { setUp, type Setup } from './setup.js';

let setup: Setup;
let server: EventStoreDb;

beforeAll(async () => {
  [setup, server] = await Promise.all([setUp(), startEventStoreDb()]);
});
afterAll(async () => {
  await setup.end();
  await server.stop();
});

/** All that the lists show, but the places in the log. */
async function shown(service: Service, token: string) {
  const lists = await Promise.all([
    ask(service, token, 'apps'),
    ask(service, token, 'tokens'),
    ask(service, token, 'auditTrail'),
  ]);
  return lists.map(({ nodes, totalCount }) => ({
    totalCount,
    nodes: nodes.map((node: object) => ({ ...node, position: null })),
  }));
}

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

describe('a service whose log was moved from PostgreSQL to EventStoreDB', () => {
  it('shows what it showed, knows the commands that it was sent, and goes on', async () => {
    const { ada, database } = setup;
    // On a busy machine, too, an answer waits until the lists show what it tells.
    const patient = { READ_MODEL_TIMEOUT: 'PT30S' };
    const before = await setup.start(patient);
    const app = await anApp(before, ada, { idempotencyKey: 'one' });
    await aDisabledApp(before, ada);
    await aDeletedApp(before, ada);
    const token = await aToken(before, ada);
    await aRevokedToken(before, ada);
    await ask(before, ada, 'rotateAppSecret', { id: app.id });
    const original = await shown(before, ada);
    await before.stop();

    const copied = await latchkey(['log', 'copy', '--from', database.url, '--to', server.url]);
    const reset = await latchkey(['projections', 'reset'], { DATABASE_URL: database.url, EVENT_STORE_URL: server.url });
    expect(reset).toMatchObject({ code: 0, stderr: '' });
    const after = await setup.start({ ...patient, EVENT_STORE_URL: server.url });

    expect(copied).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Copied 9 events; /) });
    expect(original[2]?.totalCount).toBe(9);
    const isThere = ([, , trail]: { totalCount: number }[]) => trail?.totalCount === 9;
    await eventually(() => shown(after, ada), isThere, 30_000);
    // Asked anew: of lists that were read around the very moment, one may be older than the trail.
    expect(await shown(after, ada)).toEqual(original);
    expect((await anApp(after, ada, { idempotencyKey: 'one' })).id).toBe(app.id);
    expect(await shown(after, ada)).toEqual(original);

    await ask(after, ada, 'revokeToken', { id: token.id });
    expect((await ask(after, ada, 'token', { id: token.id })).status).toBe('REVOKED');
    const viewed = await ask(after, ada, 'viewAppCredentials', { id: app.id });
    expect(viewed.credentials.clientSecret).toMatch(/^lk_sec_/);
  });
});
