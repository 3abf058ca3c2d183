import { randomUUID } from 'node:crypto';
import { AppRow } from '../../projections/apps.js';
import { AuditQueries } from '../../projections/audit-queries.js';
import { EvidenceQueries } from '../../projections/evidence.js';
import { findParked } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { Rebuild } from '../../projections/rebuild.js';
import { askForRebuild } from '../../projections/rebuilds.js';
import { retryParked } from '../../projections/retry-parked.js';
import { Tables } from '../../projections/tables.js';
import { writeCheckpoint } from '../../src/audit/evidence/checkpoint.js';
import { exportedEntry } from '../../src/audit/evidence/exported-entry.js';
import { publicKeyOf, signNote } from '../../src/audit/evidence/signed-note.js';
import { verifyExport } from '../../src/audit/evidence/verify-export.js';
import { Clock } from '../../src/clock.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { logWith } from '../../src/event-store/log-with.js';
import { toEvent } from '../../src/events.js';
import { openedLog } from '../../src/personal-data/opened-log.js';
import { PersonKeys } from '../../src/personal-data/person-keys.js';
import { sealingLog } from '../../src/personal-data/sealing-log.js';
import { Keys } from '../../src/secrets/keys.js';
import { personalDataErased } from '../support/builders.js';
import { keyNamed } from '../support/keys.js';
import {
  accessDenied,
  appAdded,
  callerOf,
  logged,
  streamOf,
  tokenCreated,
  tokenRevoked,
  write,
} from '../support/log-events.js';
import { aKey, someSettings } from '../support/parts.js';
import { eventually, openReadSide, type ReadSide, type RunningProjector } from '../support/read-side.js';

/** Promise: what tells of a person can be erased, from the log too, and the evidence stays what it was. */

const settings = someSettings();
const bea = callerOf('acme', { id: 'bea', name: 'Bea Erased' });
const ada = callerOf('acme');
const strangerBea = callerOf('globex', { id: 'bea', name: 'Another Bea' });

let side: ReadSide;
let keys: PersonKeys;
let sealing: EventStore;
let opened: EventStore;
let projector: RunningProjector;

const keysOver = (given = settings) => new PersonKeys(side.database, new Keys(given, new Clock()));
const project = (log = opened) => (projector = side.project(projections, side.database, log));

beforeEach(async () => {
  side = await openReadSide();
  keys = keysOver();
  sealing = sealingLog(side.store, keys);
  opened = openedLog(side.store, keys);
  project();
});
afterEach(() => side.close());

const settle = async () => side.reached(await side.store.head());

/** An app and a token of hers, which somebody else revokes. */
async function actAs(caller: typeof bea, log = sealing) {
  const app = appAdded({ name: `App of ${caller.tenantId}` });
  const token = tokenCreated({ owner: { id: caller.id } });
  await write(log, [app, token], caller);
  await write(log, [tokenRevoked({ tokenId: token.data.tokenId })], caller);
  await write(log, [{ type: 'AppDisabled', data: { appId: app.data.appId, at: app.data.at } }], ada);
  return { app, token };
}

async function erase(personId = 'bea', tenantId = 'acme') {
  await keys.destroy({ tenantId, personId });
  await write(sealing, [personalDataErased({ personId })], callerOf(tenantId));
  await settle();
}

const tables = ['apps', 'tokens', 'app_versions', 'audit_entries'];

/** All rows, as text. */
async function rows(): Promise<string[]> {
  const all = await Promise.all(
    tables.map((table) =>
      side.database.query<{ row: object }[]>(`select to_jsonb(t) as row from read.${table} t order by id`),
    ),
  );
  return all.flat().map(({ row }) => JSON.stringify(row));
}

const rootOf = async (tenantId: string) => {
  const evidence = new EvidenceQueries(side.database);
  const size = (await evidence.size(tenantId)) ?? NaN;
  return { size, rootHash: await evidence.rootAt(tenantId, size) };
};

async function exported(): Promise<string[]> {
  const stretch = { order: 'leafIndex', first: 1_000, after: null, until: '9000000000000' } as const;
  const page = await new AuditQueries(side.database).listStretch('acme', {}, stretch);
  return page.rows.map((row) => JSON.stringify(exportedEntry(row)));
}

async function rebuildAll(): Promise<void> {
  for (const projection of projections) {
    await askForRebuild(side.database.manager, projection);
    await new Rebuild(side.database, opened, projection, toEvent).run(new AbortController().signal);
  }
}

const storedText = async () => {
  const events = await side.database.query<object[]>('select * from log.events');
  return JSON.stringify(events);
};

