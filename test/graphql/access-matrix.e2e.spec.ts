import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { ask, documents, send, type OperationName } from '../support/operations.js';
import { aDisabledApp, anApp, aRevokedToken, aToken } from '../support/scenarios.js';
import { eventually } from '../support/eventually.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (design, section 3): who may do what, and a refusal changes nothing but the audit trail. */

const callers = {
  administrator: ['administrator'],
  developer: ['developer'],
  auditor: ['auditor'],
  nobody: [],
  'administrator and auditor': ['administrator', 'auditor'],
} as const;
type CallerName = keyof typeof callers;

let stage: Stage;
/** An administrator who makes what the others then try to reach. */
let ada: string;

beforeAll(async () => {
  stage = await startStage();
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
});

afterAll(() => stage.close());

const tokenOf = (caller: CallerName) => stage.issuer.token({ id: caller, roles: [...callers[caller]] });
/** The same person, when they still were a developer: so that anybody can own a token. */
const ownToken = async (caller: CallerName) =>
  aToken(stage.service, await stage.issuer.token({ id: caller, roles: ['developer'] }));
const revokedOwnToken = async (caller: CallerName) =>
  aRevokedToken(stage.service, await stage.issuer.token({ id: caller, roles: ['developer'] }));

const app = async () => ({ id: (await anApp(stage.service, ada)).id });
const disabledApp = async () => ({ id: (await aDisabledApp(stage.service, ada)).id });
const foreignToken = async () => ({ id: (await aToken(stage.service, ada)).id });
const foreignRevokedToken = async () => ({ id: (await aRevokedToken(stage.service, ada)).id });

type Expected = 'ok' | 'FORBIDDEN' | 'NOT_FOUND';
type Row = {
  operation: OperationName;
  of: string;
  variables: (caller: CallerName) => Promise<object>;
  expected: readonly [Expected, Expected, Expected, Expected, Expected];
};

const row = (
  operation: OperationName,
  of: string,
  variables: Row['variables'],
  ...expected: [Expected, Expected, Expected, Expected, Expected]
): Row => ({ operation, of, variables, expected });
const input = (make: (caller: CallerName) => Promise<object>) => async (caller: CallerName) => ({
  input: await make(caller),
});
const none = () => Promise.resolve({});
const named = () => Promise.resolve({ name: 'New' });
const own = async (caller: CallerName) => ({ id: (await ownToken(caller)).id });
const ownRevoked = async (caller: CallerName) => ({ id: (await revokedOwnToken(caller)).id });
const granting = async () => ({ ...(await app()), grant: ['INTROSPECT_TOKENS'] });
const aReadModel = () => Promise.resolve({ name: 'AUDIT_TRAIL' });
const notParked = () => Promise.resolve({ projection: 'APPS', stream: 'latchkey.app-1' });
const entry = async () => ({ entryId: (await ask(stage.service, ada, 'auditTrail', { first: 1 })).nodes[0].id });
const first = () => Promise.resolve({ from: 1, to: 1 });
const aPerson = () => Promise.resolve({ personId: 'somebody who left' });
const ofSomebody = () => Promise.resolve({ ownerId: 'somebody who left' });

