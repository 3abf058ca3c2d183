import { jest } from '@jest/globals';
import { newSecret } from '../../src/secrets/format.js';
import { generateKeyRing, parseKeyRing } from '../../src/secrets/key-ring.js';
import type { Service } from '../support/service.js';
import { eventually } from '../support/eventually.js';
import { basic, inBody, type Credentials } from '../support/oauth.js';
import { setUp, type Setup } from './setup.js';

/** Starting a process takes its time on a busy machine. */
jest.setTimeout(120_000);

/** Promise: no secret, and nothing that decrypts to one, is ever in an event, a row, a log line, an error or a metric. */

let setup: Setup;
let service: Service;

/** Everything secret that is known after the session, by what it is. */
const secrets = new Map<string, Buffer>();
/** Every answer as it went over the wire, without those that have to show a secret. */
const answers: { what: string; text: string }[] = [];
const codes = new Set<string>();
/** Of the OAuth endpoints. */
const statuses = new Set<number>();

const keyRing = await generateKeyRing();

beforeAll(async () => {
  setup = await setUp();
  service = await setup.start({ KEY_RING: keyRing, LOG_LEVEL: 'trace', EXPIRE_TOKENS_EVERY: 'PT1S' });
  await session();
});

afterAll(() => setup.end());

function remember(what: string, secret: string | Buffer): void {
  secrets.set(what, Buffer.from(secret));
}

async function ask(what: string, bearer: string | null, query: string, variables: object = {}, body?: string) {
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(bearer && { authorization: `Bearer ${bearer}` }) },
    body: body ?? JSON.stringify({ query, variables }),
  });
  const text = await response.text();
  const { data, errors } = JSON.parse(text) as { data?: any; errors?: any[] };
  const shown = JSON.stringify(data ?? null).match(/lk_(?:sec|pat)_\w+/g) ?? [];
  if (errors) codes.add(errors[0].extensions.code);
  return {
    data,
    text,
    shown,
    keep: () => answers.push({ what, text: `${JSON.stringify([...response.headers])} ${text}` }),
  };
}

/** An answer that must not show anything. */
async function quiet(what: string, bearer: string | null, query: string, variables: object = {}, body?: string) {
  const { data, keep } = await ask(what, bearer, query, variables, body);
  keep();
  return data;
}

/** An answer that shows one secret, which is remembered. */
async function telling(what: string, bearer: string, query: string): Promise<{ data: any; secret: string }> {
  const { data, shown, text } = await ask(what, bearer, query);
  if (shown.length !== 1) throw new Error(`${what} was to show one secret: ${text}`);
  remember(what, shown[0]);
  return { data, secret: shown[0] };
}

const CREDENTIALS = 'app { id secrets { id hint } } credentials { clientId clientSecret }';

const appIds = { deleted: '', rotated: '', overlapping: '' };

