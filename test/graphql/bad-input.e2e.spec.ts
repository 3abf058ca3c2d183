import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import { ask, documents } from '../support/operations.js';
import { anApp, aToken } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

/** Promise (design, section 4): whatever is sent, the answer has a code of the closed list, nothing internal leaks, nothing is stored. */

const closedList = [
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'BAD_USER_INPUT',
  'CONFLICT',
  'TOKEN_STILL_ACTIVE',
  'TOKEN_EXPIRED',
  'APP_DISABLED',
  'RATE_LIMITED',
  'UNAVAILABLE',
];

let stage: Stage;
let ada: string;
let appId: string;
/** Cursors of real pages. */
let cursors: { apps: string; appsByName: string; tokens: string; auditTrail: string };

beforeAll(async () => {
  stage = await startStage();
  const { service, issuer } = stage;
  ada = await issuer.token({ id: 'ada', roles: ['administrator'] });
  appId = (await anApp(service, ada)).id;
  await aToken(service, ada);
  const cursorOf = async (list: 'apps' | 'tokens' | 'auditTrail', order = {}) =>
    (await ask(service, ada, list, { first: 1, ...order })).edges[0].cursor as string;
  cursors = {
    apps: await cursorOf('apps'),
    appsByName: await cursorOf('apps', { orderBy: { field: 'NAME', direction: 'ASC' } }),
    tokens: await cursorOf('tokens'),
    auditTrail: await cursorOf('auditTrail'),
  };
});

afterAll(() => stage.close());

type Sent = { method?: string; path?: string; contentType?: string | null; body?: string };
type Reply = { status: number; text: string };

