import { randomUUID } from 'node:crypto';
import { appDecider, type AppCommand } from '../../src/apps/app.decider.js';
import { AccessDenials } from '../../src/audit/access-denials.js';
import type { Operation } from '../../src/auth/access.js';
import type { Caller } from '../../src/auth/caller.js';
import { commandRequest } from '../../src/event-store/command-request.js';
import { DecideAndAppend } from '../../src/event-store/decide-and-append.js';
import { StoreUnavailableError, type EventStore } from '../../src/event-store/event-store.js';
import { openEventStore } from '../../src/event-store/open-event-store.js';
import { tokenDecider, type TokenCommand } from '../../src/tokens/token.decider.js';
import { createTestDatabase, type TestDatabase } from '../support/databases.js';
import { appAdded, callerOf, originOf, secretOf, tokenCreated, write } from '../support/log-events.js';
import { someSettings, storeWith } from '../support/parts.js';

const NOW = new Date('2026-03-02T10:00:00Z');
const ada = callerOf('acme');

describe('a command over a real log', () => {
  let database: TestDatabase;
  let stores: EventStore[];
  let denials: AccessDenials[];

  beforeEach(async () => {
    database = await createTestDatabase();
    stores = await Promise.all([1, 2].map(() => openEventStore(database.url, 'latchkey')));
    denials = [];
  });
  afterEach(async () => {
    await Promise.all(denials.map((each) => each.onApplicationShutdown()));
    await Promise.all(stores.map((store) => store.close()));
    await database.drop();
  });

  const store = () => stores[0]!;

  function over(inner: EventStore) {
    const recorder = new AccessDenials(inner, someSettings());
    denials.push(recorder);
    return new DecideAndAppend(inner, recorder, someSettings());
  }

  const request = (operation: Operation, idempotencyKey?: string, caller: Caller = ada, input: object = {}) =>
    commandRequest(originOf(caller), operation, { ...input, ...(idempotencyKey && { idempotencyKey }) }, NOW);
  const typesIn = async (stream: string) => (await store().read(stream)).map(({ type }) => type);

  async function anApp() {
    const added = appAdded();
    await write(store(), [added]);
    const { appId } = added.data;
    return { appId, stream: `latchkey.app-${appId}` };
  }
  const disable = (appId: string) => (): AppCommand => ({ type: 'DisableApp', appId, now: NOW });
  const view = (appId: string) => (): AppCommand => ({ type: 'ViewAppCredentials', appId, now: NOW });

  describe('that is sent twenty times at once with one idempotency key', () => {
    it('has one effect, and every send the same answer', async () => {
      const { appId, stream } = await anApp();
      const doors = stores.map(over);

      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          doors[index % 2]!.run(appDecider, appId, request('viewAppCredentials', 'key-1'), view(appId)),
        ),
      );

      expect(await typesIn(stream)).toEqual(['AppAdded', 'AppCredentialsViewed']);
      const [, viewed] = await store().read(stream);
      for (const { events, position } of outcomes) {
        expect(position).toBe(viewed!.position);
        expect(events.map(({ data }) => data)).toEqual([viewed!.data]);
      }
    });

    it('creates one thing: each send tells of the one that is stored', async () => {
      const appId = randomUUID();
      const doors = stores.map(over);

      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          doors[index % 2]!.run(appDecider, appId, request('addApp', 'key-1'), (): AppCommand => ({
            type: 'AddApp',
            appId,
            now: NOW,
            clientId: `lk_app_${appId}`,
            name: 'One',
            description: '',
            // Every send brings a secret of its own: an answer may only tell of the one that is on the log.
            secret: secretOf(),
          })),
        ),
      );

      const [stored, ...more] = await store().read(`latchkey.app-${appId}`);
      expect(more).toEqual([]);
      for (const { events } of outcomes) expect(events.map(({ data }) => data)).toEqual([stored!.data]);
    });

    it('has another effect under another key, and none with another input', async () => {
      const { appId, stream } = await anApp();
      const door = over(store());
      const send = (key: string, input: object) =>
        door.run(appDecider, appId, request('viewAppCredentials', key, ada, input), view(appId));
      await send('key-1', { id: appId });
      await send('key-2', { id: appId });

      await expect(send('key-1', { id: appId, more: 1 })).rejects.toMatchObject({ code: 'CONFLICT' });
      expect(await typesIn(stream)).toEqual(['AppAdded', 'AppCredentialsViewed', 'AppCredentialsViewed']);
    });
  });

  describe('that meets others', () => {
    it('is decided again after a conflict, on what is there then', async () => {
      const { appId, stream } = await anApp();
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          over(stores[index % 2]!).run(appDecider, appId, request('disableApp'), disable(appId)),
        ),
      );

      expect(await typesIn(stream)).toEqual(['AppAdded', 'AppDisabled']);
      expect(outcomes.filter(({ events }) => events.length > 0)).toHaveLength(1);
      const [, disabled] = await store().read(stream);
      for (const { position } of outcomes) expect(position).toBe(disabled!.position);
    });

    it('loses none of twenty commands that all have an effect', async () => {
      const { appId, stream } = await anApp();

      await Promise.all(
        Array.from({ length: 20 }, (_, index) =>
          over(stores[index % 2]!).run(appDecider, appId, request('viewAppCredentials'), view(appId)),
        ),
      );

      expect(await typesIn(stream)).toEqual(['AppAdded', ...Array(20).fill('AppCredentialsViewed')]);
    });

    it('is refused when what it needs is gone by then', async () => {
      const { appId, stream } = await anApp();
      let isFirst = true;
      const deletedMeanwhile = storeWith(store(), async (...append) => {
        if (isFirst) {
          isFirst = false;
          await write(store(), [{ type: 'AppDeleted', data: { appId, at: NOW.toISOString() } }]);
        }
        return store().append(...append);
      });

      const answer = over(deletedMeanwhile).run(appDecider, appId, request('disableApp'), disable(appId));

      await expect(answer).rejects.toMatchObject({ code: 'NOT_FOUND' });
      expect(await typesIn(stream)).toEqual(['AppAdded', 'AppDeleted']);
    });
  });

  // The promise: an id of another tenant answers exactly as an id that does not exist.
  it('about a thing of another tenant is answered as about one that does not exist', async () => {
    const { appId, stream } = await anApp();
    const mallory = callerOf('globex', { id: 'mallory' });
    const door = over(store());
    const refusal = async (id: string) =>
      door.run(appDecider, id, request('disableApp', undefined, mallory), disable(id)).catch((error: unknown) => error);

    const [foreign, missing] = [await refusal(appId), await refusal(randomUUID())];

    expect(foreign).toEqual(missing);
    expect(foreign).toMatchObject({ code: 'NOT_FOUND' });
    expect(await typesIn(stream)).toEqual(['AppAdded']);
  });

  describe('while the log is in trouble', () => {
    const losing = (answers: number) => {
      let lost = 0;
      return storeWith(store(), async (...append) => {
        const outcome = await store().append(...append);
        if (lost++ < answers) throw new StoreUnavailableError('The answer was lost.');
        return outcome;
      });
    };

    it('is stored once when its answer is lost and asked for again', async () => {
      const { appId, stream } = await anApp();

      const { events, position } = await over(losing(2)).run(
        appDecider,
        appId,
        request('viewAppCredentials'),
        view(appId),
      );

      expect(await typesIn(stream)).toEqual(['AppAdded', 'AppCredentialsViewed']);
      expect(events).toHaveLength(1);
      expect(position).toBe((await store().read(stream))[1]!.position);
    });

    it('is stored once when its answer is lost for good and the client sends it again', async () => {
      const { appId, stream } = await anApp();
      const send = (door: DecideAndAppend) =>
        door.run(appDecider, appId, request('viewAppCredentials', 'key-1'), view(appId));

      await expect(send(over(losing(Infinity)))).rejects.toBeInstanceOf(StoreUnavailableError);
      const { events } = await send(over(store()));

      expect(events).toHaveLength(1);
      expect(await typesIn(stream)).toEqual(['AppAdded', 'AppCredentialsViewed']);
    });

    it('fails in a few seconds when the log stays away, and leaves nothing half-done', async () => {
      const { appId, stream } = await anApp();
      let tries = 0;
      const away = storeWith(store(), () => {
        tries += 1;
        return Promise.reject(new StoreUnavailableError('Away.'));
      });
      const began = Date.now();

      const answer = over(away).run(appDecider, appId, request('disableApp'), disable(appId));

      await expect(answer).rejects.toBeInstanceOf(StoreUnavailableError);
      expect(Date.now() - began).toBeLessThan(5_000);
      expect(tries).toBeGreaterThan(1);
      expect(await typesIn(stream)).toEqual(['AppAdded']);
    });
  });

  describe('that is forbidden', () => {
    const refusals = async () => {
      await Promise.all(denials.map((each) => each.onApplicationShutdown()));
      const rows = await database.query(`select data, metadata from log.events where type = 'AccessDenied'`);
      return rows.map(({ data, metadata }) => ({ ...data, by: metadata.actor.id, tenant: metadata.tenantId }));
    };

    it('by the role, is on the log with its target', async () => {
      const { appId, stream } = await anApp();
      const auditor = callerOf('acme', { id: 'eve', roles: ['AUDITOR'] });
      let isBuilt = false;
      const answer = over(store()).run(appDecider, appId, request('deleteApp', undefined, auditor), () => {
        isBuilt = true;
        return { type: 'DeleteApp', appId, now: NOW };
      });

      await expect(answer).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(isBuilt).toBe(false);
      expect(await typesIn(stream)).toEqual(['AppAdded']);
      expect(await refusals()).toMatchObject([
        {
          operation: 'deleteApp',
          code: 'FORBIDDEN',
          targetId: appId,
          targetType: 'APP',
          count: 1,
          by: 'eve',
          tenant: 'acme',
        },
      ]);
    });

    it('by the rules of the thing itself, is on the log too', async () => {
      const token = tokenCreated({ owner: { id: 'user-ada' } });
      await write(store(), [token]);
      const { tokenId } = token.data;
      const bob = callerOf('acme', { id: 'bob', roles: ['DEVELOPER'] });
      const answer = over(store()).run(
        tokenDecider,
        tokenId,
        request('revokeToken', undefined, bob),
        (reach): TokenCommand => ({
          type: 'RevokeToken',
          tokenId,
          now: NOW,
          reach: reach === 'any' ? reach : { ownerId: bob.id },
        }),
      );

      await expect(answer).rejects.toMatchObject({ code: 'FORBIDDEN' });
      expect(await refusals()).toMatchObject([
        { operation: 'revokeToken', targetId: tokenId, targetType: 'TOKEN', by: 'bob' },
      ]);
    });

    it('as a whole, before anything is looked for, is on the log without a target', async () => {
      const bob = callerOf('acme', { id: 'bob', roles: ['DEVELOPER'] });

      expect(() => over(store()).authorise(request('revokeTokensOf', undefined, bob))).toThrow('revokeTokensOf');
      expect(await refusals()).toMatchObject([{ operation: 'revokeTokensOf', targetId: null, by: 'bob' }]);
    });

    it('is not what a refusal for another reason is', async () => {
      const { appId } = await anApp();
      await write(store(), [{ type: 'AppDeleted', data: { appId, at: NOW.toISOString() } }]);

      await expect(over(store()).run(appDecider, appId, request('disableApp'), disable(appId))).rejects.toThrow();
      expect(await refusals()).toEqual([]);
    });
  });
});