async function session(): Promise<void> {
  const { ada, dev, aud } = setup;
  for (const [user, jwt] of Object.entries({ ada, dev, aud })) remember(`the JWT of ${user}`, jwt);
  remember('the database password', decodeURIComponent(new URL(setup.database.url).password));
  const { sign, pepper, vault } = parseKeyRing(keyRing);
  for (const { id, key } of [...pepper, ...vault]) remember(`the key ${id}`, key);
  for (const { alg, privateKey } of sign) {
    remember(`the ${alg} key`, privateKey.export({ format: 'der', type: 'pkcs8' }));
    const { d, p, q } = privateKey.export({ format: 'jwk' });
    for (const [name, number] of Object.entries({ d, p, q }))
      if (number) remember(`the number ${name} of the ${alg} key`, Buffer.from(number, 'base64url'));
  }

  const added: string[] = [];
  let credentials: Credentials = { clientId: '', clientSecret: '' };
  for (const name of ['deleted', 'rotated', 'overlapping', 'plain']) {
    const input = `name: "${name}", description: "An app", idempotencyKey: "add-${name}"`;
    const { data } = await telling(
      `the secret of ${name}`,
      dev,
      `mutation { addApp(input: { ${input} }) { ${CREDENTIALS} } }`,
    );
    added.push(data.addApp.app.id);
    credentials = data.addApp.credentials;
    if (name in appIds) appIds[name as keyof typeof appIds] = data.addApp.app.id;
  }
  const [id = ''] = added.slice(-1);
  await telling('a secret viewed', dev, `mutation { viewAppCredentials(input: { id: "${id}" }) { ${CREDENTIALS} } }`);
  const rotate = (target: string, overlap: string) =>
    `mutation { rotateAppSecret(input: { id: "${target}", overlap: "${overlap}" }) { ${CREDENTIALS} } }`;
  await telling('a secret after a rotation without overlap', dev, rotate(appIds.rotated, 'PT0S'));
  await telling('a second secret beside the first', dev, rotate(appIds.overlapping, 'PT24H'));
  await telling('a third secret', dev, rotate(appIds.overlapping, 'PT24H'));
  const create = (input: string) => `mutation { createToken(input: { ${input} }) { token { id identifier } value } }`;
  const soon = new Date(Date.now() + 3_000).toISOString();
  const { data: first } = await telling('a token', dev, create('name: "First", idempotencyKey: "first"'));
  const { data: other, secret } = await telling('a token to revoke', dev, create('name: "Second"'));
  const { data: brief } = await telling('a token that expires', dev, create(`name: "Brief", expiresAt: "${soon}"`));
  await telling("an administrator's token", ada, create('name: "Of ada"'));
  const [tokenId, otherId, briefId] = [first, other, brief].map(({ createToken }) => createToken.token.id as string);

  // The mutations that show nothing.
  await quiet('the same token again', dev, create('name: "First", idempotencyKey: "first"'));
  await quiet('disable', dev, `mutation { disableApp(input: { id: "${id}" }) { app { id status } } }`);
  await quiet('APP_DISABLED', dev, rotate(id, 'PT0S'));
  await quiet('activate', dev, `mutation { activateApp(input: { id: "${id}" }) { app { id status } } }`);
  const grant = 'grant: [INTROSPECT_TOKENS, EXPIRE_TOKENS]';
  await quiet('permissions', ada, `mutation { changeAppPermissions(input: { id: "${id}", ${grant} }) { app { id } } }`);
  await oauthSession(credentials, secret);
  await quiet('TOKEN_STILL_ACTIVE', dev, `mutation { deleteToken(input: { id: "${tokenId}" }) { id } }`);
  await quiet('revoke', dev, `mutation { revokeToken(input: { id: "${otherId}" }) { token { id status } } }`);
  await quiet('delete a token', dev, `mutation { deleteToken(input: { id: "${otherId}" }) { id } }`);
  await quiet('delete an app', dev, `mutation { deleteApp(input: { id: "${appIds.deleted}" }) { id } }`);
  await eventually(
    () => service.graphql(dev, `{ token(id: "${briefId}") { status } }`),
    ({ data }) => data.token.status === 'EXPIRED',
  );
  await quiet('TOKEN_EXPIRED', dev, `mutation { revokeToken(input: { id: "${briefId}" }) { stale } }`);
  await quiet('expire', ada, 'mutation { expireTokens(input: {}) { expiredCount } }');
  await quiet('revoke all', ada, 'mutation { revokeTokensOf(input: { ownerId: "dev" }) { revokedCount } }');

  // Errors of every kind, some with a secret where it does not belong.
  await quiet('UNAUTHENTICATED', null, '{ me { id } }');
  const expired = await setup.issuer.sign({ exp: 1_000_000_000 });
  const forged = `${ada.slice(0, -8)}AAAAAAAA`;
  for (const [what, bearer] of Object.entries({ 'an expired JWT': expired, 'a forged JWT': forged })) {
    remember(what, bearer);
    await quiet(what, bearer, '{ me { id } }');
  }
  await quiet('a token as bearer', secret, '{ me { id } }');
  await quiet('FORBIDDEN', aud, create('name: "Not allowed"'));
  await quiet('FORBIDDEN', dev, `mutation { changeAppPermissions(input: { id: "${id}", ${grant} }) { app { id } } }`);
  await quiet('FORBIDDEN', dev, '{ auditTrail { nodes { id } } }');
  await quiet(
    'NOT_FOUND',
    dev,
    `mutation { viewAppCredentials(input: { id: "${appIds.deleted}" }) { ${CREDENTIALS} } }`,
  );
  await quiet('CONFLICT', dev, create('name: "Another", idempotencyKey: "first"'));
  await quiet('BAD_USER_INPUT', dev, create(`name: "${'x'.repeat(201)}"`));
  await quiet('a secret as id', dev, 'query ($id: ID!) { token(id: $id) { id } }', { id: secret });
  await quiet('a secret as cursor', dev, 'query ($after: String) { apps(after: $after) { totalCount } }', {
    after: secret,
  });
  await quiet('a broken document', dev, '{ apps { nodes ');
  await quiet('a broken body', dev, '', {}, `{"query": "${secret}`);
  await brokenInside(id, rotate, create);

  // Everything that may be read.
  const fields = 'id name status createdBy { id name } lastUsedAt';
  for (const [who, bearer] of Object.entries({ ada, dev, aud })) {
    await quiet(
      `the apps, for ${who}`,
      bearer,
      `{ apps { nodes { ${fields} clientId secrets { id hint expiresAt } } } }`,
    );
    await quiet(`the tokens, for ${who}`, bearer, `{ tokens { nodes { ${fields} identifier } } }`);
  }
  const entry = 'action targetName reason details ip userAgent correlationId actor { id name }';
  await quiet('the audit trail', aud, `{ auditTrail(first: 200) { nodes { ${entry} } } }`);
  for (const path of ['/health/live', '/health/ready', '/metrics', '/nowhere', `/nowhere?token=${secret}`])
    answers.push({ what: path, text: await (await fetch(`${service.url}${path}`)).text() });
}