/** As raw as it gets: what a client library would never send. */
function post(token: string, { method = 'POST', path = '/graphql', contentType = 'application/json', body }: Sent) {
  return new Promise<Reply>((resolve, reject) => {
    const outgoing = request(`${stage.service.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        ...(contentType !== null && { 'content-type': contentType }),
        ...(body !== undefined && { 'content-length': Buffer.byteLength(body) }),
      },
    });
    outgoing.on('error', reject).on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, text }));
    });
    outgoing.end(body);
  });
}

/** Lone surrogates survive: `JSON.stringify` escapes them. */
const json = (query: unknown, variables?: unknown, more: object = {}): Sent => ({
  body: JSON.stringify({ query, ...(variables !== undefined && { variables }), ...more }),
});
const input = (operation: keyof typeof documents, fields: object) => json(documents[operation], { input: fields });
const page = (operation: keyof typeof documents, variables: object) => json(documents[operation], variables);
const forged = (parts: unknown) => Buffer.from(JSON.stringify(parts)).toString('base64url');
const inDays = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();
const times = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');

const malformedIds = ['', '1', 'not-a-uuid', `${randomUUID()}x`, `${randomUUID()}' or '1'='1`, '\0', 'ä'.repeat(500)];
const badNames: Record<string, string> = {
  empty: '',
  blank: ' \t ',
  'of 201 characters': 'n'.repeat(201),
  'of 201 characters of two units each': '😀'.repeat(201),
  'with NUL': 'a\0b',
  'with a control character': 'a\u0007b',
  'with a line end': 'a\nb',
  'with a C1 control character': 'a\u0085b',
  'with a right-to-left override': 'a\u202Eb',
  'with an isolate': 'a\u2066b',
  'with a lone high surrogate': 'a\uD800b',
  'with a lone low surrogate': 'a\uDC00b',
  'with a line separator': 'a\u2028b',
};
const notDates: Record<string, unknown> = {
  'not-a-date': 'not-a-date',
  'a day that does not exist': '2027-02-30T00:00:00Z',
  'a month that does not exist': '2027-13-01T00:00:00Z',
  'no zone': '2027-01-31T12:00:00',
  'a day only': '2027-01-31',
  'a zone that does not exist': '2027-01-31T12:00:00+99:99',
  'a number': 1_900_000_000_000,
  'a boolean': true,
  empty: '',
  'a list': ['2027-01-31T12:00:00Z'],
};

const badFields = (name: string, values: Record<string, unknown>, make: (value: unknown) => Sent) =>
  Object.entries(values).map(([what, value]): [string, () => Sent] => [`${name} ${what}`, () => make(value)]);

const cases: [string, () => Sent][] = [
  // Ids
  ...malformedIds.flatMap((id): [string, () => Sent][] => [
    [`app of the id ${JSON.stringify(id.slice(0, 50))}`, () => json(documents.app, { id })],
    [`disableApp of the id ${JSON.stringify(id.slice(0, 50))}`, () => input('disableApp', { id })],
    [`deleteToken of the id ${JSON.stringify(id.slice(0, 50))}`, () => input('deleteToken', { id })],
    [
      `the trail of the target ${JSON.stringify(id.slice(0, 50))}`,
      () => page('auditTrail', { filter: { targetId: id } }),
    ],
  ]),
  ['an id that is a number', () => json(documents.token, { id: 1 })],
  ['an id that is null', () => json(documents.token, { id: null })],
  ['an ownerId with NUL', () => input('revokeTokensOf', { ownerId: 'a\0b' })],
  ['an ownerId that is empty', () => input('revokeTokensOf', { ownerId: '' })],
  ['an ownerId of 256 characters', () => input('revokeTokensOf', { ownerId: 'o'.repeat(256) })],

  // Text
  ...badFields('an app name', badNames, (name) => input('addApp', { name })),
  ...badFields('a token name', badNames, (name) => input('createToken', { name })),
  ...badFields('a name', { 'that is null': null, 'that is a number': 1, 'that is a list': ['a', 'b'] }, (name) =>
    input('addApp', { name }),
  ),
  ['a name that is missing', () => input('createToken', {})],
  ...badFields(
    'a description',
    { 'of 1001 characters': 'd'.repeat(1_001), 'with NUL': 'a\0b', 'with a lone surrogate': 'a\uD800b' },
    (description) => input('addApp', { name: 'n', description }),
  ),
  ...badFields(
    'an idempotencyKey',
    { empty: '', blank: ' ', 'of 201 characters': 'k'.repeat(201), 'with NUL': 'a\0b' },
    (idempotencyKey) => input('addApp', { name: 'n', idempotencyKey }),
  ),
  ...badFields('a searched name', { 'with NUL': '\0', 'of 201 characters': 'n'.repeat(201) }, (name) =>
    page('apps', { filter: { name } }),
  ),
  ...badFields('a searched text', { 'with NUL': '\0', 'with a lone surrogate': '\uD800' }, (text) =>
    page('auditTrail', { filter: { text } }),
  ),
  ...badFields('a createdBy', { 'with NUL': 'a\0', 'of 256 characters': 'c'.repeat(256) }, (createdBy) =>
    page('tokens', { filter: { createdBy } }),
  ),
  ['an actorId with NUL', () => page('auditTrail', { filter: { actorId: '\0' } })],

  // Times
  ...badFields('an expiresAt:', notDates, (expiresAt) => input('createToken', { name: 'n', expiresAt })),
  ...badFields('an expiringBefore:', notDates, (expiringBefore) => page('tokens', { filter: { expiringBefore } })),
  ...badFields('a from:', notDates, (from) => page('auditTrail', { filter: { from } })),
  [
    'an expiresAt in the document: not-a-date',
    () => json('mutation { createToken(input: { name: "n", expiresAt: "not-a-date" }) { value } }'),
  ],
  [
    'an expiresAt in the document: a number',
    () => json('mutation { createToken(input: { name: "n", expiresAt: 1900000000000 }) { value } }'),
  ],
  ...badFields(
    'an expiresAt',
    {
      'in the past': inDays(-1),
      'beyond 12 months': inDays(367),
      'in the year 0': '0000-01-01T00:00:00Z',
      'in the year 9999': '9999-12-31T23:59:59Z',
    },
    (expiresAt) => input('createToken', { name: 'n', expiresAt }),
  ),
  ...badFields(
    'an overlap',
    {
      empty: '',
      'of 31 days': 'P31D',
      'of a month': 'P1M',
      'of a year': 'P1Y',
      negative: '-PT1H',
      'that is a number': 60,
      'that is no duration': 'tomorrow',
      infinite: `P${'9'.repeat(400)}D`,
    },
    (overlap) => input('rotateAppSecret', { id: appId, overlap }),
  ),

  // Enumerations and lists
  ['a status that does not exist', () => page('apps', { filter: { status: ['DELETED'] } })],
  [
    'a sort field that is SQL',
    () => page('apps', { orderBy: { field: 'name; drop table read.apps', direction: 'ASC' } }),
  ],
  ['a permission that does not exist', () => input('changeAppPermissions', { id: appId, grant: ['EVERYTHING'] })],
  [
    'a permission granted and withdrawn at once',
    () => input('changeAppPermissions', { id: appId, grant: ['EXPIRE_TOKENS'], withdraw: ['EXPIRE_TOKENS'] }),
  ],
  ['21 permissions', () => input('changeAppPermissions', { id: appId, grant: Array(21).fill('EXPIRE_TOKENS') })],

  // Pages
  ...(['apps', 'tokens', 'auditTrail'] as const).flatMap((list) =>
    badFields(
      `${list} with first`,
      {
        '0': 0,
        '-1': -1,
        '201': 201,
        'a million': 1_000_000,
        'beyond 32 bits': 2 ** 40,
        null: null,
        '1.5': 1.5,
        text: '1',
      },
      (first) => page(list, { first }),
    ),
  ),
  ...badFields(
    'credentialsInUse of days:',
    { '0': 0, '-1': -1, '91': 91, 'beyond 32 bits': 2 ** 40, null: null, '1.5': 1.5, text: '1' },
    (days) => page('credentialsInUse', { days }),
  ),
  ...(['apps', 'tokens', 'auditTrail'] as const).flatMap((list) =>
    badFields(
      `${list} after`,
      {
        'an empty cursor': '',
        'no cursor': 'garbage',
        'a cursor with NUL': '\0',
        'a long one': 'x'.repeat(2_001),
        'an empty object': forged({}),
        'an empty list': forged([]),
        'a huge number': forged(['auditTrail', 'position', 'DESC', '9999999999999999999', randomUUID()]),
        'a negative number': forged(['auditTrail', 'position', 'DESC', '-1', randomUUID()]),
        'an id that is none': forged([list, 'CREATED_AT', 'DESC', '2026-01-01T00:00:00.000Z', 'x']),
        'a time that is none': forged([list, 'CREATED_AT', 'DESC', 'now', randomUUID()]),
        'a day that does not exist': forged([list, 'CREATED_AT', 'DESC', '2026-02-30T00:00:00.000Z', randomUUID()]),
        'the year 0': forged([list, 'CREATED_AT', 'DESC', '0000-01-01T00:00:00.000Z', randomUUID()]),
        SQL: forged([list, 'CREATED_AT', 'DESC', "2026-01-01'::text; drop table read.apps --", randomUUID()]),
      },
      (after) => page(list, { after }),
    ),
  ),
  ['a cursor of the tokens in the apps', () => page('apps', { after: cursors.tokens })],
  ['a cursor of the apps in the tokens', () => page('tokens', { after: cursors.apps })],
  ['a cursor of the apps in the trail', () => page('auditTrail', { after: cursors.apps })],
  ['a cursor of the trail in the apps', () => page('apps', { after: cursors.auditTrail })],
  ['a cursor of another order', () => page('apps', { after: cursors.appsByName })],
  [
    'a cursor of the other direction',
    () => page('apps', { after: cursors.appsByName, orderBy: { field: 'NAME', direction: 'DESC' } }),
  ],
  ['a cursor cut short', () => page('apps', { after: cursors.apps.slice(0, -10) })],
  [
    'a cursor by name with NUL',
    () =>
      page('apps', {
        after: forged(['apps', 'NAME', 'ASC', 'a\0', randomUUID()]),
        orderBy: { field: 'NAME', direction: 'ASC' },
      }),
  ],

  // Documents
  ['an unknown input field', () => input('addApp', { name: 'n', status: 'DISABLED' })],
  ['a tenant as an input field', () => input('addApp', { name: 'n', tenantId: 'other' })],
  [
    'a polluting input field',
    () => ({
      body: `{"query":${JSON.stringify(documents.addApp)},"variables":{"input":{"name":"n","__proto__":{"a":1}}}}`,
    }),
  ],
  ['an unknown argument', () => json('{ apps(tenant: "other") { totalCount } }')],
  ['an unknown field', () => json('{ apps { nodes { clientSecret } } }')],
  ['an unknown query', () => json('{ everything }')],
  ['an unknown variable type', () => json('query ($x: Nothing) { me { id } }')],
  ['a variable that is not declared', () => json('{ app(id: $id) { id } }')],
  ['a subscription', () => json('subscription { apps { totalCount } }')],
  ['2,000 aliases', () => json(`{ ${times(2_000, (index) => `a${index}: me { id }`)} }`)],
  ['31 aliases', () => json(`{ ${times(31, (index) => `a${index}: me { id }`)} }`)],
  [
    '31 aliases of a mutation',
    () => json(`mutation { ${times(31, (index) => `a${index}: addApp(input: { name: "n" }) { stale }`)} }`),
  ],
  [
    '31 aliases in a fragment',
    () => json(`{ ...f } fragment f on Query { ${times(31, (index) => `a${index}: me { id }`)} }`),
  ],
  ['50 levels', () => json(`{ ${'edges { node { '.repeat(25)} id ${'} } '.repeat(25)} }`)],
  [
    '50 levels through fragments',
    () =>
      json(
        `{ ...f0 } ${times(49, (index) => `fragment f${index} on Query { x { ...f${index + 1} } }`)} fragment f49 on Query { me { id } }`,
      ),
  ],
  ['a fragment that spreads itself', () => json('{ ...f } fragment f on Query { me { id } ...f }')],
  [
    'fragments that spread each other',
    () => json('{ ...f } fragment f on Query { ...g } fragment g on Query { ...f }'),
  ],
  [
    'fragments that all spread all',
    () =>
      json(
        `{ ...f0 } ${times(20, (index) => `fragment f${index} on Query { me { id } ${times(20, (other) => `...f${other}`)} }`)}`,
      ),
  ],
  [
    'fragments that double forty times',
    () =>
      json(
        `{ ...f0 } ${times(40, (index) => `fragment f${index} on Query { ...f${index + 1} ...f${index + 1} }`)} fragment f40 on Query { me { id } }`,
      ),
  ],
  [
    'fields that double forty times',
    () =>
      json(
        `{ ...f0 } ${times(14, (index) => `fragment f${index} on Query { me { id } ${times(8, () => `...f${index + 1}`)} }`)} fragment f14 on Query { me { id } }`,
      ),
  ],
  ['too many tokens', () => json(`{ me { ${'id '.repeat(3_000)} } }`)],
  ['too many directives', () => json(`{ me ${'@include(if: true) '.repeat(300)} { id } }`)],
  [
    'a page that costs too much',
    () =>
      json(
        '{ apps(first: 200) { nodes { id secrets { id hint } createdBy { id name } } edges { cursor node { id name secrets { id hint createdAt expiresAt } createdBy { id name } description clientId status permissions createdAt updatedAt lastUsedAt } } pageInfo { hasNextPage } } tokens(first: 200) { nodes { id name status createdAt expiresAt revokedAt identifier lastUsedAt createdBy { id name } revokedBy { id name } } edges { node { id name status createdAt expiresAt revokedAt identifier lastUsedAt createdBy { id name } revokedBy { id name } } } } }',
      ),
  ],
  ['thirty pages', () => json(`{ ${times(30, (index) => `a${index}: apps(first: 200) { nodes { id name } }`)} }`)],
  ['an empty query', () => json('')],
  ['a blank query', () => json('  \n ')],
  ['only a comment', () => json('# nothing')],
  ['no query', () => ({ body: '{}' })],
  ['a query that is a number', () => json(1)],
  ['a query that is an object', () => json({ a: 1 })],
  ['a query that is null', () => json(null)],
  ['a query that does not end', () => json('{ me { id }')],
  ['a query of NUL', () => json('\0')],
  ['an operationName that does not exist', () => json('query A { me { id } }', {}, { operationName: 'B' })],
  ['an operationName of a document that names none', () => json('{ me { id } }', {}, { operationName: 'B' })],
  ['an operationName that is an object', () => json('query A { me { id } }', {}, { operationName: {} })],
  ['two operations without a name of one', () => json('query A { me { id } } query B { me { id } }')],
  ['variables that are text', () => json('{ me { id } }', 'x')],
  ['variables that are a list', () => json('{ me { id } }', [1])],
  ['variables of a wrong type', () => json('query ($n: Int!) { apps(first: $n) { totalCount } }', { n: 'many' })],
  ['an input that is text', () => json(documents.addApp, { input: 'n' })],
  ['an input that is a list', () => json(documents.addApp, { input: [{ name: 'n' }, { name: 'm' }] })],
  ['an input that is null', () => json(documents.addApp, { input: null })],
  ['extensions that are text', () => json('{ me { id } }', {}, { extensions: 'x' })],
  [
    'a persisted query that nobody keeps',
    () => ({ body: JSON.stringify({ extensions: { persistedQuery: { version: 1, sha256Hash: 'a'.repeat(64) } } }) }),
  ],

  // HTTP
  ['malformed JSON', () => ({ body: '{"query": "{ me { id } }"' })],
  ['JSON that is a text', () => ({ body: '"{ me { id } }"' })],
  ['JSON that is null', () => ({ body: 'null' })],
  ['no body', () => ({})],
  ['an empty body', () => ({ body: '' })],
  ['a batch', () => ({ body: JSON.stringify([{ query: '{ me { id } }' }, { query: '{ me { id } }' }]) })],
  ['an empty batch', () => ({ body: '[]' })],
  ['a body of 200 kB', () => json(`{ me { id } } # ${'x'.repeat(200_000)}`)],
  ['a body of 200 kB of variables', () => json('{ me { id } }', { x: 'x'.repeat(200_000) })],
  [
    'deeply nested JSON',
    () => ({ body: `{"query":"{ me { id } }","variables":${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}` }),
  ],
  ['text/plain', () => ({ contentType: 'text/plain', body: JSON.stringify({ query: '{ me { id } }' }) })],
  ['a form', () => ({ contentType: 'application/x-www-form-urlencoded', body: 'query={me{id}}' })],
  ['a multipart form', () => ({ contentType: 'multipart/form-data; boundary=x', body: '--x--' })],
  ['no content type', () => ({ contentType: null, body: JSON.stringify({ query: '{ me { id } }' }) })],
  ['application/graphql', () => ({ contentType: 'application/graphql', body: '{ me { id } }' })],
  ['GET', () => ({ method: 'GET', path: '/graphql?query={me{id}}' })],
  [
    'GET with a preflight header',
    () => ({ method: 'GET', path: '/graphql?query={me{id}}', contentType: 'application/json' }),
  ],
];

describe('bad input', () => {
  it.each(cases)(
    '%s',
    async (_what, make) => {
      const events = await stage.countEvents();
      const { status, text } = await post(ada, make());

      expect(status).toBeLessThan(500);
      const codes = codesIn(text);
      expect(codes).not.toEqual([]);
      for (const code of codes) expect(closedList).toContain(code);
      expect(codes).toContain('BAD_USER_INPUT');
      // Neither where our code is, nor what it is made of.
      expect(text).not.toMatch(
        /node_modules|stacktrace|\.js:\d|\.ts:\d|at \w+ \(|QueryFailed|postgres|typeorm|GRAPHQL_|FST_/i,
      );
      expect(await stage.countEvents()).toBe(events);
      expect(await ask(stage.service, ada, 'me')).toMatchObject({ id: 'ada' });
    },
    20_000,
  );

  it('leaves the apps as they were', async () => {
    const { nodes } = await ask(stage.service, ada, 'apps');
    expect(nodes).toMatchObject([{ id: appId, name: 'An app', status: 'ACTIVE', permissions: [], description: '' }]);
    expect(nodes[0].secrets).toHaveLength(1);
  });

  it('puts nothing unforeseen into the log of the service', () => {
    expect(stage.service.output()).not.toMatch(/"level":[56]0/);
  });
});

describe('a method that is not POST', () => {
  it.each(['PUT', 'DELETE', 'PATCH'])('%s is refused', async (method) => {
    const { status, text } = await post(ada, { ...json('{ me { id } }'), method });
    expect([404, 405]).toContain(status);
    expect(closedList).toContain(codesIn(text)[0]);
    expect(text).not.toContain('ada');
  });
});

describe('input at the limits', () => {
  it.each([
    ['an app name of 200 characters', 'addApp', { name: '😀'.repeat(200) }],
    ['a token name of 200 characters', 'createToken', { name: 'n'.repeat(200) }],
    ['a description of 1000 characters with lines', 'addApp', { name: 'n', description: `${'d'.repeat(998)}\n\t` }],
    ['an idempotencyKey of 200 characters', 'addApp', { name: 'n', idempotencyKey: 'k'.repeat(200) }],
    ['a name in many scripts', 'addApp', { name: "Zürich 東京 عربي 👩‍👩‍👧 O'Neil; drop table" }],
    ['an overlap of 30 days', 'rotateAppSecret', { overlap: 'P30D' }],
    ['an expiresAt with an offset', 'createToken', { name: 'n', expiresAt: inDays(300).replace('Z', '+02:00') }],
  ] as const)('%s is fine', async (_what, operation, fields) => {
    const id = operation === 'rotateAppSecret' ? { id: appId } : {};
    expect(await ask(stage.service, ada, operation, { ...id, ...fields })).toMatchObject({ stale: false });
  });

  it.each([1, 90])('the credentials in use of %d days are fine', async (days) => {
    const { data } = await stage.service.graphql(ada, documents.credentialsInUse, { days });
    expect(data.credentialsInUse).toHaveLength(days);
  });

  it.each([
    [0, 'days must be at least 1'],
    [91, 'days must be at most 90'],
  ])('those of %d days are refused with the limit', async (days, sentence) => {
    const { errors } = await stage.service.graphql(ada, documents.credentialsInUse, { days });
    expect(errors?.[0].message).toContain(sentence);
  });

  it('30 aliases, 15 levels and first 200 are fine', async () => {
    const aliases = times(30, (index) => `a${index}: me { id }`);
    expect((await stage.service.graphql(ada, `{ ${aliases} }`)).errors).toBeUndefined();
    expect((await stage.service.graphql(ada, '{ apps(first: 200) { nodes { id } } }')).errors).toBeUndefined();
  });
});

describe('in production', () => {
  it('introspection is off, and no mistyped field is corrected', async () => {
    const production = await stage.another({ NODE_ENV: 'production', HOST: '127.0.0.1', ROLES: 'api' });
    for (const query of ['{ __schema { types { name } } }', '{ __type(name: "App") { fields { name } } }']) {
      const answer = await production.graphql(ada, query);
      expect(answer).toMatchObject({ code: 'BAD_USER_INPUT', data: undefined });
    }
    for (const query of [
      '{ app { id } }',
      '{ aps { totalCount } }',
      '{ apps(frist: 1) { totalCount } }',
      '{ apps { nodes { nam } } }',
      'mutation { addApp(input: { nam: "n" }) { stale } }',
      '{ apps(filter: { status: [ACTIV] }) { totalCount } }',
    ]) {
      const answer = await production.graphql(ada, query);
      expect(answer.code).toBe('BAD_USER_INPUT');
      expect(JSON.stringify(answer.errors)).not.toMatch(/did you mean/i);
    }
    const mistyped = await production.graphql(
      ada,
      'mutation ($input: AddAppInput!) { addApp(input: $input) { stale } }',
      {
        input: { name: 'n', descripton: 'x' },
      },
    );
    expect(mistyped.code).toBe('BAD_USER_INPUT');
    expect(JSON.stringify(mistyped.errors)).not.toMatch(/did you mean/i);
  });
});

/** Of every error in an answer; an answer of plain HTTP has the same form. */
function codesIn(text: string): string[] {
  const { errors } = JSON.parse(text) as { errors?: { extensions?: { code?: string } }[] };
  return (errors ?? []).map(({ extensions }) => String(extensions?.code));
}
