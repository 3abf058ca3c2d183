import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { jest } from '@jest/globals';
import { Logger } from '@nestjs/common';
import { alone, LOCKS } from '../../projections/advisory-locks.js';
import { EvidenceQueries } from '../../projections/evidence.js';
import { auditTrailProjection } from '../../projections/audit-trail.js';
import { reset } from '../../projections/reset.js';
import { AuditHeads } from '../../src/audit/audit-heads.js';
import { parseCheckpoint } from '../../src/audit/evidence/checkpoint.js';
import { openNote, parseVerifierKey } from '../../src/audit/evidence/signed-note.js';
import { HeadSigner } from '../../src/audit/head-signer.js';
import { PublishHeadsJob } from '../../src/audit/publish-heads.job.js';
import type { Settings } from '../../src/config.js';
import { Metrics } from '../../src/metrics.js';
import { appAdded, callerOf, write } from '../support/log-events.js';
import { keysOf, ringOf } from '../support/keys.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

describe('the heads of audit trails', () => {
  let side: ReadSide;
  let folder: string;
  let errors: jest.SpiedFunction<Logger['error']>;
  const metrics = new Metrics();

  beforeEach(async () => {
    side = await openReadSide();
    folder = await mkdtemp(join(tmpdir(), 'latchkey-heads-'));
    errors = jest.spyOn(Logger.prototype, 'error').mockReturnValue();
    side.project();
    await add(3);
  });
  afterEach(async () => {
    jest.restoreAllMocks();
    await side.close();
    await rm(folder, { recursive: true });
  });

  async function add(count: number, tenantId = 'acme'): Promise<void> {
    const events = Array.from({ length: count }, (_, n) => appAdded({ name: `App ${n}` }));
    await write(side.store, events, callerOf(tenantId));
    await side.reached(await side.store.head());
  }

  /** A job as a process of its own would have it. */
  function job(to: string | null = pathToFileURL(folder).href, evidence = ['evidence-1']): PublishHeadsJob {
    const settings = { publicUrl: 'https://tokens.example.com', port: 3_000, publishAuditHeadsTo: to } as Settings;
    const signer = new HeadSigner(settings, keysOf(ringOf({ evidence })));
    const { database } = side;
    return new PublishHeadsJob(
      database,
      new EvidenceQueries(database),
      new AuditHeads(database),
      signer,
      settings,
      metrics,
    );
  }
  const published = async (of: PublishHeadsJob) => Object.fromEntries(await of.run());
  const file = (name: string) => readFile(join(folder, name), 'utf8');
  const sentences = () => errors.mock.calls.map(([sentence]) => String(sentence)).join('\n');

  it('are published when there is something new, each tenant apart, and stay there', async () => {
    await add(2, 'globex/eu');
    const own = job();
    expect(await published(own)).toEqual({ acme: 'published', 'globex/eu': 'published' });
    expect(await published(own)).toEqual({ acme: 'unchanged', 'globex/eu': 'unchanged' });
    await add(1);
    expect(await published(own)).toEqual({ acme: 'published', 'globex/eu': 'unchanged' });

    const names = ['acme.keys', 'acme.note', 'acme@3.note', 'acme@4.note'];
    const others = ['globex%2Feu.keys', 'globex%2Feu.note', 'globex%2Feu@2.note'];
    expect((await readdir(folder)).sort()).toEqual([...names, ...others]);
    expect(await file('acme.note')).toBe(await file('acme@4.note'));
    const [key] = (await file('acme.keys')).trim().split('\n').map(parseVerifierKey);
    const evidence = new EvidenceQueries(side.database);
    expect(parseCheckpoint(openNote(await file('acme@3.note'), [key!]).text)).toEqual({
      origin: 'tokens.example.com/acme',
      size: 3,
      rootHash: await evidence.rootAt('acme', 3),
    });
    expect(own.trouble).toBeNull();
  });

  it('are those of the same entries after the trail was built anew', async () => {
    await published(job());
    await reset(await side.connect(), [auditTrailProjection]);
    await side.reached(await side.store.head());
    expect(await published(job())).toEqual({ acme: 'unchanged' });
  });

  it('of a past that has changed are not published (promise: history is not rewritten unseen)', async () => {
    await published(job());
    await side.test.query(
      `update log.events set metadata = replace(metadata::text, '"Ada"', '"Eve"')::json where position = 2`,
    );
    await reset(await side.connect(), [auditTrailProjection]);
    await add(1);

    const own = job();
    expect(await published(own)).toEqual({ acme: 'contradicted' });
    expect(own.trouble).toBe('contradicted');
    expect(sentences()).toContain('The audit trail of acme is not what a head was published of when it had 3 entries');
    expect(await metrics.registry.metrics()).toContain('latchkey_audit_trails_contradicted 1');
    expect((await readdir(folder)).sort()).toEqual(['acme.keys', 'acme.note', 'acme@3.note']);
  });

  it('of a trail that was cut off, or is gone, are not published', async () => {
    await published(job());
    await side.test.query(`delete from read.audit_entries where leaf_index >= 2`);
    expect(await published(job())).toEqual({ acme: 'contradicted' });
    await side.test.query(`delete from read.audit_entries`);
    expect(await published(job())).toEqual({ acme: 'contradicted' });
  });

  it('do not replace another head of as many entries that was published', async () => {
    await published(job());
    await side.test.query(
      `update log.events set metadata = replace(metadata::text, '"Ada"', '"Eve"')::json where position = 2`,
    );
    await side.test.query('delete from audit.heads');
    await reset(await side.connect(), [auditTrailProjection]);
    await side.reached(await side.store.head());
    const before = await file('acme@3.note');

    const own = job();
    expect(await published(own)).toEqual({ acme: 'failed' });
    expect(own.trouble).toBe('failing');
    expect(sentences()).toContain('Another head of 3 entries was published there before.');
    expect(await file('acme@3.note')).toBe(before);
  });

  it('that were sent before are sent again to whoever asks, who may have named another place', async () => {
    await published(job());
    const other = await mkdtemp(join(tmpdir(), 'latchkey-heads-'));
    const elsewhere = job(pathToFileURL(other).href);
    expect(await published(elsewhere)).toEqual({ acme: 'unchanged' });
    expect(Object.fromEntries(await elsewhere.run({ isAsked: true }))).toEqual({ acme: 'published' });
    expect((await readdir(other)).sort()).toEqual((await readdir(folder)).sort());
    await rm(other, { recursive: true });
  });

  it('are sent to nobody any more once the service stops, and are sent later', async () => {
    await add(1, 'globex');
    const stopping = new AbortController();
    const server = createServer(() => stopping.abort()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    try {
      const own = job(`http://127.0.0.1:${(server.address() as AddressInfo).port}/heads`);
      const before = Date.now();
      expect(await own.run({ signal: stopping.signal })).toEqual(new Map());
      expect(Date.now() - before).toBeLessThan(4_000);
      expect(own.trouble).toBeNull();
      expect(sentences()).toBe('');
    } finally {
      server.closeAllConnections();
      server.close();
    }
    expect(await published(job())).toEqual({ acme: 'published', globex: 'published' });
  });

  it('are not waited for while another process is at it, once the service stops', async () => {
    const release = await new Promise<() => void>((resolve) => {
      void alone(side.database, LOCKS.publishHeads, () => new Promise<void>((done) => resolve(done)));
    });
    const stopping = new AbortController();
    const running = job().run({ signal: stopping.signal });
    stopping.abort();
    expect(await running).toEqual(new Map());
    release();
  });

  it('without a key are not signed, and the sentence names the cure', async () => {
    expect(await published(job(null, []))).toEqual({ acme: 'failed' });
    expect(sentences()).toContain('npm run keys -- rotate evidence');
  });

  it('that could not be sent are sent later; an old key still verifies what it signed', async () => {
    const taken: string[] = [];
    let status = 500;
    const server: Server = createServer((request, response) => {
      request.setEncoding('utf8').on('data', (text: string) => status === 200 && taken.push(text));
      request.on('end', () => response.writeHead(status).end());
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const to = `http://127.0.0.1:${(server.address() as AddressInfo).port}/heads`;
    try {
      expect(await published(job(to))).toEqual({ acme: 'failed' });
      status = 200;
      expect(await published(job(to, ['evidence-2', 'evidence-1']))).toEqual({ acme: 'published' });
      expect(await published(job(to, ['evidence-2', 'evidence-1']))).toEqual({ acme: 'unchanged' });
    } finally {
      server.close();
    }
    const last = await new AuditHeads(side.database).findLast('acme');
    expect(taken).toEqual([last!.note]);
    expect(openNote(last!.note, [parseVerifierKey(last!.publicKey)]).key.name).toBe('tokens.example.com/acme');
  });
});