/** Everything at the OAuth endpoints, with what is right and what is wrong, and where it does not belong. */
async function oauthSession(app: Credentials, token: string): Promise<void> {
  const send = async (what: string, path: string, init: { form?: Record<string, string>; headers?: object } = {}) => {
    const { form, headers } = init;
    const response = await fetch(service.url + path, {
      ...(form && { method: 'POST', body: new URLSearchParams(form) }),
      headers: { ...headers },
    });
    const text = await response.text();
    statuses.add(response.status);
    return { what, text, told: `${JSON.stringify([...response.headers])} ${text}` };
  };
  const still = async (...request: Parameters<typeof send>) => {
    const { what, told } = await send(...request);
    answers.push({ what, text: told });
  };
  const grant = { grant_type: 'client_credentials' };
  const anAccessToken = async (what: string, form: Record<string, string>, headers = {}): Promise<string> => {
    const { text } = await send(what, '/oauth/token', { form: { ...grant, ...form }, headers });
    const { access_token } = JSON.parse(text) as { access_token: string };
    remember(what, access_token);
    remember(`the signature of ${what}`, access_token.split('.')[2] ?? '');
    return access_token;
  };
  const wrongSecret = newSecret('lk_sec_');
  const unknownToken = newSecret('lk_pat_');
  remember('a wrong client secret', wrongSecret);
  remember('an unknown token', unknownToken);
  const wrong = { ...app, clientSecret: wrongSecret };

  const accessToken = await anAccessToken('an access token', {}, basic(app));
  const another = await anAccessToken('another access token', inBody(app));
  const forged = `${another.slice(0, -6)}AAAAAA`;
  remember('a forged access token', forged);
  for (const [what, each] of Object.entries({ accessToken, token, unknownToken, forged, secret: app.clientSecret })) {
    await still(`introspection of ${what}`, '/oauth/introspect', { form: { token: each }, headers: basic(app) });
    await still(`introspection of ${what}, body`, '/oauth/introspect', { form: { token: each, ...inBody(app) } });
    await still(`introspection of ${what} by nobody`, '/oauth/introspect', { form: { token: each } });
    await still(`introspection with ${what} as bearer`, '/oauth/introspect', {
      form: { token: each },
      headers: { authorization: `Bearer ${each}` },
    });
    await still(`${what} in the address`, `/oauth/introspect?token=${each}`, { form: { token: each } });
    await still(`${what} in the address of GET`, `/oauth/introspect?token=${each}`);
    await still(`${what} in a broken address`, `/oauth/%zz?token=${each}`);
    await still(`${what} as type`, '/oauth/introspect', { headers: { 'content-type': each }, form: { token: each } });
    await still(`${what} as hint`, '/oauth/revoke', {
      form: { token: 'x', token_type_hint: each },
      headers: basic(app),
    });
    await quiet(`${what} as bearer`, each, '{ me { id } }');
  }
  for (const [what, each] of Object.entries({ right: app, wrong })) {
    const query = new URLSearchParams(inBody(each)).toString();
    await still(`the ${what} secret in the address`, `/oauth/token?${query}`, { form: grant });
    await still(`the ${what} secret by both ways`, '/oauth/token', {
      form: { ...grant, ...inBody(each) },
      headers: basic(each),
    });
    await still(`the ${what} secret as parameter`, '/oauth/token', {
      form: { grant_type: each.clientSecret, scope: each.clientSecret, audience: each.clientSecret },
      headers: basic(app),
    });
    await still(`the ${what} secret as id`, '/oauth/token', {
      form: { ...grant, client_id: each.clientSecret, client_secret: each.clientSecret },
    });
  }
  // Enough to be limited.
  for (let count = 0; count < 25; count += 1)
    await still('the wrong secret', '/oauth/token', {
      form: { ...grant, ...(count % 2 ? inBody(wrong) : {}) },
      headers: count % 2 ? {} : basic(wrong),
    });
  await setup.database.query('alter table oauth.revoked_access_tokens rename to away');
  await still('a broken look-up', '/oauth/introspect', { form: { token: accessToken }, headers: basic(app) });
  await still('a broken revocation', '/oauth/revoke', { form: { token: accessToken }, headers: basic(app) });
  await setup.database.query('alter table oauth.away rename to revoked_access_tokens');
  await still('revocation', '/oauth/revoke', { form: { token: accessToken }, headers: basic(app) });
  await still('revocation of a token', '/oauth/revoke', { form: { token }, headers: basic(app) });
  await still('a revoked access token', '/oauth/introspect', { form: { token: accessToken }, headers: basic(app) });
  for (const path of ['/.well-known/oauth-authorization-server', '/.well-known/jwks.json']) await still(path, path);
}

