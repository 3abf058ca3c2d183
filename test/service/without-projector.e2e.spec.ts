import { jest } from '@jest/globals';
import type { Service } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { change, send, setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
});

afterAll(() => setup.end());

const events = async (type: string) => (await setup.readLog()).filter((event) => event.type === type);

describe('a service without a projector anywhere', () => {
  const apps: Record<string, string> = {};
  let tokenId: string;
  let api: Service;

  beforeAll(async () => {
    const whole = await setup.start();
    for (const name of ['disabled', 'deleted', 'rotated'])
      apps[name] = (await change(whole, setup.dev, 'addApp', { name })).app.id;
    tokenId = (await change(whole, setup.dev, 'createToken', { name: 'revoked' })).token.id;
    const leaver = await setup.issuer.token({ id: 'leaver' });
    await change(whole, leaver, 'createToken', { name: 'left behind' });
    await whole.stop();
    api = await setup.start({ ROLES: 'api', READ_MODEL_TIMEOUT: 'PT0.5S' });
  });

  // First, as it is the only one that needs to know what happened before it.
  it.each([
    ['revokeTokensOf', () => ({ ownerId: 'leaver' }), 'TokenRevoked'],
    ['revokeToken', () => ({ id: tokenId }), 'TokenRevoked'],
    ['disableApp', () => ({ id: apps['disabled'] }), 'AppDisabled'],
    ['deleteApp', () => ({ id: apps['deleted'] }), 'AppDeleted'],
    ['rotateAppSecret', () => ({ id: apps['rotated'], overlap: 'PT0S' }), 'AppSecretRotated'],
  ])('does not claim that %s is in force, but says that it is recorded', async (mutation, input, type) => {
    const before = (await events(type)).length;
    const asked = Date.now();
    const { data, code, errors } = await send(api, setup.ada, mutation, input());
    expect(data).toBeNull();
    expect({ code, recorded: errors?.[0].extensions.recorded }).toEqual({ code: 'UNAVAILABLE', recorded: true });
    expect(Date.now() - asked).toBeLessThan(5_000);
    expect(await events(type)).toHaveLength(before + 1);
  });

  it('says the same when it is told again, without a second event', async () => {
    const { code, errors } = await send(api, setup.ada, 'disableApp', { id: apps['disabled'] });
    expect({ code, recorded: errors?.[0].extensions.recorded }).toEqual({ code: 'UNAVAILABLE', recorded: true });
    const disabled = (await events('AppDisabled')).filter(({ data }) => data.appId === apps['disabled']);
    expect(disabled).toHaveLength(1);
  });

  it('does not say of an app that it deletes for the second time that it is gone, while its secret still works', async () => {
    expect(await send(api, setup.ada, 'deleteApp', { id: apps['deleted'] })).toMatchObject({ code: 'UNAVAILABLE' });
    expect(await events('AppDeleted')).toHaveLength(1);
  });

  it('answers other changes as a success that is stale', async () => {
    const added = await change(api, setup.dev, 'addApp', { name: 'unseen' });
    expect(added).toMatchObject({ stale: true, app: null, credentials: { clientSecret: expect.any(String) } });
    const created = await change(api, setup.dev, 'createToken', { name: 'unseen' });
    expect(created).toMatchObject({ stale: true, token: null, value: expect.any(String) });
  });

  it('shows all of it once there is a projector', async () => {
    const whole = await setup.start();
    const query =
      '{ apps(first: 200) { nodes { id name status secrets { id } } } tokens(first: 200) { nodes { name status } } }';
    // The last of either kind: each read model goes its own way.
    const isSeen = ({ nodes }: { nodes: { name: string }[] }) => nodes.some(({ name }) => name === 'unseen');
    const { data } = await eventually(
      () => whole.graphql(setup.ada, query),
      (answer) => answer.data && isSeen(answer.data.apps) && isSeen(answer.data.tokens),
    );
    const nodes: { id: string; status: string; secrets: object[] }[] = data.apps.nodes;
    const app = (name: string) => nodes.find(({ id }) => id === apps[name]);
    expect(app('disabled')).toMatchObject({ status: 'DISABLED' });
    expect(app('deleted')).toBeUndefined();
    expect(app('rotated')?.secrets).toHaveLength(1);
    expect(data.tokens.nodes).toEqual(
      expect.arrayContaining([
        { name: 'revoked', status: 'REVOKED' },
        { name: 'left behind', status: 'REVOKED' },
        { name: 'unseen', status: 'ACTIVE' },
      ]),
    );
  });
});
