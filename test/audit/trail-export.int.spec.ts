import { AuditQueries } from '../../projections/audit-queries.js';
import type { AuditFilter } from '../../projections/audit-question.js';
import { auditTrailProjection } from '../../projections/audit-trail.js';
import { EvidenceQueries } from '../../projections/evidence.js';
import { Progress } from '../../projections/progress.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { retryParked } from '../../projections/retry-parked.js';
import { writeCheckpoint } from '../../src/audit/evidence/checkpoint.js';
import { linesOf } from '../../src/audit/evidence/lines.js';
import { publicKeyOf, signNote } from '../../src/audit/evidence/signed-note.js';
import { verifyExport } from '../../src/audit/evidence/verify-export.js';
import { TrailExport } from '../../src/audit/export/trail-export.js';
import { Clock } from '../../src/clock.js';
import { accessStreamOf } from '../../src/audit/access-stream.js';
import { toEvent, type LatchkeyEvent } from '../../src/events.js';
import { reachedBy } from '../../src/read-side/projector.service.js';
import { keyNamed } from '../support/keys.js';
import { appAdded, appDisabled, callerOf, logged, originOf, streamOf, write } from '../support/log-events.js';
import { someSettings } from '../support/parts.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

/** Promise: an export is whole, and verifies, whatever the entries had to wait for. */

const ORIGIN = 'tokens.example.com/acme';
const seed = keyNamed('evidence-1').key;

let side: ReadSide;
beforeEach(async () => {
  side = await openReadSide();
});
afterEach(() => side.close());

const settled = async () => side.reached(await side.store.head());

/** The audit trail, but it cannot digest events of this type. */
const withoutTasteFor = (type: string): Projection[] => [
  {
    ...auditTrailProjection,
    apply: (events, tables) => {
      if (events.some((event) => event.type === type)) return Promise.reject(new Error('Too bitter.'));
      return auditTrailProjection.apply(events, tables);
    },
  },
  ...projections.filter(({ name }) => name !== auditTrailProjection.name),
];

type Asked = { filter?: AuditFilter; after?: string };

async function exported({ filter = {}, after }: Asked = {}): Promise<string[]> {
  const exporting = new TrailExport(
    new AuditQueries(side.database),
    side.store,
    new Progress(() => reachedBy(side.database)),
    new Clock(),
    someSettings({ readModelTimeout: 10_000 }),
  );
  const text = await exporting.begin(originOf(callerOf('acme')), { format: 'jsonl', filter, after: after ?? null });
  let whole = '';
  for await (const part of text) whole += part;
  return whole.split('\n').slice(0, -1);
}

const told = (lines: readonly string[]) => lines.map((line) => JSON.parse(line));
const placesOf = (lines: readonly string[]) => told(lines).map(({ index, action }) => [index, action]);

/** A head of the tree as it is now. */
async function signedHead(): Promise<string> {
  const evidence = new EvidenceQueries(side.database);
  const size = (await evidence.size('acme')) ?? NaN;
  return signNote(
    writeCheckpoint({ origin: ORIGIN, size, rootHash: await evidence.rootAt('acme', size) }),
    ORIGIN,
    seed,
  );
}

async function verified(lines: readonly string[]): Promise<number> {
  const bytes = (async function* () {
    yield await Promise.resolve(Buffer.from(lines.map((line) => `${line}\n`).join('')));
  })();
  const keys = [{ name: ORIGIN, publicKey: publicKeyOf(seed) }];
  return (await verifyExport(linesOf(bytes), await signedHead(), keys)).uncovered;
}

describe('an export of a trail that has entries which were parked and retried', () => {
  const ill = appAdded();
  let part: string[];

  /** The part was exported while the second of three events waited; then it was taken up, and another came. */
  beforeEach(async () => {
    const first = side.project(withoutTasteFor('AppDisabled'));
    await write(side.store, [ill, appDisabled({ appId: ill.data.appId }), appAdded()]);
    await settled();
    part = await exported();
    await first.stop();
    await retryParked({ database: side.database, store: side.store, toEvent }, auditTrailProjection, streamOf(ill));
    side.project();
    await write(side.store, [appAdded()]);
    await settled();
  });

  it('has them where they stand in the tree, and verifies', async () => {
    const lines = await exported();
    expect(placesOf(lines)).toEqual([
      [0, 'AppAdded'],
      [1, 'AppAdded'],
      [2, 'AuditTrailExported'],
      [3, 'AppDisabled'],
      [4, 'AppAdded'],
      [5, 'AuditTrailExported'],
    ]);
    expect(await verified(lines)).toBe(0);
  });

  it('has them also when it goes on behind an entry that comes later on the log', async () => {
    const after = told(part).at(-1).position;
    const rest = await exported({ after });
    expect(placesOf(rest)).toEqual([
      [3, 'AppDisabled'],
      [4, 'AppAdded'],
      [5, 'AuditTrailExported'],
    ]);
    expect(await verified([...part, ...rest])).toBe(0);
  });

  it("has them in the log's order under a filter", async () => {
    const lines = await exported({ filter: { targetType: 'APP' } });
    expect(placesOf(lines)).toEqual([
      [0, 'AppAdded'],
      [3, 'AppDisabled'],
      [1, 'AppAdded'],
      [4, 'AppAdded'],
    ]);
  });
});

describe('an export', () => {
  beforeEach(async () => {
    side.project();
    await write(side.store, [appAdded(), appAdded()]);
    await write(side.store, [appAdded()], callerOf('globex'));
    await settled();
  });

  it('goes on behind the beginning of the log as behind nothing', async () => {
    expect(await exported({ after: '0' })).toHaveLength(3);
  });

  it.each(['3', '77'])(
    'does not guess where to go on behind a position where the trail has no entry: %s',
    async (after) => {
      await expect(exported({ after })).rejects.toMatchObject({
        code: 'BAD_USER_INPUT',
        message: 'after must be the position of an exported entry.',
      });
    },
  );

  it("has the log's order while the tree is being built", async () => {
    await side.test.query(`update read.audit_entries set leaf_index = null, leaf_hash = null where log_order <= 2`);
    const lines = await exported();
    expect(told(lines).map(({ position, index }) => [position, index])).toEqual([
      ['1', null],
      ['2', null],
      ['4', 0],
    ]);
    expect(await exported({ after: '1' })).toHaveLength(3);
  });

  it('whose own entry has to wait is not sent without it', async () => {
    const now = new Date().toISOString();
    const stranger = { type: 'AccessBlessed', data: { at: now, from: now } } as unknown as LatchkeyEvent;
    const stream = accessStreamOf('latchkey', 'acme', new Date(now));
    await side.store.append(stream, 'no_stream', [logged(stranger)]);
    await settled();
    await expect(exported()).rejects.toMatchObject({
      code: 'UNAVAILABLE',
      message: 'The entry of this export has to wait in the audit trail: its stream is parked. Have it retried.',
    });
  });
});