/** Failures that nobody foresaw: they are logged with all that is known about them. */
async function brokenInside(
  id: string,
  rotate: (id: string, overlap: string) => string,
  create: (input: string) => string,
) {
  const { query } = setup.database;
  await query('alter table vault.client_secrets rename ciphertext to elsewhere');
  await quiet('INTERNAL', setup.dev, 'mutation { addApp(input: { name: "Broken" }) { app { id } } }');
  await quiet('INTERNAL', setup.dev, `mutation { viewAppCredentials(input: { id: "${id}" }) { ${CREDENTIALS} } }`);
  await query('alter table vault.client_secrets rename elsewhere to ciphertext');
  if (isLogInDatabase()) {
    await query('alter table log.events rename metadata to elsewhere');
    await quiet('INTERNAL', setup.dev, create('name: "Broken"'));
    await quiet('INTERNAL', setup.dev, rotate(id, 'PT0S'));
    await query('alter table log.events rename elsewhere to metadata');
  }
  await eventually(
    () => fetch(`${service.url}/health/ready`),
    ({ status }) => status === 200,
  );
}

/** The forms in which bytes could hide in a text. Of base64 the part that does not depend on what stands around it. */
function formsOf(secret: Buffer): Set<string> {
  const hex = secret.toString('hex');
  const base64 = [0, 1, 2].map((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), secret]).toString('base64');
    return padded.slice(offset === 0 ? 0 : 4, Math.floor((offset + secret.length) / 3) * 4);
  });
  const text = secret.toString('latin1');
  return new Set([
    text,
    encodeURIComponent(secret.toString('utf8')),
    encodeURIComponent(secret.toString('base64')),
    hex,
    hex.toUpperCase(),
    ...base64,
    ...base64.map((each) => each.replaceAll('+', '-').replaceAll('/', '_')),
  ]);
}

const forms = new Map<string, Set<string>>();

/** What of the secrets can be read in a text, in any form. */
function secretsIn(text: string): string[] {
  for (const [what, secret] of secrets) if (!forms.has(what)) forms.set(what, formsOf(secret));
  return [...forms].filter(([, each]) => [...each].some((form) => text.includes(form))).map(([what]) => what);
}