describe('what is written of a person', () => {
  it('is under seal on the log, and told by the read models', async () => {
    await actAs(bea);
    await settle();
    const stored = await storedText();
    for (const told of ['Bea Erased', '192.0.2.7', 'spec/1']) expect(stored).not.toContain(told);
    const all = (await rows()).join('\n');
    expect(all.match(/Bea Erased/g)).toHaveLength(4 + 3 + 1);
    expect(all).toContain('192.0.2.7');
  });

  it('opens only in the event that it was written for', async () => {
    const { app, token } = await actAs(bea);
    const [added] = await side.store.read(streamOf(app));
    const [created] = await side.store.read(streamOf(token));
    const moved = { ...created!, metadata: added!.metadata };
    const log = openedLog(logWith(side.store, { read: () => Promise.resolve([created!, moved]) }), keys);
    const names = (await log.read('')).map(({ metadata }) => metadata.actor.name);
    expect(names).toEqual(['Bea Erased', null]);
  });

  it('is not taken as erased where the ring lacks the key: the projector waits for it', async () => {
    await projector.stop();
    await actAs(bea);
    const vault = [aKey('vault-2')];
    const foreign = keysOver(someSettings({ keyRing: { ...settings.keyRing, vault } }));
    const blind = project(openedLog(side.store, foreign));
    await eventually(() => blind.failures.length > 0);
    expect(String(blind.failures[0])).toContain('The key ring has no vault key "vault-1"');
    await blind.stop();
    expect(await rows()).toEqual([]);
    project();
    await settle();
    expect((await rows()).join()).toContain('Bea Erased');
  });
});

describe('an erasure', () => {
  it('takes what tells of the person from every row, and nothing else', async () => {
    await actAs(bea);
    await actAs(ada);
    await actAs(strangerBea);
    await settle();
    const before = await rows();
    await erase();
    const after = await rows();
    expect(after.join()).not.toContain('Bea Erased');
    expect(after.join().match(/Another Bea/g)).toHaveLength(4 + 3 + 1);
    const untouched = before.filter((row) => !row.includes('Bea Erased'));
    expect(after).toEqual(expect.arrayContaining(untouched));
    // The entries of the audit trail lose what else told of her.
    const ofBea = after.filter((row) => row.includes('"actor_id":"bea"') && row.includes('"tenant_id":"acme"'));
    expect(ofBea).toHaveLength(3);
    for (const row of ofBea)
      expect(JSON.parse(row)).toMatchObject({ actor_name: null, ip: null, user_agent: null, salt: null });
  });

  it('leaves nothing on the log that could be opened', async () => {
    await actAs(bea);
    await erase();
    const all: (string | null)[] = [];
    const end = new AbortController();
    for await (const batch of opened.follow(null, end.signal)) {
      all.push(
        ...batch.events
          .filter(({ metadata }) => metadata.actor.id === 'bea')
          .map(({ metadata }) => metadata.actor.name),
      );
      if (batch.isEnd) end.abort();
    }
    expect(all).toEqual([null, null, null]);
    expect(await side.database.query(`select from vault.person_keys where person_id = 'bea'`)).toEqual([]);
  });

  it.each([
    { written: 'under seal', log: () => sealing },
    { written: 'in clear, by the first versions', log: () => side.store },
  ])(
    'of what was written $written keeps the evidence: an export verifies against the head from before',
    async ({ log }) => {
      await actAs(bea, log());
      await settle();
      const head = await rootOf('acme');
      const seed = keyNamed('evidence-1').key;
      const origin = 'tokens.example.com/acme';
      const note = signNote(writeCheckpoint({ origin, ...head }), origin, seed);
      const verify = async () => {
        const lines = await exported();
        return verifyExport(streamed(lines), note, [{ name: origin, publicKey: publicKeyOf(seed) }]);
      };
      expect((await verify()).uncovered).toBe(0);

      await erase();
      expect((await exported()).join()).not.toContain('Bea Erased');
      expect((await verify()).uncovered).toBe(1);
    },
  );

  it.each([
    { written: 'under seal', log: () => sealing },
    { written: 'in clear, by the first versions', log: () => side.store },
  ])('of what was written $written is the same after a rebuild, with the same heads', async ({ log }) => {
    await actAs(bea, log());
    await actAs(strangerBea, log());
    await erase();
    await actAs(bea, sealing);
    await settle();
    const before = { rows: await rows(), heads: [await rootOf('acme'), await rootOf('globex')] };
    await rebuildAll();
    expect({ rows: await rows(), heads: [await rootOf('acme'), await rootOf('globex')] }).toEqual(before);
  });

  it('in the middle of a batch parts what came before from what came after', async () => {
    await projector.stop();
    await actAs(bea);
    await keys.destroy({ tenantId: 'acme', personId: 'bea' });
    await write(side.store, [personalDataErased({ personId: 'bea' })], ada);
    const { token } = await actAs(bea);
    project();
    await settle();
    const told = await side.database.query<{ id: string; owner_name: string | null }[]>(
      `select id, owner_name from read.tokens order by (id = $1)`,
      [token.data.tokenId],
    );
    expect(told.map(({ owner_name }) => owner_name)).toEqual([null, 'Bea Erased']);
  });

  it('is not undone by a process that still has the key in mind', async () => {
    const elsewhere = sealingLog(side.store, keysOver());
    await actAs(bea, elsewhere);
    await erase();
    await actAs(bea, elsewhere);
    await settle();
    expect((await rows()).join()).not.toContain('Bea Erased');
    await rebuildAll();
    expect((await rows()).join()).not.toContain('Bea Erased');
  });

  it('of thousands of entries takes them all', async () => {
    const denials = Array.from({ length: 6_000 }, () => logged(accessDenied(), bea));
    await sealing.append(streamOf(accessDenied()), 'no_stream', denials);
    await erase();
    const [told] = await side.database.query<{ entries: string; named: string }[]>(
      `select count(*) as entries, count(actor_name) as named from read.audit_entries where actor_id = 'bea'`,
    );
    expect(told).toEqual({ entries: '6000', named: '0' });
  });
});