// prettier-ignore
const matrix: Row[] = [
  //                                                                       administrator developer    auditor      nobody       administrator and auditor
  row('me',                   '',                    none,                     'ok',        'ok',        'ok',        'ok',        'ok'),
  row('app',                  '',                    app,                      'ok',        'ok',        'ok',        'FORBIDDEN', 'ok'),
  row('apps',                 '',                    none,                     'ok',        'ok',        'ok',        'FORBIDDEN', 'ok'),
  row('token',                'of their own',        own,                      'ok',        'ok',        'ok',        'FORBIDDEN', 'ok'),
  row('token',                'of somebody else',    foreignToken,             'ok',        'NOT_FOUND', 'ok',        'FORBIDDEN', 'ok'),
  row('tokens',               '',                    none,                     'ok',        'ok',        'ok',        'FORBIDDEN', 'ok'),
  row('auditTrail',           '',                    none,                     'ok',        'FORBIDDEN', 'ok',        'FORBIDDEN', 'ok'),
  row('auditCheckpoint',      '',                    none,                     'ok',        'FORBIDDEN', 'ok',        'FORBIDDEN', 'ok'),
  row('auditInclusionProof',  '',                    entry,                    'ok',        'FORBIDDEN', 'ok',        'FORBIDDEN', 'ok'),
  row('auditConsistencyProof', '',                   first,                    'ok',        'FORBIDDEN', 'ok',        'FORBIDDEN', 'ok'),
  row('projections',          '',                    none,                     'ok',        'FORBIDDEN', 'ok',        'FORBIDDEN', 'ok'),
  row('credentialsInUse',     '',                    none,                     'ok',        'FORBIDDEN', 'ok',        'FORBIDDEN', 'ok'),
  row('addApp',               '',                    input(named),             'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('viewAppCredentials',   '',                    input(app),               'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('disableApp',           '',                    input(app),               'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('activateApp',          '',                    input(disabledApp),       'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('rotateAppSecret',      '',                    input(app),               'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('deleteApp',            '',                    input(app),               'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('changeAppPermissions', '',                    input(granting),          'ok',        'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('createToken',          '',                    input(named),             'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('revokeToken',          'of their own',        input(own),               'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('revokeToken',          'of somebody else',    input(foreignToken),      'ok',        'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('deleteToken',          'of their own',        input(ownRevoked),        'ok',        'ok',        'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('deleteToken',          'of somebody else',    input(foreignRevokedToken), 'ok',      'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('revokeTokensOf',       '',                    input(ofSomebody),        'ok',        'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('rebuildProjection',    '',                    input(aReadModel),        'ok',        'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('retryParkedStream',    'that is not parked',  input(notParked),         'NOT_FOUND', 'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'NOT_FOUND'),
  row('erasePersonalData',    '',                    input(aPerson),           'ok',        'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
  row('expireTokens',         '',                    input(none),              'ok',        'FORBIDDEN', 'FORBIDDEN', 'FORBIDDEN', 'ok'),
];

const cells = matrix.flatMap(({ operation, of, variables, expected }) =>
  (Object.keys(callers) as CallerName[]).map((caller, index) => ({
    title: `${operation} ${of}`.trim(),
    operation,
    variables,
    caller,
    expected: expected[index]!,
  })),
);

describe('the matrix', () => {
  it('has a row for every operation of the schema', async () => {
    const schema = await readFile('schema.gql', 'utf8');
    const fieldsOf = (type: string) =>
      [...(new RegExp(`^type ${type} \\{([^}]*)\\}`, 'm').exec(schema)?.[1] ?? '').matchAll(/^ {2}(\w+)[(:]/gm)].map(
        ([, field]) => field,
      );
    const operations = [...fieldsOf('Query'), ...fieldsOf('Mutation')].sort();
    expect(operations).toContain('addApp');
    expect([...new Set(matrix.map(({ operation }) => operation))].sort()).toEqual(operations);
    expect(Object.keys(documents).sort()).toEqual(operations);
  });

  it.each(cells)('$title by $caller: $expected', async ({ operation, variables, caller, expected }) => {
    const asked = await variables(caller);
    const token = await tokenOf(caller);
    const before = await stage.countEvents();
    const answer = await send(stage.service, token, operation, asked);

    if (expected === 'ok') {
      expect(answer.errors).toBeUndefined();
      expect(answer.data[operation]).toBeTruthy();
      return;
    }
    expect(answer).toMatchObject({ status: 200, code: expected });
    expect(answer.errors).toHaveLength(1);
    expect(answer.data?.[operation] ?? null).toBeNull();
    expect(await stage.countEvents()).toBe(before);
  });
});

describe('an app that somebody without the role tried to change', () => {
  it.each([
    ['viewAppCredentials', {}],
    ['disableApp', {}],
    ['activateApp', {}],
    ['rotateAppSecret', {}],
    ['deleteApp', {}],
    ['changeAppPermissions', { grant: ['EXPIRE_TOKENS'] }],
  ] as const)('is as it was before %s', async (operation, more) => {
    const { id } = await app();
    const before = await ask(stage.service, ada, 'app', { id });
    const { code } = await send(stage.service, await tokenOf('auditor'), operation, { input: { id, ...more } });
    expect(code).toBe('FORBIDDEN');
    expect(await ask(stage.service, ada, 'app', { id })).toEqual(before);
  });
});

describe('the tokens that a developer sees', () => {
  it('are their own, also when they ask for those of somebody else', async () => {
    const dev = await stage.issuer.token({ id: 'dev-1' });
    const other = await stage.issuer.token({ id: 'dev-2' });
    const mine = await aToken(stage.service, dev);
    await aToken(stage.service, other);

    const seen = await ask(stage.service, dev, 'tokens');
    expect(seen.nodes.map(({ id }: { id: string }) => id)).toEqual([mine.id]);
    expect(seen.totalCount).toBe(1);
    expect(await ask(stage.service, dev, 'tokens', { filter: { createdBy: 'dev-2' } })).toMatchObject({
      nodes: [],
      totalCount: 0,
    });
  });

  it('do not tell whether a token of somebody else exists', async () => {
    const dev = await stage.issuer.token({ id: 'dev-1' });
    const { id } = await foreignToken();
    const foreign = await send(stage.service, dev, 'token', { id });
    const unknown = await send(stage.service, dev, 'token', { id: randomUUID() });
    expect(foreign.code).toBe('NOT_FOUND');
    expect({ data: foreign.data, errors: foreign.errors }).toEqual({ data: unknown.data, errors: unknown.errors });
  });
});

describe('a token that a developer who does not own it tried to stop', () => {
  it.each([
    ['revokeToken', foreignToken],
    ['deleteToken', foreignRevokedToken],
  ] as const)('is as it was before %s', async (operation, target) => {
    const { id } = await target();
    const before = await ask(stage.service, ada, 'token', { id });
    const { code } = await send(stage.service, await tokenOf('developer'), operation, { input: { id } });
    expect(code).toBe('FORBIDDEN');
    expect(await ask(stage.service, ada, 'token', { id })).toEqual(before);
  });

  it('is on the audit trail with its name', async () => {
    const dev = await stage.issuer.token({ id: 'snooper' });
    const { id, name } = await aToken(stage.service, ada, { name: "Ada's token" });
    await send(stage.service, dev, 'revokeToken', { input: { id } });
    const [entry] = await denialsOf('snooper', 1);
    expect(entry).toMatchObject({ targetType: 'TOKEN', targetId: id, targetName: name });
  });
});

describe('a refusal', () => {
  it.each(['developer', 'auditor', 'nobody'] as const)(
    'of every operation that %s may not use is on the audit trail',
    async (caller) => {
      const user = { id: `refused-${caller}`, roles: [...callers[caller]] };
      const refused = cells.filter((cell) => cell.caller === caller && cell.expected === 'FORBIDDEN');
      const token = await stage.issuer.token(user);
      const asked = await Promise.all(refused.map(({ variables }) => variables('administrator')));
      await Promise.all(refused.map(({ operation }, index) => send(stage.service, token, operation, asked[index])));

      const count = (operation: string) => refused.filter((cell) => cell.operation === operation).length;
      const operations = [...new Set(refused.map(({ operation }) => operation))].sort();
      const entries = await denialsOf(user.id, refused.length);
      expect([...new Set(entries.map(({ details }) => details.operation))].sort()).toEqual(operations);
      for (const operation of operations) {
        const own = entries.filter(({ details }) => details.operation === operation);
        expect(own.reduce((sum, { details }) => sum + details.count, 0)).toBe(count(operation));
        expect(own[0]).toMatchObject({
          action: 'AccessDenied',
          actor: { kind: 'USER', id: user.id, name: `Name of ${user.id}` },
          reason: expect.stringMatching(/^You may not use |^This token belongs to somebody else/),
          details: { operation, code: 'FORBIDDEN' },
        });
      }
    },
    75_000,
  );

  it('that comes fifty times at once is one or two entries, whose counts make fifty', async () => {
    const flood = await stage.issuer.token({ id: 'flood', roles: [] });
    const aliases = Array.from({ length: 25 }, (_, index) => `a${index}: apps(first: 1) { totalCount }`);
    const answers = await Promise.all([1, 2].map(() => stage.service.graphql(flood, `{ ${aliases.join(' ')} }`)));
    expect(answers.map(({ code }) => code)).toEqual(['FORBIDDEN', 'FORBIDDEN']);

    const entries = await denialsOf('flood', 50);
    expect(entries.length).toBeLessThanOrEqual(2);
    expect(entries.reduce((sum, { details }) => sum + details.count, 0)).toBe(50);
    expect(entries[0]!.details).toMatchObject({ operation: 'apps', code: 'FORBIDDEN' });
  }, 75_000);

  it('without any credentials is a challenge that names no error', async () => {
    const answer = await send(stage.service, null, 'me');
    expect(answer).toMatchObject({ status: 401, code: 'UNAUTHENTICATED', data: undefined });
    const challenge = answer.headers.get('www-authenticate');
    expect(challenge).toMatch(/^Bearer\b/);
    expect(challenge).not.toContain('error');
  });
});

type Denial = { action: string; targetId: string | null; details: { operation: string; code: string; count: number } };

/** The refusals of one caller, once they add up: a second burst of the same is on the trail within a minute. */
async function denialsOf(actorId: string, total: number): Promise<Denial[]> {
  const nodes = async (): Promise<Denial[]> =>
    (await ask(stage.service, ada, 'auditTrail', { filter: { actorId, actions: ['AccessDenied'] } })).nodes;
  const sum = (entries: Denial[]) => entries.reduce((all, { details }) => all + details.count, 0);
  return eventually(nodes, (entries) => sum(entries) >= total, 70_000);
}