/** Every column of every table as text; bytes both as hex and as they are. */
async function databaseText(): Promise<Map<string, string>> {
  const columns: { schema: string; table: string; column: string; type: string }[] = await setup.database.query(
    `select table_schema as schema, table_name as "table", column_name as "column", data_type as type
     from information_schema.columns join information_schema.tables using (table_schema, table_name)
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const texts = new Map<string, string>();
  for (const { schema, table, column, type } of columns) {
    const rows = await setup.database.query(
      `select "${column}"::text as text, "${column}" as raw from "${schema}"."${table}"`,
    );
    const raw = type === 'bytea' ? rows.map((row) => (row.raw as Buffer).toString('latin1')) : [];
    texts.set(`${schema}.${table}.${column}`, [...rows.map((row) => String(row.text)), ...raw].join('\n'));
  }
  return texts;
}

const isLogInDatabase = () => !('EVENT_STORE_URL' in setup.env);

async function secretsInDatabase(): Promise<string[]> {
  return [...(await databaseText())].flatMap(([column, text]) => secretsIn(text).map((what) => `${what} in ${column}`));
}

describe('after a session with every mutation and every error', () => {
  it('was broad enough to mean something', () => {
    expect([...codes].sort()).toEqual([
      'APP_DISABLED',
      'BAD_USER_INPUT',
      'CONFLICT',
      'FORBIDDEN',
      'INTERNAL',
      'NOT_FOUND',
      'TOKEN_EXPIRED',
      'TOKEN_STILL_ACTIVE',
      'UNAUTHENTICATED',
    ]);
    expect([...statuses].sort()).toEqual([200, 400, 401, 405, 415, 429, 500]);
    expect(secrets.size).toBeGreaterThan(32);
    expect(answers.length).toBeGreaterThan(110);
    expect(service.output().split('\n').length).toBeGreaterThan(40);
  });

  it.each([
    ['as it is', (secret: Buffer) => secret.toString('latin1')],
    ['in hex', (secret: Buffer) => secret.toString('hex')],
    ['in upper-case hex', (secret: Buffer) => secret.toString('hex').toUpperCase()],
    ['in base64', (secret: Buffer) => secret.toString('base64')],
    [
      'within other base64',
      (secret: Buffer) => Buffer.concat([Buffer.from('{"a":"'), secret, Buffer.from('"}')]).toString('base64'),
    ],
    [
      'within other base64, shifted',
      (secret: Buffer) => Buffer.concat([Buffer.from('1234567'), secret]).toString('base64url'),
    ],
    ['in a URL', (secret: Buffer) => `?x=${encodeURIComponent(secret.toString('base64'))}`],
  ])('would be found out if it told a secret %s', (_form, write) => {
    const blind = [...secrets].filter(([what, secret]) => !secretsIn(`before ${write(secret)} after`).includes(what));
    expect(blind).toEqual([]);
  });

  it('would be found out if it kept a secret in any table, as text or as bytes', async () => {
    await setup.database.query('create schema planted; create table planted.rows (note json, raw bytea)');
    const key = secrets.get('the key vault-1');
    const row = [JSON.stringify({ deep: { inside: secrets.get('a token')?.toString() } }), key];
    await setup.database.query('insert into planted.rows values ($1, $2)', row);
    const found = await secretsInDatabase();
    await setup.database.query('drop schema planted cascade');
    expect(found).toEqual(
      expect.arrayContaining(['a token in planted.rows.note', 'the key vault-1 in planted.rows.raw']),
    );
    expect(found).toHaveLength(2);
  });

  it('has no secret in any column of any table', async () => {
    const tables = [...(await databaseText()).keys()].map((column) => column.split('.').slice(0, 2).join('.'));
    expect([...new Set(tables)]).toEqual(
      expect.arrayContaining(['read.apps', 'read.tokens', 'read.audit_entries', 'vault.client_secrets']),
    );
    expect(await secretsInDatabase()).toEqual([]);
  });

  it('has no secret in any event', async () => {
    const log = await setup.readLog();
    expect(new Set(log.map(({ type }) => type)).size).toBeGreaterThan(10);
    const told = log.map(({ revision, ...event }) => `${revision} ${JSON.stringify(event)}`).join('\n');
    expect(secretsIn(told)).toEqual([]);
  });

  it('has printed no secret', () => {
    expect(secretsIn(service.output())).toEqual([]);
  });

  it('has answered no secret but where it was asked for', () => {
    const told = answers.flatMap(({ what, text }) => secretsIn(text).map((secret) => `${secret} in ${what}`));
    expect(told).toEqual([]);
  });

  it('has no secret in its metrics', async () => {
    expect(secretsIn(await (await fetch(`${service.url}/metrics`)).text())).toEqual([]);
  });
});

describe('the vault', () => {
  const kept = (appId: string) =>
    setup.database.query('select secret_id from vault.client_secrets where app_id = $1', [appId]);

  it('has nothing of a deleted app', async () => {
    expect(await kept(appIds.deleted)).toEqual([]);
  });

  it('has nothing of a secret that was retired: by a rotation without overlap, and by a second rotation', async () => {
    const { data } = await service.graphql(setup.dev, '{ apps { nodes { id secrets { id } } } }');
    const live = (id: string) => data.apps.nodes.find((app: { id: string }) => app.id === id).secrets;
    expect(await kept(appIds.rotated)).toEqual([{ secret_id: live(appIds.rotated)[0].id }]);
    const ids = (await kept(appIds.overlapping)).map(({ secret_id }) => secret_id).sort();
    expect(ids).toEqual(
      live(appIds.overlapping)
        .map(({ id }: { id: string }) => id)
        .sort(),
    );
    expect(ids).toHaveLength(2);
  });
});