describe('a key of a person', () => {
  it('is one, however many ask for it at once, and of each tenant another', async () => {
    const elsewhere = keysOver();
    const person = { tenantId: 'acme', personId: randomUUID() };
    const all = await Promise.all([keys.of(person), elsewhere.of(person), keys.of(person), keysOver().of(person)]);
    expect(new Set(all.map(({ id }) => id)).size).toBe(1);
    expect((await keys.of({ ...person, tenantId: 'globex' })).id).not.toBe(all[0].id);
  });

  it('is sealed anew under the newest key of the ring, which may then forget the older', async () => {
    const person = { tenantId: 'acme', personId: 'bea' };
    const before = await keys.of(person);
    const { keyRing } = settings;
    const [newer] = [aKey('vault-2')];
    const rotated = keysOver(someSettings({ keyRing: { ...keyRing, vault: [newer, ...keyRing.vault] } }));
    expect([await rotated.sealAnew(), await rotated.sealAnew()]).toEqual([1, 0]);
    const forgetful = keysOver(someSettings({ keyRing: { ...keyRing, vault: [newer] } }));
    expect(await forgetful.of(person)).toEqual(before);
  });

  it('does not lie in the vault in clear', async () => {
    const { key } = await keys.of({ tenantId: 'acme', personId: 'bea' });
    const [row] = await side.database.query<object[]>('select * from vault.person_keys');
    const text = JSON.stringify(row, (_name, value: unknown) => value);
    for (const form of [key.toString('base64'), key.toString('hex')]) expect(text).not.toContain(form);
  });
});

async function* streamed(lines: readonly string[]) {
  yield* await Promise.resolve(lines);
}

it('a person is forgotten in tables of any size, a stretch after the other', async () => {
  const count = 60_000;
  await side.test.query(
    `insert into read.apps (id, tenant_id, client_id, name, description, status, permissions, secrets, generation,
                            created_by_id, created_by_name, created_at, updated_at)
     select gen_random_uuid(), case n % 3 when 0 then 'globex' else 'acme' end, 'lk_app_' || n, 'App', repeat('x', 100), 'ACTIVE',
            '{}', '[]', 0, case n % 2 when 0 then 'bea' else 'ada' end, 'Somebody', now(), now()
     from generate_series(1, ${count}) as numbers (n)`,
  );
  let statements = 0;
  const tables = new Tables(side.database.manager);
  const query = tables.query.bind(tables);
  tables.query = (sql, parameters) => {
    if (sql.startsWith('update')) statements += 1;
    return query(sql, parameters);
  };

  await tables.change(AppRow, 'created_by_name = null', 'tenant_id = $1 and created_by_id = $2', ['acme', 'bea']);

  expect(statements).toBeGreaterThan(1);
  const told = await side.test.query(
    `select tenant_id, created_by_id, count(created_by_name)::int as named from read.apps group by 1, 2 order by 1, 2`,
  );
  expect(told.map(({ named }) => named as number)).toEqual([count / 3, 0, count / 6, count / 6]);
});

describe('a retry of what waited while a person was erased', () => {
  const isBeginning = ({ type }: { type: string }) => type === 'AppAdded' || type === 'TokenCreated';
  const bitter = (projection: Projection): Projection => ({
    ...projection,
    apply: (events, tables) =>
      events.some(isBeginning) ? Promise.reject(new Error('Too bitter.')) : projection.apply(events, tables),
  });

  async function retryAll(): Promise<void> {
    const { database } = side;
    for (const { projection: name, stream } of await findParked(database.manager)) {
      const projection = projections.find((each) => each.name === name)!;
      await retryParked({ database, store: opened, toEvent }, projection, stream);
    }
  }

  it.each([
    { written: 'under seal', log: () => sealing },
    { written: 'in clear, by the first versions', log: () => side.store },
  ])('does not bring back what was written $written', async ({ log }) => {
    await projector.stop();
    projector = side.project(projections.map(bitter), side.database, opened);
    await actAs(bea, log());
    await actAs(strangerBea, log());
    await erase();
    await projector.stop();

    await retryAll();

    expect(await findParked(side.database.manager)).toEqual([]);
    const afterRetry = await rows();
    expect(afterRetry.join()).not.toContain('Bea Erased');
    expect(afterRetry.join().match(/Another Bea/g)).toHaveLength(4 + 3 + 1);
    const ofBea = afterRetry.filter((row) => row.includes('"actor_id":"bea"') && row.includes('"tenant_id":"acme"'));
    for (const row of ofBea) expect(JSON.parse(row)).toMatchObject({ ip: null, user_agent: null, salt: null });
    expect(ofBea).toHaveLength(3);
  });
});
