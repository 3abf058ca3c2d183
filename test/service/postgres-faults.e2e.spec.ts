import { jest } from '@jest/globals';
import { startRelay, type Relay } from '../support/relay.js';
import type { Answer, Service } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { change, send, setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

let setup: Setup;

beforeAll(async () => {
  setup = await setUp();
});

afterAll(() => setup.end());

const events = (type: string) =>
  setup.database.query('select data, metadata from log.events where type = $1 order by position', [type]);
const logLength = async () => (await setup.database.query('select count(*)::int as n from log.events'))[0].n as number;

async function health(service: Service, check: 'live' | 'ready') {
  const response = await fetch(`${service.url}/health/${check}`);
  return { status: response.status, body: await response.json() };
}

const isReady = (service: Service) =>
  eventually(
    () => health(service, 'ready'),
    ({ status }) => status === 200,
  );

/** The answer, and how long it took in milliseconds. */
async function timed<Result>(asking: Promise<Result>): Promise<Result & { took: number }> {
  const before = Date.now();
  return { ...(await asking), took: Date.now() - before };
}

describe('a service that reaches PostgreSQL over a wire that breaks', () => {
  let relay: Relay;
  let service: Service;
  let appId: string;
  let tokenId: string;

  beforeAll(async () => {
    relay = await startRelay(setup.database.url);
    service = await setup.start({ DATABASE_URL: relay.url });
    ({
      app: { id: appId },
    } = await change(service, setup.dev, 'addApp', { name: 'Before' }));
    ({
      token: { id: tokenId },
    } = await change(service, setup.dev, 'createToken', { name: 'Before' }));
  });

  afterAll(async () => {
    await service.stop('SIGKILL');
    await relay.stop();
  });

  /** Every kind of request at once. */
  function askForEverything(): Promise<(Answer & { took: number })[]> {
    const queries = [
      '{ apps { totalCount nodes { id } } }',
      '{ tokens { nodes { id } } }',
      `{ app(id: "${appId}") { id } }`,
    ];
    const overseen = ['{ auditTrail { nodes { id } } }', '{ projections { name lag } }'];
    const mutations: [string, object][] = [
      ['addApp', { name: 'Meanwhile' }],
      ['viewAppCredentials', { id: appId }],
      ['rotateAppSecret', { id: appId }],
      ['disableApp', { id: appId }],
      ['deleteApp', { id: appId }],
      ['createToken', { name: 'Meanwhile' }],
      ['revokeToken', { id: tokenId }],
      ['revokeTokensOf', { ownerId: 'dev' }],
      ['changeAppPermissions', { id: appId, grant: ['EXPIRE_TOKENS'] }],
    ];
    return Promise.all([
      ...queries.map((query) => timed(service.graphql(setup.dev, query))),
      ...overseen.map((query) => timed(service.graphql(setup.ada, query))),
      ...mutations.map(([name, input]) => timed(send(service, setup.ada, name, input))),
    ]);
  }

  async function expectNothingHappens(bound: number): Promise<void> {
    const before = await logLength();
    const [answers, live, ready] = await Promise.all([
      askForEverything(),
      timed(health(service, 'live')),
      timed(health(service, 'ready')),
    ]);
    expect([...new Set(answers.map(({ code }) => code))]).toEqual(['UNAVAILABLE']);
    expect(answers.some(({ errors }) => errors?.[0]?.extensions.recorded)).toBe(false);
    expect(Math.max(...answers.map(({ took }) => took))).toBeLessThan(bound);
    expect(live).toMatchObject({ status: 200, body: { status: 'ok' } });
    expect(ready).toMatchObject({ status: 503, body: { status: 'unavailable' } });
    expect(ready.took).toBeLessThan(bound);
    expect(await logLength()).toBe(before);
  }

  async function expectAllWell(name: string): Promise<void> {
    await isReady(service);
    // The projector may find out later than the rest that its connection is dead: until then a success is stale.
    const created = await eventually(
      () => change(service, setup.dev, 'createToken', { name }),
      ({ stale }) => !stale,
    );
    expect(created.token).toMatchObject({ name });
    const { data } = await service.graphql(setup.dev, '{ tokens(first: 1) { nodes { name } } }');
    expect(data.tokens.nodes).toEqual([{ name }]);
    const vaultRows = await setup.database.query('select app_id from vault.client_secrets where app_id = $1', [appId]);
    expect(vaultRows).toHaveLength(1);
  }

  it('answers UNAVAILABLE soon while PostgreSQL is gone, and works again by itself when it is back', async () => {
    await relay.refuse();
    await expectNothingHappens(10_000);
    await expectNothingHappens(10_000);
    await relay.pass();
    await expectAllWell('After it was gone');
  });

  it('is ready again after every connection broke, before anybody asks for anything', async () => {
    relay.cut();
    await isReady(service);
    await expectAllWell('After a cut');
  });

  it('answers UNAVAILABLE within a bound while PostgreSQL is frozen, and goes on when it thaws', async () => {
    relay.freeze();
    await expectNothingHappens(25_000);
    await relay.pass();
    await expectAllWell('After a frost');
  });

  it('replaces connections that died without a word', async () => {
    relay.freeze();
    await expectNothingHappens(25_000);
    await relay.lose();
    await expectAllWell('After a silent death');
  });

  it('has one effect when the answer to an append is lost, and the client does not notice', async () => {
    const lost = relay.answersLost();
    relay.loseAnswersTo('log-append');
    const creating = change(service, setup.dev, 'createToken', { name: 'Answer lost once', idempotencyKey: 'once' });
    await eventually(
      () => Promise.resolve(relay.answersLost()),
      (count) => count > lost,
    );
    await relay.pass();
    const { value } = await creating;
    expect(value).toMatch(/^lk_pat_/);
    const created = (await events('TokenCreated')).filter(({ data }) => data.name === 'Answer lost once');
    expect(created).toHaveLength(1);
  });

  it.each([
    ['createToken', 'TokenCreated'],
    ['addApp', 'AppAdded'],
  ])('has one effect when no answer to %s arrives, and the client sends it again', async (mutation, type) => {
    const input = { name: 'Never answered', idempotencyKey: 'again' };
    const lost = relay.answersLost();
    relay.loseAnswersTo('log-append');
    const first = await timed(send(service, setup.dev, mutation, input));
    await relay.pass();
    expect(first.code).toBe('UNAVAILABLE');
    expect(first.took).toBeLessThan(25_000);
    expect(relay.answersLost()).toBeGreaterThan(lost);

    await isReady(service);
    const again = await change(service, setup.dev, mutation, input);
    const third = await change(service, setup.dev, mutation, input);
    const happened = (await events(type)).filter(({ data }) => data.name === 'Never answered');
    expect(happened).toHaveLength(1);
    expect(again).toMatchObject({
      stale: false,
      [mutation === 'addApp' ? 'app' : 'token']: { name: 'Never answered' },
    });
    expect(third).toEqual(again);
  });

  it('stops within a bound though PostgreSQL is frozen', async () => {
    relay.freeze();
    const { code, took } = await timed(service.stop().then((exitCode) => ({ code: exitCode })));
    expect(code).not.toBeNull();
    expect(took).toBeLessThan(25_000);
  });
});
