import { jest } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { AccessDenials } from '../../src/audit/access-denials.js';
import type { Operation } from '../../src/auth/access.js';
import type { Caller } from '../../src/auth/caller.js';
import { DomainError } from '../../src/domain-error.js';
import { StoreUnavailableError, type EventStore } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { callerOf, originOf } from '../support/log-events.js';
import { someSettings, storeWith } from '../support/parts.js';
import { eventually } from '../support/read-side.js';

const forbidden = new DomainError('FORBIDDEN', 'You may not.');

describe('refusals', () => {
  let database: TestDatabase;
  let store: EventStore;

  beforeEach(async () => {
    database = await createTestDatabase();
    store = await openEventStore(database.url, 'latchkey');
  });
  afterEach(async () => {
    jest.useRealTimers();
    await store.close();
    await database.drop();
  });

  const recorder = (log = store) => new AccessDenials(log, someSettings());
  const bob = callerOf('acme', { id: 'bob', roles: [] });
  const refuse = (
    to: AccessDenials,
    caller: Caller = bob,
    operation: Operation = 'deleteApp',
    target: { targetId?: unknown } = {},
  ) => to.record(originOf(caller), operation, forbidden, target);

  const onTheLog = async () => {
    const rows = await database.query(
      `select stream, data, metadata from log.events where type = 'AccessDenied' order by position`,
    );
    return rows.map(({ stream, data, metadata }) => ({ ...data, stream, by: metadata.actor.id, metadata }));
  };
  const total = (events: { count: number }[]) => events.reduce((sum, { count }) => sum + count, 0);

  it('are on the log within a second: what was refused, whose, why, from where', async () => {
    const denials = recorder();
    const targetId = randomUUID();
    const began = Date.now();
    refuse(denials, bob, 'deleteApp', { targetId });
    await eventually(async () => (await onTheLog()).length > 0, 5_000);

    const [event, ...more] = await onTheLog();
    expect(more).toEqual([]);
    expect(event).toMatchObject({
      operation: 'deleteApp',
      code: 'FORBIDDEN',
      reason: 'You may not.',
      targetType: 'APP',
      targetId,
      count: 1,
      by: 'bob',
      stream: `latchkey.access-acme-${event.from.slice(0, 10)}`,
    });
    expect(event.metadata).toMatchObject({ tenantId: 'acme', ip: '192.0.2.7', userAgent: 'spec/1' });
    expect(Date.parse(event.from) - began).toBeLessThan(1_000);
    await denials.onApplicationShutdown();
  });

  it('of a burst are one or two events whose counts add up', async () => {
    const denials = recorder();
    for (let count = 0; count < 250; count += 1) refuse(denials);
    await eventually(async () => (await onTheLog()).length > 0, 5_000);
    for (let count = 0; count < 250; count += 1) refuse(denials);
    await sleep(1_500);
    // Within the minute that follows the first event nothing more is written.
    expect(await onTheLog()).toHaveLength(1);
    await denials.onApplicationShutdown();

    const events = await onTheLog();
    expect(events.map(({ count }) => count)).toEqual([250, 250]);
    for (const { from, at } of events) expect(Date.parse(from)).toBeLessThanOrEqual(Date.parse(at));
  });

  it('of different callers, tenants and operations are told apart', async () => {
    const denials = recorder();
    const callers = [
      bob,
      callerOf('acme', { id: 'eve' }),
      callerOf('globex', { id: 'bob' }),
      { ...bob, kind: 'APP' } as const,
    ];
    for (const caller of callers) {
      refuse(denials, caller, 'deleteApp');
      refuse(denials, caller, 'auditTrail');
      refuse(denials, caller, 'auditTrail');
    }
    await denials.onApplicationShutdown();

    const events = await onTheLog();
    const told = events.map(({ by, operation, count, metadata }) => [
      metadata.tenantId,
      metadata.actor.kind,
      by,
      operation,
      count,
    ]);
    expect(told).toHaveLength(8);
    for (const { tenantId, kind, id } of callers) {
      expect(told).toContainEqual([tenantId, kind, id, 'deleteApp', 1]);
      expect(told).toContainEqual([tenantId, kind, id, 'auditTrail', 2]);
    }
    for (const { stream, metadata } of events) expect(stream).toContain(`.access-${metadata.tenantId}-`);
  });

  it('that flood one tenant, or come from its apps, keep no others off the trail, and are bounded themselves', async () => {
    const denials = recorder();
    for (let count = 0; count < 1_100; count += 1) {
      refuse(denials, callerOf('globex', { id: `user-${count}` }));
      refuse(denials, { ...callerOf('acme', { id: `app-${count}` }), kind: 'APP' });
    }
    refuse(denials);
    await denials.onApplicationShutdown();

    const events = await onTheLog();
    expect(events.filter(({ by }) => by === 'bob')).toHaveLength(1);
    expect(events).toHaveLength(401);

    // What is written makes room.
    refuse(denials, callerOf('globex', { id: 'user-1099' }));
    await denials.onApplicationShutdown();
    expect(await onTheLog()).toHaveLength(402);
  });

  it('of several instances share a stream without losing any', async () => {
    const other = await openEventStore(database.url, 'latchkey');
    const both = [recorder(store), recorder(other)];
    for (let count = 0; count < 40; count += 1) refuse(both[count % 2]!, callerOf('acme', { id: `user-${count}` }));
    await Promise.all(both.map((each) => each.onApplicationShutdown()));
    await other.close();

    expect((await onTheLog()).map(({ by }) => by).sort()).toEqual(
      Array.from({ length: 40 }, (_, n) => `user-${n}`).sort(),
    );
  });

  it('that have not been written yet are when the process stops', async () => {
    const denials = recorder();
    refuse(denials);
    refuse(denials);
    await denials.onApplicationShutdown();

    expect((await onTheLog()).map(({ count }) => count)).toEqual([2]);
  });

  it('with a target that is no id have none', async () => {
    const denials = recorder();
    refuse(denials, bob, 'deleteApp', { targetId: `'; drop table` });
    await denials.onApplicationShutdown();

    expect((await onTheLog()).map(({ targetId }) => targetId)).toEqual([null]);
  });

  describe('while the log is away', () => {
    let isAway = true;
    const wayward = () =>
      storeWith(store, async (...append) => {
        if (isAway) throw new StoreUnavailableError('Away.');
        return store.append(...append);
      });

    beforeEach(() => {
      isAway = true;
    });

    it('are kept and counted on, and written when it is back', async () => {
      // Only the recorder's own minute is skipped: the log itself is real.
      jest.useFakeTimers({
        doNotFake: ['Date', 'hrtime', 'nextTick', 'performance', 'queueMicrotask', 'setImmediate', 'clearImmediate'],
      });
      const denials = recorder(wayward());
      for (let count = 0; count < 3; count += 1) refuse(denials);
      await jest.advanceTimersByTimeAsync(600);
      await sleep(200);
      for (let count = 0; count < 4; count += 1) refuse(denials);
      await jest.advanceTimersByTimeAsync(61_000);
      expect(await onTheLog()).toEqual([]);

      isAway = false;
      await jest.advanceTimersByTimeAsync(61_000);
      jest.useRealTimers();
      await eventually(async () => (await onTheLog()).length > 0, 5_000);
      await denials.onApplicationShutdown();

      expect(total(await onTheLog())).toBe(7);
    });

    it('of many callers are all there at shutdown when it is back by then', async () => {
      const denials = recorder(wayward());
      for (let count = 0; count < 20; count += 1) refuse(denials, callerOf('acme', { id: `user-${count % 10}` }));
      await sleep(900);
      isAway = false;
      await denials.onApplicationShutdown();

      const events = await onTheLog();
      expect(events).toHaveLength(10);
      expect(total(events)).toBe(20);
    });

    it('are counted once when only the answer was lost', async () => {
      let lost = 0;
      const losing = storeWith(store, async (...append) => {
        const outcome = await store.append(...append);
        if (lost++ === 0) throw new StoreUnavailableError('The answer was lost.');
        return outcome;
      });
      const denials = recorder(losing);
      for (let count = 0; count < 5; count += 1) refuse(denials);
      await eventually(() => lost > 0, 5_000);
      for (let count = 0; count < 2; count += 1) refuse(denials);
      await sleep(200);
      await denials.onApplicationShutdown();

      expect(total(await onTheLog())).toBe(7);
    });
  });
});
