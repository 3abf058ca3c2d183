import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AuditRow } from '../../projections/audit-trail.js';
import { leafHashOfRow } from '../../src/audit/evidence/leaf.js';
import { generateKeyRing } from '../../src/secrets/key-ring.js';
import { latchkey } from '../support/command-line.js';
import { ask, send } from '../support/operations.js';
import { isContinued, isIncluded } from '../support/proofs.js';
import { anApp, aRevokedToken } from '../support/scenarios.js';
import { startStage, type Stage } from '../support/stage.js';

const PUBLIC_URL = 'https://tokens.example.com';
const VERIFIER = resolve('dist/src/cli/latchkey-verify.js');
const LATCHKEY = resolve('dist/src/cli/latchkey.js');

let stage: Stage;
let keyRing: string;
let ada: string;
let aud: string;
let folder: string;

beforeAll(async () => {
  keyRing = await generateKeyRing();
  [stage, folder] = await Promise.all([
    startStage({ KEY_RING: keyRing, PUBLIC_URL }),
    mkdtemp(join(tmpdir(), 'latchkey-auditor-')),
  ]);
  ada = await stage.issuer.token({ id: 'ada', roles: ['administrator'] });
  aud = await stage.issuer.token({ id: 'aud', roles: ['auditor'] });
  await anApp(stage.service, ada, { name: 'Größe 🔑' });
  await aRevokedToken(stage.service, ada);
  await anApp(stage.service, await stage.issuer.token({ id: 'eve', tenant: 'globex', roles: ['administrator'] }));
});
afterAll(async () => {
  await stage.close();
  await rm(folder, { recursive: true });
});

const bytes = (text: string) => Buffer.from(text, 'base64');

/** All entries of the trail as rows, oldest first, with places and hashes that are worked out here. */
async function trail(token = aud): Promise<AuditRow[]> {
  const { nodes } = await ask(stage.service, token, 'auditTrail', { first: 200 });
  return nodes.reverse().map(({ actor, personal, ...node }: any, n: number) => {
    const person = { actorKind: actor.kind, actorId: actor.id, actorName: actor.name };
    const row = { ...node, ...person, commitment: personal, at: new Date(node.at), leafIndex: String(n) };
    return { ...row, leafHash: leafHashOfRow(row).toString('base64') };
  });
}

describe('evidence at GraphQL', () => {
  it('proves every entry to an auditor', async () => {
    const [rows, { size, rootHash }] = [await trail(), await ask(stage.service, aud, 'auditCheckpoint')];
    expect(size).toBe(rows.length);
    for (const [n, { id, leafHash }] of rows.entries()) {
      const proof = await ask(stage.service, aud, 'auditInclusionProof', { entryId: id });
      expect(proof).toMatchObject({ index: n, size });
      const hashes = proof.hashes.map(bytes);
      expect(isIncluded({ ...proof, hashes, leafHash: bytes(leafHash!), root: bytes(rootHash) })).toBe(true);
    }
  });

  it('proves that a head goes on from an older one', async () => {
    const older = await ask(stage.service, aud, 'auditCheckpoint');
    await anApp(stage.service, ada);
    const newer = await ask(stage.service, aud, 'auditCheckpoint');
    const { hashes } = await ask(stage.service, aud, 'auditConsistencyProof', { from: older.size, to: newer.size });
    const heads = {
      oldSize: older.size,
      oldRoot: bytes(older.rootHash),
      newSize: newer.size,
      newRoot: bytes(newer.rootHash),
    };
    expect(isContinued({ ...heads, hashes: hashes.map(bytes) })).toBe(true);
  });

  it('is each tenant’s own', async () => {
    const auditor = await stage.issuer.token({ id: 'gil', tenant: 'globex', roles: ['auditor'] });
    const [entry] = await trail(auditor);
    expect(await ask(stage.service, auditor, 'auditCheckpoint')).toMatchObject({
      size: 1,
      rootHash: entry!.leafHash,
      note: expect.stringContaining('tokens.example.com/globex\n1\n'),
      publicKey: expect.stringMatching(/^tokens\.example\.com\/globex\+[0-9a-f]{8}\+/),
    });
    expect(await send(stage.service, aud, 'auditInclusionProof', { entryId: entry!.id })).toMatchObject({
      code: 'NOT_FOUND',
    });
  });

  it.each([
    ['auditInclusionProof', { entryId: randomUUID() }, 'NOT_FOUND'],
    ['auditInclusionProof', { entryId: 'the first' }, 'BAD_USER_INPUT'],
    ['auditConsistencyProof', { from: 0, to: 1 }, 'BAD_USER_INPUT'],
    ['auditConsistencyProof', { from: -1, to: 1 }, 'BAD_USER_INPUT'],
    ['auditConsistencyProof', { from: 2, to: 1 }, 'BAD_USER_INPUT'],
    ['auditConsistencyProof', { from: 1, to: 1_000_000 }, 'BAD_USER_INPUT'],
    ['auditConsistencyProof', { from: 1, to: 2 ** 31 }, 'BAD_USER_INPUT'],
  ] as const)('%s of %j is refused: %s', async (operation, variables, code) => {
    expect((await send(stage.service, aud, operation, variables)).code).toBe(code);
  });
});

