import { randomUUID } from 'node:crypto';
import { eventually } from '../support/eventually.js';
import { latchkey } from '../support/command-line.js';
import { ask } from '../support/operations.js';
import { anApp, aRevokedToken } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Promise: administrators and auditors take the trail along, whole, and that they did is on it before they have any of it. */

let stage: Stage;
let ada: string;
let aud: string;
let appId: string;

const HOSTILE = ['=1+1', '+cmd|x', '-2+3', '@SUM(A1)', 'say "hi", twice', "'=already", 'עברית'];

beforeAll(async () => {
  stage = await startStage({ ROLES: 'api,projector' });
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  aud = await stage.issuer.token({ id: 'aud', roles: ['auditor'] });
  const dev = await stage.issuer.token({ id: 'dev' });
  for (const name of HOSTILE) await anApp(stage.service, dev, { name, description: '=2\r\n\t@x, "y"' });
  ({ id: appId } = await anApp(stage.service, ada, { name: 'Billing' }));
  await ask(stage.service, ada, 'disableApp', { id: appId });
  await aRevokedToken(stage.service, ada, { name: 'CI' });
  const stranger = await stage.issuer.token({ id: 'dev', tenant: 'other' });
  await anApp(stage.service, stranger, { name: 'Foreign' });
});

afterAll(() => stage.close());

type Parameters = Record<string, string | string[]>;

function addressOf(parameters: Parameters): string {
  const search = new URLSearchParams();
  for (const [name, values] of Object.entries(parameters))
    for (const value of [values].flat()) search.append(name, value);
  return `${stage.service.url}/audit/export?${search.toString()}`;
}

const get = (parameters: Parameters, token: string | null = aud, method = 'GET') =>
  fetch(addressOf(parameters), { method, headers: { ...(token && { authorization: `Bearer ${token}` }) } });

/** All but what proves an entry. */
const jsonl = async (parameters: Parameters = {}): Promise<any[]> =>
  (await lines(parameters)).map((entry) => without(entry, 'index', 'leafHash'));

const without = (entry: object, ...names: string[]) =>
  Object.fromEntries(Object.entries(entry).filter(([name]) => !names.includes(name)));

const lines = async (parameters: Parameters = {}): Promise<any[]> => {
  const text = await (await get({ format: 'jsonl', ...parameters })).text();
  return text === ''
    ? []
    : text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
};

/** The trail as GraphQL shows it, oldest first, in the form of an export. */
const trail = async (filter: object = {}): Promise<any[]> =>
  (await told(filter)).map((entry) => without(entry, 'sentence'));

async function told(filter: object = {}): Promise<any[]> {
  const { nodes } = await ask(stage.service, aud, 'auditTrail', { filter, first: 200 });
  return nodes.toReversed().map((entry: object) => without(entry, 'typedDetails'));
}

