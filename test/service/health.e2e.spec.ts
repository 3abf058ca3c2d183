import { jest } from '@jest/globals';
import { validate as isUuid } from 'uuid';
import type { Service } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { change, send, setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

let setup: Setup;
let service: Service;

beforeAll(async () => {
  setup = await setUp();
  service = await setup.start({ LOG_LEVEL: 'info' });
});

afterAll(() => setup.end());

const get = (path: string, init: RequestInit = {}) => fetch(`${service.url}${path}`, init);

/** The values of a metric by its labels. */
async function metric(name: string): Promise<Map<string, number>> {
  const text = await (await get('/metrics')).text();
  const lines = text.split('\n').filter((line) => line.startsWith(`${name}{`) || line.startsWith(`${name} `));
  return new Map(
    lines.map((line) => [/\{(.*)\}/.exec(line)?.[1] ?? '', Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('the health of a service that works', () => {
  it('is live', async () => {
    const response = await get('/health/live');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({ status: 'ok' });
  });

  it('is ready, part by part', async () => {
    const response = await get('/health/ready');
    expect(response.status).toBe(200);
    expect(await response.json()).toEqual({
      status: 'ok',
      checks: { log: 'ok', database: 'ok', projector: 'ok', evidence: 'ok' },
      parked: expect.objectContaining({ apps: 0, tokens: 0, 'audit-trail': 0 }),
    });
  });
});

describe('the metrics', () => {
  it('are text as Prometheus reads it, under names that do not change', async () => {
    const response = await get('/metrics');
    const text = await response.text();
    expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    const names = [...text.matchAll(/^# TYPE (latchkey_\w+) (\w+)$/gm)].map(([, name, type]) => `${name} ${type}`);
    expect(names.sort()).toEqual(
      expect.arrayContaining([
        'latchkey_commands_total counter',
        'latchkey_http_request_seconds histogram',
        'latchkey_projection_failures_total counter',
        'latchkey_projection_lag_seconds histogram',
        'latchkey_projector_running gauge',
      ]),
    );
    expect(text).toContain('process_cpu_seconds_total');
  });

  it('count commands by what came of them', async () => {
    const before = await metric('latchkey_commands_total');
    await change(service, setup.dev, 'createToken', { name: 'Counted' });
    await send(service, setup.dev, 'revokeToken', { id: '00000000-0000-4000-8000-000000000000' });
    const after = await metric('latchkey_commands_total');
    const growth = (labels: string) => (after.get(labels) ?? 0) - (before.get(labels) ?? 0);
    expect(growth('operation="createToken",outcome="OK"')).toBe(1);
    expect(growth('operation="revokeToken",outcome="NOT_FOUND"')).toBe(1);
  });

  it('count requests by route and status, an unknown route under one name', async () => {
    const count = async (labels: string) => (await metric('latchkey_http_request_seconds_count')).get(labels) ?? 0;
    const before = await count('route="none",status="404"');
    for (const path of ['/one', '/two', '/three']) await get(path);
    await service.graphql(setup.dev, '{ me { id } }');
    expect(await count('route="none",status="404"')).toBe(before + 3);
    expect(await count('route="/graphql",status="200"')).toBeGreaterThan(0);
    const routes = [...(await metric('latchkey_http_request_seconds_count')).keys()].join();
    expect(routes).not.toMatch(/\/(one|two|three)/);
  });

  it('tell how long events take to show, and who projects', async () => {
    const count = async () => (await metric('latchkey_projection_lag_seconds_count')).get('') ?? 0;
    const before = await count();
    await change(service, setup.dev, 'createToken', { name: 'Timed' });
    expect(await count()).toBe(before + 1);
    expect((await metric('latchkey_projector_running')).get('')).toBe(1);
    expect((await metric('latchkey_projection_failures_total')).get('')).toBe(0);
  });
});

describe('the id of a request', () => {
  const idOf = async (headers: Record<string, string>) =>
    (await service.graphql(setup.dev, '{ me { id } }', {}, headers)).headers.get('x-correlation-id');

  it("is the caller's own, in the answer, in the log and on the audit trail", async () => {
    const headers = { 'x-correlation-id': 'web:42.a_b-c' };
    const text = 'mutation { createToken(input: { name: "Found again" }) { token { id } } }';
    const { headers: answered, data } = await service.graphql(setup.dev, text, {}, headers);
    expect(answered.get('x-correlation-id')).toBe('web:42.a_b-c');

    const filter = `filter: { targetId: "${data.createToken.token.id}" }`;
    const trail = await service.graphql(setup.aud, `{ auditTrail(${filter}) { nodes { correlationId } } }`);
    expect(trail.data.auditTrail.nodes).toEqual([{ correlationId: 'web:42.a_b-c' }]);

    const line = await eventually(
      () => Promise.resolve(logLines().find(({ requestId }) => requestId === 'web:42.a_b-c')),
      (found) => found !== undefined,
    );
    expect(line).toMatchObject({ method: 'POST', route: '/graphql', status: 200, milliseconds: expect.any(Number) });
  });

  it('is a new one when there is none', async () => {
    const ids = [await idOf({}), await idOf({})];
    expect(ids.every(isUuid)).toBe(true);
    expect(ids[0]).not.toBe(ids[1]);
  });

  it.each([
    ['has blanks', 'a b'],
    ['has markup', '<script>alert(1)</script>'],
    ['has quotes and braces', '"}{"level":60,"msg":"forged"'],
    ['is endless', 'x'.repeat(101)],
    ['is not ASCII', 'caf\u00e9'],
    ['is empty', ''],
  ])('is a new one when the one that was sent %s', async (_what, hostile) => {
    const id = await idOf({ 'x-correlation-id': hostile });
    expect(isUuid(id)).toBe(true);
    if (hostile) expect(service.output()).not.toContain(hostile);
  });
});

function logLines(): any[] {
  const lines = service.output().split('\n');
  // The last one may still be on its way.
  return lines
    .slice(0, -1)
    .filter((line) => !line.startsWith('Latchkey listens on '))
    .map((line) => JSON.parse(line));
}

describe('the log', () => {
  it('is one JSON object a line, with a time and a level', async () => {
    await get('/health/live');
    for (const line of logLines())
      expect(line).toMatchObject({ level: expect.any(Number), time: expect.stringMatching(/^\d{4}-.+Z$/) });
  });

  it('names the route of a request, never what its address held', async () => {
    await get('/health/live?token=abcdef-in-the-address');
    await eventually(
      () => Promise.resolve(logLines().filter(({ route }) => route === '/health/live').length),
      (count) => count > 0,
    );
    expect(service.output()).not.toContain('abcdef-in-the-address');
  });
});

describe('an answer that is an error', () => {
  const authorised = () => ({ authorization: `Bearer ${setup.dev}` });
  const json = { 'content-type': 'application/json' };

  it.each<[string, number, string, string, () => RequestInit]>([
    ['an unknown path', 404, 'NOT_FOUND', '/nowhere', () => ({})],
    ['an unknown path below a known one', 404, 'NOT_FOUND', '/health/nowhere', () => ({ method: 'POST' })],
    ['an address that cannot be decoded', 400, 'BAD_USER_INPUT', '/%zz', () => ({})],
    ['GraphQL by GET', 405, 'BAD_USER_INPUT', '/graphql?query={me{id}}', () => ({ headers: authorised() })],
    ['GraphQL by PUT', 404, 'NOT_FOUND', '/graphql', () => ({ method: 'PUT', headers: authorised() })],
    [
      'GraphQL without a token',
      401,
      'UNAUTHENTICATED',
      '/graphql',
      () => ({ method: 'POST', headers: json, body: '{}' }),
    ],
    [
      'a body that is no JSON',
      400,
      'BAD_USER_INPUT',
      '/graphql',
      () => ({ method: 'POST', headers: { ...authorised(), ...json }, body: '{"query"' }),
    ],
    [
      'a body that is too large',
      413,
      'BAD_USER_INPUT',
      '/graphql',
      () => ({ method: 'POST', headers: { ...authorised(), ...json }, body: `"${'x'.repeat(200_000)}"` }),
    ],
    [
      'a body of another kind',
      415,
      'BAD_USER_INPUT',
      '/graphql',
      () => ({ method: 'POST', headers: { ...authorised(), 'content-type': 'text/html' }, body: '{}' }),
    ],
  ])('has our one form: %s', async (_what, status, code, path, init) => {
    const response = await get(path, init());
    expect(response.status).toBe(status);
    expect(await response.json()).toEqual({ errors: [{ message: expect.any(String), extensions: { code } }] });
    if (status === 405) expect(response.headers.get('allow')).toBe('POST');
    if (status === 401) expect(response.headers.get('www-authenticate')).toBe('Bearer realm="latchkey"');
    expectGuarded(response);
  });
});

describe('every answer', () => {
  it.each(['/health/live', '/health/ready', '/metrics'])('is guarded by headers: %s', async (path) => {
    expectGuarded(await get(path));
  });

  it('is guarded by headers: /graphql', async () => {
    expectGuarded(await service.graphql(setup.dev, '{ me { id } }'));
  });
});

/** It is not taken for another kind of content, is kept nowhere, does not tell what it runs on, and can be found in the log. */
function expectGuarded({ headers }: { headers: Headers }): void {
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('cache-control')).toBe('no-store');
  expect(headers.get('x-correlation-id')).toMatch(/^[\w.:-]{1,100}$/);
  expect(headers.get('x-powered-by')).toBeNull();
  expect(headers.get('server')).toBeNull();
}
