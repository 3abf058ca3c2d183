import { randomUUID } from 'node:crypto';
import { AppRow } from '../../projections/apps.js';
import { AuditQueries } from '../../projections/audit-queries.js';
import { AuditRow } from '../../projections/audit-trail.js';
import { TokenQueries, TokenRow, statusOf } from '../../projections/tokens.js';
import type { RecordedEvent } from '../../src/event-store/event-store.js';
import type { LatchkeyEvent } from '../../src/events.js';
import { expectedApp, expectedToken } from '../support/expected-rows.js';
import { appHistory, dice, tokenHistory } from '../support/histories.js';
import { accessDenied, appAdded, callerOf, logged, streamOf, tokenCreated, write } from '../support/log-events.js';
import { openReadSide, type ReadSide } from '../support/read-side.js';

const at = (hour: number) => new Date(Date.parse('2026-03-01T10:00:00Z') + hour * 3_600_000).toISOString();

describe('the read models of a log', () => {
  let side: ReadSide;

  beforeEach(async () => {
    side = await openReadSide();
  });
  afterEach(() => side.close());

  const rowOf = async <Row extends object>(table: new () => Row, id: string) =>
    (await side.database.getRepository(table).find({ where: { id } as never }))[0];
  const trail = async (tenantId: string) =>
    (await new AuditQueries(side.database).list(tenantId, {}, { first: 1_000, after: null })).rows.reverse();

  it('are what the histories tell, for every event type', async () => {
    const roll = dice(7);
    const histories: LatchkeyEvent[][] = Array.from({ length: 60 }, (_, index) =>
      index % 2 ? appHistory(roll, 14) : tokenHistory(roll, 4),
    );
    const caller = (index: number) =>
      callerOf(index % 3 ? 'acme' : 'globex', { id: `user-${index}`, name: `N${index}` });
    await Promise.all(
      histories.map((history, index) =>
        // Half of each before the projector starts, so that both ends of a history meet in one batch and in two.
        write(side.store, history.slice(0, 3), caller(index)),
      ),
    );
    side.project();
    await Promise.all(histories.map((history, index) => write(side.store, history.slice(3), caller(index))));
    await write(side.store, [accessDenied()]);
    await side.reached(await side.store.head());

    const types = new Set<string>(['AccessDenied']);
    for (const history of histories) {
      const stored: RecordedEvent[] = await side.store.read(streamOf(history[0]!));
      expect(stored).toHaveLength(history.length);
      for (const { type } of stored) types.add(type);
      const isApp = stored[0]!.type === 'AppAdded';
      const expected = isApp ? expectedApp(stored) : expectedToken(stored);
      expect(await rowOf<object>(isApp ? AppRow : TokenRow, expected.id)).toEqual(expected);
    }
    expect([...types].sort()).toEqual([
      'AccessDenied',
      'AppActivated',
      'AppAdded',
      'AppCredentialsViewed',
      'AppDeleted',
      'AppDisabled',
      'AppPermissionsChanged',
      'AppSecretRotated',
      'TokenCreated',
      'TokenDeleted',
      'TokenExpired',
      'TokenRevoked',
    ]);
    expect(await side.database.getRepository(AuditRow).count()).toBe(histories.flat().length + 1);
  });

  it.each(['NULL', '', '"', '\\', '\\"', '{a,b}', 'a\nb\tc', "'; --", 'ä 😀', ' a '])(
    'have a text as it is: %j',
    async (text) => {
      side.project();
      const app = appAdded({ name: text, description: `${text}${text}` });
      await write(side.store, [app]);
      await side.reached(await side.store.head());

      expect(await rowOf(AppRow, app.data.appId)).toMatchObject({ name: text, description: `${text}${text}` });
      expect((await trail('acme'))[0]).toMatchObject({ targetName: text, details: { description: `${text}${text}` } });
    },
  );

  it('tell on the audit trail who did what to what, and keep its name after the end', async () => {
    side.project();
    const app = appAdded({ name: 'Billing', description: 'Sends bills' });
    const { appId } = app.data;
    const ada = callerOf('acme');
    const events: LatchkeyEvent[] = [
      app,
      { type: 'AppCredentialsViewed', data: { appId, secretId: randomUUID(), at: at(1) } },
      { type: 'AppDeleted', data: { appId, at: at(2) } },
    ];
    await write(side.store, events, ada);
    await write(side.store, [accessDenied({ targetId: appId, count: 7, at: at(3) })], ada);
    await side.reached(await side.store.head());

    const rows = await trail('acme');
    expect(rows.map(({ action, targetName }) => [action, targetName])).toEqual([
      ['AppAdded', 'Billing'],
      ['AppCredentialsViewed', 'Billing'],
      ['AppDeleted', 'Billing'],
      ['AccessDenied', 'Billing'],
    ]);
    const [stored] = await side.store.read(streamOf(app));
    expect(rows[0]).toEqual({
      id: stored!.id,
      tenantId: 'acme',
      logOrder: stored!.position,
      position: stored!.position,
      at: new Date(at(0)),
      action: 'AppAdded',
      actorKind: 'USER',
      actorId: 'user-ada',
      actorName: 'Ada',
      targetType: 'APP',
      targetId: appId,
      targetName: 'Billing',
      reason: null,
      ip: '192.0.2.7',
      userAgent: 'spec/1',
      commitment: expect.stringMatching(/^[\w+/]{43}=$/),
      salt: expect.any(String),
      correlationId: stored!.metadata.$correlationId,
      details: { clientId: `lk_app_${appId}`, description: 'Sends bills' },
      leafIndex: '0',
      leafHash: expect.stringMatching(/^[\w+/]{43}=$/),
    });
    expect(rows[3]).toMatchObject({
      reason: 'You may not use deleteApp.',
      details: { operation: 'deleteApp', code: 'FORBIDDEN', count: 7 },
    });
  });

  it('keep hashes off the audit trail', async () => {
    side.project();
    const events = [...appHistory(dice(3), 20), ...tokenHistory(dice(3), 3)];
    await write(side.store, events);
    await side.reached(await side.store.head());

    const hashes = events.flatMap(({ data }) => ('secret' in data ? [data.secret.hash] : []));
    const text = JSON.stringify(await trail('acme'));
    expect(hashes.length).toBeGreaterThan(2);
    for (const hash of hashes) expect(text).not.toContain(hash);
  });

  // The promise: an id of another tenant answers exactly as an id that does not exist.
  it.each(['in the same batch', 'in a later batch'])(
    'never name the thing of another tenant that somebody was refused: %s',
    async (when) => {
      const [app, token] = [appAdded({ name: 'Secret plan' }), tokenCreated({ name: 'Secret token' })];
      const { appId } = app.data;
      const { tokenId } = token.data;
      if (when === 'in a later batch') side.project();
      await write(side.store, [app, token], callerOf('globex'));
      if (when === 'in a later batch') await side.reached(await side.store.head());
      await write(
        side.store,
        [
          accessDenied({ targetId: appId }),
          accessDenied({ targetId: tokenId, targetType: 'TOKEN' }),
          accessDenied({ targetId: randomUUID() }),
        ],
        callerOf('acme', { id: 'mallory' }),
      );
      if (when === 'in the same batch') side.project();
      await side.reached(await side.store.head());

      expect((await trail('acme')).map(({ targetName }) => targetName)).toEqual([null, null, null]);
      expect(JSON.stringify(await trail('acme'))).not.toContain('Secret');
      expect(await trail('globex')).toHaveLength(2);
    },
  );

  it('let the clock say when a token expires, whether or not the log does', async () => {
    side.project();
    const created = tokenCreated({ expiresAt: at(5) });
    const { tokenId } = created.data;
    await write(side.store, [created]);
    await side.reached(await side.store.head());
    const queries = new TokenQueries(side.database);
    const page = { first: 10, after: null, order: { field: 'CREATED_AT', direction: 'ASC' } } as const;
    const countAt = async (hour: number) => {
      const statuses = ['ACTIVE', 'EXPIRED', 'REVOKED'] as const;
      const counts = statuses.map((status) =>
        queries.count({ tenantId: 'acme' }, { status: [status] }, new Date(at(hour))),
      );
      return Promise.all(counts);
    };

    const [row] = (await queries.list({ tenantId: 'acme' }, {}, new Date(at(4)), page)).rows;
    expect([4.999, 5, 6].map((hour) => statusOf(row!, new Date(at(hour))))).toEqual(['ACTIVE', 'EXPIRED', 'EXPIRED']);
    expect(await Promise.all([4.999, 5, 6].map(countAt))).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 1, 0],
    ]);
    expect(await queries.findDue(new Date(at(5)), 10, 'acme')).toEqual([tokenId]);
    expect(await queries.findDue(new Date(at(5)), 10, 'globex')).toEqual([]);
    expect(await queries.findTenantsWithDue(new Date(at(4)))).toEqual([]);

    await write(side.store, [{ type: 'TokenExpired', data: { tokenId, at: at(6) } }]);
    await side.reached(await side.store.head());
    expect(await countAt(6)).toEqual([0, 1, 0]);
    expect(await queries.findDue(new Date(at(7)), 10, 'acme')).toEqual([]);
  });

  it('tell how many tokens a bulk command ended, also for those that are deleted since', async () => {
    side.project();
    const tokens = [tokenCreated(), tokenCreated(), tokenCreated()];
    await write(side.store, tokens);
    const commandId = randomUUID();
    for (const token of tokens.slice(0, 2)) {
      const { tokenId } = token.data;
      const revoked: LatchkeyEvent = { type: 'TokenRevoked', data: { tokenId, at: at(1) } };
      await side.store.append(streamOf(token), 0n, [logged(revoked, callerOf('acme'), commandId)]);
    }
    await write(side.store, [{ type: 'TokenDeleted', data: { tokenId: tokens[0]!.data.tokenId, at: at(2) } }]);
    await side.reached(await side.store.head());

    const queries = new TokenQueries(side.database);
    expect(await queries.countEndedBy('acme', commandId)).toEqual({ digest: 'digest', count: 2 });
    expect(await queries.countEndedBy('globex', commandId)).toBeNull();
  });
});