/** RFC 4180, taken apart as anybody would. */
function csvRows(text: string): string[][] {
  const cells = [...text.matchAll(/(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r\n)/g)];
  const rows: string[][] = [[]];
  for (const [, quoted, plain, end] of cells) {
    rows.at(-1)!.push(quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'));
    if (end === '\r\n') rows.push([]);
  }
  return rows.slice(0, -1);
}

describe('an export as JSON Lines', () => {
  it('holds each entry of the trail as GraphQL shows it, oldest first, and at last its own', async () => {
    const entries = await jsonl();
    expect(entries).toEqual(await trail());
    expect(entries.length).toBeGreaterThan(HOSTILE.length + 4);
    expect(entries.at(-1)).toMatchObject({
      action: 'AuditTrailExported',
      actor: { id: 'aud' },
    });
    expect((await lines()).map(({ index }) => index)).toEqual([...entries, 'the second export'].map((_, n) => n));
    expect(JSON.stringify(entries)).not.toContain('Foreign');
  });

  it('says what it is, and is kept by nobody', async () => {
    const response = await get({ format: 'jsonl' });
    await response.text();
    expect(response.headers.get('content-type')).toBe('application/jsonl; charset=utf-8');
    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(response.headers.get('content-disposition')).toMatch(
      /^attachment; filename="audit-trail-demo-\d{4}-\d\d-\d\d\.jsonl"$/,
    );
  });

  it.each<[Parameters, object]>([
    [{ actorId: 'dev' }, { actorId: 'dev' }],
    [{ action: ['AppDisabled', 'TokenRevoked'] }, { actions: ['AppDisabled', 'TokenRevoked'] }],
    [{ action: 'AppDisabled' }, { actions: ['AppDisabled'] }],
    [{ targetType: 'TOKEN' }, { targetType: 'TOKEN' }],
    [{ text: 'billing' }, { text: 'billing' }],
    [{ from: '2020-01-01T00:00:00Z', to: '2020-01-02T00:00:00Z' }, { to: '2020-01-02T00:00:00Z' }],
    [{ actorId: '', text: 'SAY "H' }, { text: 'say "h' }],
  ])('holds what GraphQL shows under the same filter: %j', async (parameters, filter) => {
    expect(await jsonl(parameters)).toEqual(await trail(filter));
  });

  it('holds what happened to one thing', async () => {
    const entries = await jsonl({ targetId: appId });
    expect(entries.map(({ action }) => action)).toEqual(['AppAdded', 'AppDisabled']);
  });

  it('goes on behind a position', async () => {
    const all = await jsonl();
    for (const cut of [0, 3, all.length - 1]) {
      const rest = await jsonl({ after: all[cut].position });
      expect(rest.slice(0, all.length - cut - 1)).toEqual(all.slice(cut + 1));
    }
  });
});

describe('an export as CSV', () => {
  it('holds the same entries, in cells that are no formulas', async () => {
    const [heading, ...rows] = csvRows(await (await get({ format: 'csv' })).text());
    const entries = (await told()).map(({ actor, details, ...entry }) => ({
      ...entry,
      actorKind: actor.kind,
      actorId: actor.id,
      actorName: actor.name,
      details: JSON.stringify(details),
    }));
    const defused = (cell: string | null) => (/^[=+\-@\t\r]/.test(cell ?? '') ? `'${cell}` : (cell ?? ''));
    expect(rows).toEqual(entries.map((entry) => heading!.map((column) => defused(entry[column]))));
    expect(heading).toHaveLength(16);
    const names = rows.map((row) => row[heading!.indexOf('targetName')]);
    expect(names).toEqual(
      expect.arrayContaining(["'=1+1", "'+cmd|x", "'-2+3", "'@SUM(A1)", 'say "hi", twice', "'=already", 'עברית']),
    );
  });

  it('has a heading only where it begins', async () => {
    const whole = await get({ format: 'csv' });
    expect(whole.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=present');
    const lines = (await whole.text()).split('\r\n');
    const rest = await get({ format: 'csv', after: lines[3]!.split(',')[0]! });
    expect(rest.headers.get('content-type')).toBe('text/csv; charset=utf-8; header=absent');
    expect((await rest.text()).split('\r\n')[0]).toBe(lines[4]);
  });
});

describe('an export', () => {
  it('is on the trail with what was asked for, also when nothing was found', async () => {
    const text = randomUUID();
    expect(await jsonl({ text, from: '2026-01-01T00:00:00+01:00', action: 'AppAdded' })).toEqual([]);
    const [entry] = (await trail({ actions: ['AuditTrailExported'] })).slice(-1);
    expect(entry.details).toEqual({
      format: 'jsonl',
      filter: {
        actorId: null,
        actions: ['AppAdded'],
        targetType: null,
        targetId: null,
        from: '2025-12-31T23:00:00.000Z',
        to: null,
        text,
      },
      after: null,
    });
    expect(entry).toMatchObject({ targetType: null, targetId: null, ip: '127.0.0.1' });
  });

  it.each<[Parameters | string, RegExp]>([
    [{}, /^format must be one of jsonl, csv\.$/],
    [{ format: 'xml' }, /^format must be/],
    [{ format: ['csv', 'jsonl'] }, /^format must be/],
    [{ format: 'csv', from: 'yesterday' }, /^from must be a moment/],
    [{ format: 'csv', to: '2026-02-30T00:00:00Z' }, /^to must be a moment/],
    [{ format: 'csv', action: 'Everything' }, /^action /],
    [{ format: 'csv', targetType: 'USER' }, /^targetType must be one of APP, TOKEN/],
    [{ format: 'csv', targetId: '1' }, /^targetId must be a UUID/],
    [{ format: 'csv', text: 'a\0b' }, /^text must be/],
    [{ format: 'csv', after: '-1' }, /^after must be/],
    [{ format: 'csv', after: '9223372036854775808' }, /^after must be/],
    [{ format: 'csv', tenantId: 'other' }, /^there is no parameter tenantId/],
  ])('asked wrongly is refused and leaves no trace: %j', async (parameters, sentence) => {
    const before = await stage.countEvents();
    const response = await get(parameters as Parameters);
    expect(response.status).toBe(400);
    const { errors } = (await response.json()) as any;
    expect(errors).toEqual([{ message: expect.stringMatching(sentence), extensions: { code: 'BAD_USER_INPUT' } }]);
    expect(response.headers.get('content-disposition')).toBeNull();
    expect(await stage.countEvents()).toBe(before);
  });

  it.each([['developer'], ['somebody']])('is refused to a %s, and the attempt is on the trail', async (role) => {
    const id = `curious-${role}`;
    const response = await get({ format: 'csv' }, await stage.issuer.token({ id, roles: [role] }));
    expect(response.status).toBe(403);
    expect(await response.json()).toEqual({
      errors: [{ message: 'You may not use exportAuditTrail.', extensions: { code: 'FORBIDDEN' } }],
    });
    const [entry] = await eventually(
      () => trail({ actorId: id }),
      (entries) => entries.length > 0,
    );
    expect(entry).toMatchObject({ action: 'AccessDenied', details: { operation: 'exportAuditTrail' } });
  });

  it.each<[string, string | null, string]>([
    ['nobody', null, 'Bearer realm="latchkey"'],
    ['a forger', 'x.y.z', 'Bearer realm="latchkey", error="invalid_token"'],
  ])('is refused to %s', async (_who, token, challenge) => {
    const response = await get({ format: 'csv' }, token);
    expect(response.status).toBe(401);
    expect(response.headers.get('www-authenticate')).toBe(challenge);
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] });
  });

  it.each(['HEAD', 'POST', 'DELETE', 'OPTIONS'])('is not asked for by %s', async (method) => {
    const before = await stage.countEvents();
    const response = await get({ format: 'csv' }, aud, method);
    expect(response.status).toBe(405);
    expect(response.headers.get('allow')).toBe('GET');
    expect(await stage.countEvents()).toBe(before);
  });

  it('of another tenant holds what is theirs', async () => {
    const stranger = await stage.issuer.token({ id: 'aud', tenant: 'other', roles: ['auditor'] });
    const response = await get({ format: 'jsonl' }, stranger);
    const entries = (await response.text())
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line));
    expect(entries.map(({ action, targetName }) => [action, targetName])).toEqual([
      ['AppAdded', 'Foreign'],
      ['AuditTrailExported', null],
    ]);
  });

  it('is saved by the command line', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'latchkey-export-'));
    const [tokenFile, output] = [join(directory, 'token'), join(directory, 'trail.jsonl')];
    await writeFile(tokenFile, `${ada}\n`);
    const args = ['audit', 'export', '--url', stage.service.url, '--token-file', tokenFile, '--format', 'jsonl'];
    const ended = await latchkey([...args, '--output', output, '--action', 'AppDisabled', '--action', 'TokenRevoked']);
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
    const lines = (await readFile(output, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => JSON.parse(line).action)).toEqual(['AppDisabled', 'TokenRevoked']);
    await rm(directory, { recursive: true });
  });
});
