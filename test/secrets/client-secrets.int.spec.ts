import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { AppQueries } from '../../projections/apps.js';
import { SweepVaultJob } from '../../src/apps/sweep-vault.job.js';
import { Clock } from '../../src/clock.js';
import type { LatchkeyEvent } from '../../src/events.js';
import type { EventStore } from '../../src/event-store/event-store.js';
import { logWith } from '../../src/event-store/log-with.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { createDatabase, migrate } from '../../src/postgres/database.js';
import { ClientSecrets, type SecretName } from '../../src/secrets/client-secrets.js';
import { isWellFormed } from '../../src/secrets/format.js';
import { Keys } from '../../src/secrets/keys.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { appAdded, secretOf, write } from '../support/log-events.js';
import { aKey, someSettings } from '../support/parts.js';

const NOW = new Date('2026-03-02T10:00:00.000Z');
const at = (hours: number) => new Date(NOW.getTime() + hours * 3_600_000).toISOString();

describe('the vault of client secrets', () => {
  let test: TestDatabase;
  let database: DataSource;
  let store: EventStore;
  const settings = someSettings();

  beforeEach(async () => {
    test = await createTestDatabase();
    database = await createDatabase(test.url).initialize();
    await migrate(database);
    store = await openEventStore(test.url, 'latchkey');
  });
  afterEach(async () => {
    await store.close();
    await database.destroy();
    await test.drop();
  });

  const vault = (keys = settings) => new ClientSecrets(database, new Keys(keys, new Clock()));
  const aName = (change: Partial<SecretName> = {}): SecretName => ({
    tenantId: 'acme',
    appId: randomUUID(),
    secretId: randomUUID(),
    ...change,
  });
  const kept = async () => (await test.query('select secret_id from vault.client_secrets')).map((row) => row.secret_id);
  const age = (minutes: number, ...names: SecretName[]) =>
    test.query(
      `update vault.client_secrets set touched_at = now() - $1 * interval '1 minute' where secret_id = any ($2)`,
      [minutes, names.map(({ secretId }) => secretId)],
    );

  describe('that is asked for a secret', () => {
    it('makes one, and the same for the same command sent again, also at the same time', async () => {
      // Many rounds: whether two inserts meet half-way is a matter of microseconds.
      for (let round = 0; round < 100; round += 1) {
        const again = aName();
        const same = await Promise.all(Array.from({ length: 10 }, () => vault().issue(again)));
        expect(new Set(same).size).toBe(1);
      }
      const name = aName();
      const secrets = await Promise.all(Array.from({ length: 10 }, () => vault().issue(name)));

      expect(isWellFormed(secrets[0]!, 'lk_sec_')).toBe(true);
      expect(await vault().reveal(name)).toBe(secrets[0]);
      expect(await vault().issue(aName({ appId: name.appId }))).not.toBe(secrets[0]);
    });

    it('has none under a name that differs in anything', async () => {
      const name = aName();
      await vault().issue(name);

      expect(await vault().reveal({ ...name, tenantId: 'globex' })).toBeNull();
      expect(await vault().reveal({ ...name, appId: randomUUID() })).toBeNull();
      expect(await vault().reveal({ ...name, secretId: randomUUID() })).toBeNull();
    });

    it('opens what an older key of the ring closed, and nothing without that key', async () => {
      const name = aName();
      const [older, newer] = [aKey('older'), aKey('newer')];
      const ring = (...keys: (typeof older)[]) =>
        someSettings({ keyRing: { pepper: [aKey('p')], vault: keys, sign: [] } });
      const secret = await vault(ring(older)).issue(name);

      expect(await vault(ring(newer, older)).reveal(name)).toBe(secret);
      await expect(vault(ring(newer)).reveal(name)).rejects.toThrow('"older"');
      await expect(vault(ring({ ...newer, id: 'older' })).reveal(name)).rejects.toThrow();
    });
  });

  it('opens each secret through a rotation, on instances that are before and past it (promise: no downtime)', async () => {
    const [old, next] = [aKey('old'), { ...aKey('next'), usedFrom: NOW }];
    const ring = someSettings({ keyRing: { pepper: [aKey('p')], vault: [next, old], sign: [] } });
    const at = (milliseconds: number) =>
      new ClientSecrets(database, new Keys(ring, { now: () => new Date(NOW.getTime() + milliseconds) }));
    const [before, past] = [at(-1), at(0)];
    const [first, second] = [aName(), aName()];

    const secrets = [await before.issue(first), await past.issue(second)];

    const keyIds = await test.query('select key_id from vault.client_secrets order by touched_at');
    expect(keyIds.map((row) => row.key_id)).toEqual(['old', 'next']);
    for (const instance of [before, past])
      expect([await instance.reveal(first), await instance.reveal(second)]).toEqual(secrets);
    expect(await past.issue(first)).toBe(secrets[0]);
  });

  // The promise: a sealed secret is bound to tenant, app and version.
  it.each([
    ['tenant', `tenant_id = 'globex'`, { tenantId: 'globex' }],
    ['app', `app_id = '00000000-0000-4000-8000-000000000001'`, { appId: '00000000-0000-4000-8000-000000000001' }],
    [
      'secret',
      `secret_id = '00000000-0000-4000-8000-000000000002'`,
      { secretId: '00000000-0000-4000-8000-000000000002' },
    ],
  ])('does not open a row that was moved to another %s', async (_, change, moved) => {
    const name = aName();
    await vault().issue(name);
    await test.query(`update vault.client_secrets set ${change}`);

    await expect(vault().reveal({ ...name, ...moved })).rejects.toThrow();
  });

  it('does not open a row whose content was put there from another', async () => {
    const [mine, theirs] = [aName(), aName({ tenantId: 'globex' })];
    await Promise.all([vault().issue(mine), vault().issue(theirs)]);
    await test.query(
      `update vault.client_secrets mine set wrapped_key = theirs.wrapped_key, ciphertext = theirs.ciphertext
       from vault.client_secrets theirs where mine.tenant_id = 'acme' and theirs.tenant_id = 'globex'`,
    );

    await expect(vault().reveal(mine)).rejects.toThrow();
  });

  it('shows nothing readable to whoever reads its table', async () => {
    const secret = await vault().issue(aName());
    const rows =
      await test.query(`select *, convert_from(decode(encode(ciphertext, 'hex'), 'escape'), 'LATIN1') as latin
      from vault.client_secrets`);
    const [{ row, binary }] = await test.query(
      `select row_to_json(s)::text as row, wrapped_key || ciphertext as binary from vault.client_secrets s`,
    );

    for (const part of [secret, secret.slice(7), secret.slice(7, 27), secret.slice(-12), 'lk_sec_']) {
      const bytes = Buffer.from(part);
      expect(JSON.stringify(rows)).not.toContain(part);
      for (const encoded of [part, bytes.toString('hex'), bytes.toString('base64')]) expect(row).not.toContain(encoded);
      expect((binary as Buffer).includes(bytes)).toBe(false);
    }
    for (const { key } of settings.keyRing.vault) expect(row).not.toContain(key.toString('hex'));
  });

  it('never uses a data key or a nonce twice', async () => {
    const names = Array.from({ length: 50 }, () => aName());
    await Promise.all(names.map((name) => vault().issue(name)));
    const [counts] = await test.query(
      `select count(distinct substring(wrapped_key for 12)) as outer, count(distinct substring(ciphertext for 12)) as inner,
              count(distinct wrapped_key) as keys from vault.client_secrets`,
    );

    expect(counts).toEqual({ outer: '50', inner: '50', keys: '50' });
  });

  describe('that is told to destroy', () => {
    it('destroys the named secrets of that app and no others', async () => {
      const appId = randomUUID();
      const names = [aName({ appId }), aName({ appId }), aName()];
      await Promise.all(names.map((name) => vault().issue(name)));

      await vault().destroy('acme', appId, [names[0]!.secretId, names[2]!.secretId]);
      expect((await kept()).sort()).toEqual([names[1]!.secretId, names[2]!.secretId].sort());
      await vault().destroy('globex', appId, 'all');
      await vault().destroy('acme', appId, []);
      expect(await kept()).toHaveLength(2);
      await vault().destroy('acme', appId, 'all');
      expect(await kept()).toEqual([names[2]!.secretId]);
      expect(await vault().reveal(names[0]!)).toBeNull();
    });
  });

  describe('that is swept', () => {
    const sweep = (log = store) =>
      new SweepVaultJob(vault(), log, new AppQueries(database), { now: () => NOW }, settings).run();

    /** An app on the log, with a secret in the vault for each given one. */
    async function anApp(events: (appId: string, first: SecretName) => LatchkeyEvent[] = () => []) {
      const name = aName();
      await vault().issue(name);
      const secret = { ...secretOf(), id: name.secretId };
      await write(store, [appAdded({ appId: name.appId, secret, at: at(-48) }), ...events(name.appId, name)]);
      return name;
    }

    const rotated = (next: SecretName, old: SecretName, end: number): LatchkeyEvent => ({
      type: 'AppSecretRotated',
      data: {
        appId: old.appId,
        secret: { ...secretOf(), id: next.secretId },
        expiring: [{ id: old.secretId, expiresAt: at(end) }],
        at: at(-24),
      },
    });

    it('keeps what is in use, of whatever age, and what is too young to judge', async () => {
      const used = await anApp();
      const disabled = await anApp((appId) => [{ type: 'AppDisabled', data: { appId, at: at(-2) } }]);
      const young = aName();
      await vault().issue(young);
      await age(10_000, used, disabled);
      await age(59, young);

      await sweep();

      expect((await kept()).sort()).toEqual([used, disabled, young].map(({ secretId }) => secretId).sort());
    });

    it('removes orphans, the secrets of deleted apps, and retired ones, once they are an hour old', async () => {
      const orphan = aName();
      await vault().issue(orphan);
      const deleted = await anApp((appId) => [{ type: 'AppDeleted', data: { appId, at: at(-2) } }]);
      const [second, third] = [aName(), aName()];
      const retired = await anApp((_, first) => [rotated(second, first, -1)]);
      const overlapping = await anApp((_, first) => [rotated(third, first, 1)]);
      Object.assign(second, { appId: retired.appId });
      Object.assign(third, { appId: overlapping.appId });
      await Promise.all([second, third].map((name) => vault().issue(name)));
      const all = [orphan, deleted, retired, overlapping, second, third];

      await sweep();
      expect(await kept()).toHaveLength(all.length);
      await age(61, ...all);
      await sweep();

      expect((await kept()).sort()).toEqual([overlapping, second, third].map(({ secretId }) => secretId).sort());
    });

    it('keeps a secret that a command touches between the look and the destruction', async () => {
      const [retried, orphan] = [aName(), aName()];
      const secret = await vault().issue(retried);
      await vault().issue(orphan);
      await age(61, retried, orphan);

      await vault().sweep(async (name) => {
        // The log does not know it yet: its command is only now sent again.
        if (name.secretId === retried.secretId) expect(await vault().issue(retried)).toBe(secret);
        return false;
      });

      expect(await kept()).toEqual([retried.secretId]);
      expect(await vault().reveal(retried)).toBe(secret);
    });

    it('keeps a secret of another app under the same id', async () => {
      const deleted = await anApp((appId) => [{ type: 'AppDeleted', data: { appId, at: at(-2) } }]);
      // As a command of an earlier version made it, that was sent for two apps under one idempotency key.
      const used = aName({ secretId: deleted.secretId });
      await vault().issue(used);
      const secret = { ...secretOf(), id: used.secretId };
      await write(store, [appAdded({ appId: used.appId, secret, at: at(-48) })]);
      await age(61, used);

      await sweep();

      expect(await vault().reveal(used)).not.toBeNull();
      expect(await vault().reveal(deleted)).toBeNull();
    });

    it('keeps everything when the log is the wrong one: empty, or without the apps that are shown', async () => {
      const used = await anApp();
      await test.query(
        `insert into read.apps (id, tenant_id, client_id, name, description, status, permissions, secrets, generation,
                                created_by_id, created_by_name, created_at, updated_at)
         values ($1, 'acme', 'lk_app_1', 'CI', '', 'ACTIVE', '{}', '[]', 0, 'ada', 'Ada', now(), now())`,
        [used.appId],
      );
      const orphan = aName();
      await vault().issue(orphan);
      await age(61, used, orphan);
      const emptyLog: EventStore = logWith(store, {
        head: () => Promise.resolve(null),
        read: () => Promise.resolve([]),
      });
      await sweep(emptyLog);
      expect(await kept()).toHaveLength(2);

      await sweep(logWith(store, { read: () => Promise.resolve([]) }));

      expect(await kept()).toEqual([used.secretId]);
    });

    it('keeps everything when the log cannot be asked', async () => {
      const used = await anApp();
      await age(61, used);
      const broken = await openEventStore(test.url, 'latchkey');
      await broken.close();

      await expect(sweep(broken)).rejects.toThrow();

      expect(await kept()).toEqual([used.secretId]);
    });

    it('goes through more rows than one page', async () => {
      const names = Array.from({ length: 1_200 }, () => aName());
      // The rows only: what is in them is not looked at.
      await test.query(
        `insert into vault.client_secrets select 'acme', app, secret, 'vault-1', '', '', now()
         from unnest($1::uuid[], $2::uuid[]) as names (app, secret)`,
        [names.map(({ appId }) => appId), names.map(({ secretId }) => secretId)],
      );
      await age(61, ...names);
      const used = new Set(names.filter((_, index) => index % 3 === 0).map(({ secretId }) => secretId));

      const swept = await vault().sweep(({ secretId }) => Promise.resolve(used.has(secretId)));

      expect(swept).toBe(800);
      expect((await kept()).sort()).toEqual([...used].sort());
    });
  });
});