describe('an auditor with docs/audit.md', () => {
  let page: string;
  let shell: string[];

  beforeAll(async () => {
    page = await readFile('docs/audit.md', 'utf8');
    shell = [...page.matchAll(/```sh\n([\s\S]*?)```/g)].map(([, block]) => block!);
    // Where `npx` finds what a package brings.
    await mkdir(join(folder, 'node_modules', '.bin'), { recursive: true });
    await chmod(VERIFIER, 0o755);
    await symlink(VERIFIER, join(folder, 'node_modules', '.bin', 'latchkey-verify'));
    await run(shell[0]!);
    // After the head, and what is in no head yet.
    await anApp(stage.service, ada, { name: 'Later' });
    await run(shell[1]!);
  });

  /** It would tell of its own updates. */
  const quietNpm = { npm_config_update_notifier: 'false', npm_config_offline: 'true' };

  async function run(script: string): Promise<{ code: number; stdout: string; stderr: string }> {
    const env = { PATH: process.env['PATH'], HOME: folder, LATCHKEY: stage.service.url, TOKEN: aud, ...quietNpm };
    const child = spawn('bash', ['-euc', script], { cwd: folder, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let [stdout, stderr] = ['', ''];
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
    const [code] = (await once(child, 'close')) as [number];
    return { code, stdout, stderr };
  }
  const verify = (...args: string[]) => run(`node ${VERIFIER} ${args.join(' ')}`);

  it('verifies an export by its commands', async () => {
    const { size, rootHash } = await ask(stage.service, aud, 'auditCheckpoint');
    expect(await run(shell[2]!)).toEqual({
      code: 0,
      stdout: expect.stringMatching(
        /^verified: \d+ entries, root \S{44}\nnot covered by this checkpoint yet: 2 entries\n$/,
      ),
      stderr: '',
    });
    // All of it, with a head that was signed afterwards.
    await run(shell[0]!);
    expect((await run(shell[2]!)).stdout).toBe(`verified: ${size} entries, root ${rootHash}\n`);
  });

  it.each([[''], [' --json']])(
    'is told the same by `latchkey audit verify`, as the page writes it%s',
    async (option) => {
      const [, written] = /`npm run latchkey -- (audit verify[^`]*)`/.exec(page)!;
      const verified = await run(shell[2]!.trim() + option);
      expect(verified).toMatchObject({ code: 0, stderr: '' });
      expect(await run(`node ${LATCHKEY} ${written}${option}`)).toEqual(verified);
    },
  );

  it('learns which line was changed', async () => {
    await run(`sed '2s/"name":"[^"]*"/"name":"Mallory"/' export.jsonl > forged.jsonl`);
    const { code, stdout, stderr } = await verify('forged.jsonl', 'checkpoint.txt', 'latchkey.key');
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(
      /^Line 2 does not tell of its actor what its evidence has of them: the entry [0-9a-f-]{36} was changed\.\n$/,
    );
  });

  it('may give the key itself instead of a file', async () => {
    expect(await verify('export.jsonl', 'checkpoint.txt', '"$(cat latchkey.key)"')).toMatchObject({ code: 0 });
  });

  it.each([
    [[]],
    [['export.jsonl', 'checkpoint.txt']],
    [['nowhere.jsonl', 'checkpoint.txt', 'latchkey.key']],
    [['.', 'checkpoint.txt', 'latchkey.key']],
    [['export.jsonl', 'checkpoint.txt', 'checkpoint.txt']],
    [['--quickly', 'export.jsonl', 'checkpoint.txt', 'latchkey.key']],
  ])('is told when it was asked wrongly: %j', async (args) => {
    const { code, stdout, stderr } = await verify(...args);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).not.toBe('');
  });
});

describe('latchkey audit verify', () => {
  const args = (name: string) => ['--export', name, '--checkpoint', 'checkpoint.txt', '--key', 'latchkey.key'];
  const inFolder = (given: string[]) => given.map((each) => (each.startsWith('--') ? each : join(folder, each)));

  it('says the same as latchkey-verify, and as JSON', async () => {
    const { code, stdout } = await latchkey(['audit', 'verify', ...inFolder(args('export.jsonl')), '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toEqual({
      verified: expect.any(Number),
      uncovered: 0,
      origin: 'tokens.example.com/demo',
      rootHash: expect.stringMatching(/^\S{44}$/),
    });
    expect(await latchkey(['audit', 'verify', ...inFolder(args('forged.jsonl'))])).toMatchObject({
      code: 1,
      stdout: '',
    });
    expect(await latchkey(['audit', 'verify', '--export', 'x'])).toMatchObject({ code: 2, stdout: '' });
  });
});

describe('an erased person (promise: the proofs stay)', () => {
  it('is in no export any more, and the head from before still holds', async () => {
    const bea = await stage.issuer.sign({
      sub: 'bea',
      name: 'Bea Erased',
      tenant_id: 'demo',
      roles: ['administrator'],
    });
    await anApp(stage.service, bea);
    const { note, size } = await ask(stage.service, aud, 'auditCheckpoint');
    await writeFile(join(folder, 'before.txt'), note);
    const { position, stale } = await ask(stage.service, ada, 'erasePersonalData', { personId: 'bea' });
    expect({ position, stale }).toEqual({ position: expect.any(String), stale: false });

    const keysOf = (id: string) =>
      stage.database.query('select id from vault.person_keys where tenant_id = $1 and person_id = $2', ['demo', id]);
    expect([(await keysOf('ada')).length, (await keysOf('bea')).length]).toEqual([1, 0]);

    const [app] = (await ask(stage.service, aud, 'apps', { first: 1 })).nodes;
    expect(app.createdBy).toEqual({ id: 'bea', name: 'bea' });
    const [erasure, added] = (await ask(stage.service, aud, 'auditTrail', { first: 2 })).nodes;
    expect(erasure).toMatchObject({
      sentence: expect.stringMatching(/ erased what told of bea\.$/),
      typedDetails: { personId: 'bea' },
    });
    expect(added).toMatchObject({ actor: { id: 'bea', name: 'bea' }, ip: null, userAgent: null, salt: null });
    expect(JSON.stringify((await stage.readLog()).map(({ data, metadata }) => [data, metadata]))).not.toContain(
      'Bea Erased',
    );

    const response = await fetch(`${stage.service.url}/audit/export?format=jsonl`, {
      headers: { authorization: `Bearer ${aud}` },
    });
    const text = await response.text();
    expect(text).not.toContain('Bea Erased');
    await writeFile(join(folder, 'erased.jsonl'), text);
    const args = ['erased.jsonl', 'before.txt', 'latchkey.key'].map((name) => join(folder, name));
    const verified = await latchkey([
      'audit',
      'verify',
      '--export',
      args[0]!,
      '--checkpoint',
      args[1]!,
      '--key',
      args[2]!,
    ]);
    expect(verified.stdout).toMatch(new RegExp(`^verified: ${size} entries, `));
  });
});

describe('latchkey audit publish', () => {
  it('publishes the head that GraphQL shows, at once', async () => {
    const heads = join(folder, 'heads');
    const env = {
      DATABASE_URL: stage.database.url,
      KEY_RING: keyRing,
      PUBLIC_URL,
      PUBLISH_AUDIT_HEADS_TO: pathToFileURL(heads).href,
    };
    expect(await latchkey(['audit', 'publish'], env)).toMatchObject({
      code: 0,
      stdout: 'demo: published\nglobex: published\n',
    });
    const { note } = await ask(stage.service, aud, 'auditCheckpoint');
    expect(await readFile(join(heads, 'demo.note'), 'utf8')).toBe(note);
  });
});

it('no head is signed of a past that is not what a head was published of', async () => {
  const { size } = await ask(stage.service, aud, 'auditCheckpoint');
  await stage.database.query(
    `insert into audit.heads (tenant_id, size, root_hash, note, public_key) values ('demo', $1, 'another', 'note', 'key')
     on conflict (tenant_id, size) do update set root_hash = excluded.root_hash`,
    [size],
  );
  expect(await send(stage.service, aud, 'auditCheckpoint')).toMatchObject({ code: 'UNAVAILABLE' });

  await stage.database.query(`delete from audit.heads where root_hash = 'another'`);
  expect((await ask(stage.service, aud, 'auditCheckpoint')).size).toBe(size);
});
