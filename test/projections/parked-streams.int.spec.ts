import { randomUUID } from 'node:crypto';
import { AppRow, appsProjection } from '../../projections/apps.js';
import { AuditRow } from '../../projections/audit-trail.js';
import { findParked } from '../../projections/parked-streams.js';
import type { Projection } from '../../projections/projection.js';
import { projections } from '../../projections/projections.js';
import { NotParkedError, retryParked } from '../../projections/retry-parked.js';
import { toEvent } from '../../src/events.js';
import { expectedApp } from '../support/expected-rows.js';
import { appHistory, dice } from '../support/histories.js';
import { appActivated, appAdded, appDisabled, logged, streamOf, write } from '../support/log-events.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';

let side: ReadSide;
beforeEach(async () => {
  side = await openReadSide();
});
afterEach(() => side.close());

/** The apps projection, but it cannot digest what `isPoison` says. */
const delicate = (isPoison: (event: Parameters<Projection['apply']>[0][number]) => boolean): Projection[] => [
  {
    ...appsProjection,
    apply: (events, tables) => {
      if (events.some(isPoison)) return Promise.reject(new Error('Too bitter.'));
      return appsProjection.apply(events, tables);
    },
  },
  ...projections.filter(({ name }) => name !== 'apps'),
];

/** The projection, and how many batches it was given. */
function counting(projection: Projection): [Projection, { batches: number }] {
  const count = { batches: 0 };
  const apply: Projection['apply'] = (...batch) => {
    count.batches += 1;
    return projection.apply(...batch);
  };
  return [{ ...projection, apply }, count];
}

const settled = async () => side.reached(await side.store.head());
const parked = () => findParked(side.database.manager);
const rowOf = (id: string) => side.database.getRepository(AppRow).findOneBy({ id });
const expectedOf = async (id: string) => expectedApp(await side.store.read(`latchkey.app-${id}`));
const retry = (stream: string, options = {}, projection = appsProjection) =>
  retryParked({ database: side.database, store: side.store, toEvent }, projection, stream, options);

describe('an event that a projection cannot apply', () => {
  it('parks its stream in that projection; the others, and all other streams, go on', async () => {
    const [ill, well] = [appAdded(), appAdded()];
    const running = side.project(delicate(({ type, data }) => type === 'AppDisabled' && data.appId === ill.data.appId));
    const disabled = appDisabled({ appId: ill.data.appId });
    await write(side.store, [ill, well, disabled, appDisabled({ appId: well.data.appId })]);
    await write(side.store, [appActivated({ appId: ill.data.appId }), appActivated({ appId: well.data.appId })]);
    await settled();

    expect(await parked()).toEqual([
      expect.objectContaining({
        projection: 'apps',
        stream: streamOf(ill),
        eventType: 'AppDisabled',
        revision: 1n,
        error: 'Too bitter.',
        attempts: 1,
        waiting: 1,
      }),
    ]);
    expect(running.parked).toHaveLength(1);
    expect(running.failures).toEqual([]);
    expect(await rowOf(ill.data.appId)).toMatchObject({ status: 'ACTIVE', generation: 0 });
    expect(await rowOf(well.data.appId)).toEqual(await expectedOf(well.data.appId));
    expect(await side.database.getRepository(AuditRow).count()).toBe(6);
  });

  it('waits with all that follows for a retry, which applies them in order', async () => {
    const ill = appAdded();
    const id = ill.data.appId;
    const running = side.project(delicate(({ type }) => type === 'AppDisabled'));
    await write(side.store, [ill, appDisabled({ appId: id }), appActivated({ appId: id })]);
    await settled();
    await write(side.store, [appDisabled({ appId: id })]);
    await settled();

    expect(await retry(streamOf(ill), {}, delicate(({ type }) => type === 'AppDisabled')[0])).toMatchObject({
      attempts: 2,
      waiting: 2,
    });
    expect(await rowOf(id)).toMatchObject({ generation: 0 });

    expect(await retry(streamOf(ill))).toBeNull();
    expect(await rowOf(id)).toEqual(await expectedOf(id));
    expect(await parked()).toEqual([]);
    // The runner notices that the stream goes on.
    await write(side.store, [appActivated({ appId: id })]);
    await settled();
    expect(await rowOf(id)).toEqual(await expectedOf(id));
    expect(running.failures).toEqual([]);
  });

  it('is left out when it is skipped', async () => {
    const ill = appAdded();
    const id = ill.data.appId;
    side.project(delicate(({ type }) => type === 'AppDisabled'));
    await write(side.store, [ill, appDisabled({ appId: id }), appActivated({ appId: id })]);
    await settled();

    expect(await retry(streamOf(ill), { skip: true })).toBeNull();
    expect(await rowOf(id)).toMatchObject({ status: 'ACTIVE', generation: 0 });
    expect(await parked()).toEqual([]);
  });

  it('stays known when the runner is another one', async () => {
    const ill = appAdded();
    const first = side.project(delicate(({ type }) => type === 'AppDisabled'));
    await write(side.store, [ill, appDisabled({ appId: ill.data.appId })]);
    await settled();
    await first.stop();

    side.project();
    await write(side.store, [appActivated({ appId: ill.data.appId })]);
    await settled();
    expect(await parked()).toMatchObject([{ stream: streamOf(ill), waiting: 1 }]);
  });

  it.each([
    ['speaks of something that never began', { appId: randomUUID() }],
    ['has a value that PostgreSQL does not take', { appId: randomUUID(), at: '+275760-09-13T00:00:00.000Z' }],
  ])('is one that %s', async (_, data) => {
    const orphan = appDisabled(data);
    const well = appHistory(dice(3), 5);
    if ('at' in data) await write(side.store, [appAdded({ appId: data.appId })]);
    side.project();
    await write(side.store, [orphan, ...well]);
    await settled();
    const streams = (await parked()).map(({ stream }) => stream);
    expect(new Set(streams)).toEqual(new Set([streamOf(orphan)]));
  });

  it('is one of a type that this version does not know', async () => {
    const stranger = { type: 'AppRenamed', data: { appId: randomUUID(), at: '2026-03-01T10:00:00.000Z' } } as never;
    side.project();
    await write(side.store, [stranger, appAdded()]);
    await settled();
    expect(await parked()).toMatchObject([{ projection: 'audit-trail', eventType: 'AppRenamed' }]);
  });

  it('is not retried when it is not parked', async () => {
    side.project();
    await eventually(async () => Object.keys(await side.checkpoints()).length > 0);
    await expect(retry('latchkey.app-x')).rejects.toThrow(NotParkedError);
    await expect(retry('latchkey.app-x')).rejects.toThrow('The stream latchkey.app-x is not parked in apps.');
  });

  it('is retried with all that waits in few steps, and by itself only where one is among them that cannot be applied', async () => {
    const ill = appAdded();
    const id = ill.data.appId;
    side.project(delicate(({ type, data }) => type === 'AppAdded' && data.appId === id));
    const changes = Array.from({ length: 150 }, () => [appDisabled({ appId: id }), appActivated({ appId: id })]);
    await side.store.append(
      streamOf(ill),
      'no_stream',
      [ill, ...changes.flat()].map((event) => logged(event)),
    );
    await settled();

    const [bitter, refused] = counting(delicate(({ revision }) => revision === 250n)[0]!);
    expect(await retry(streamOf(ill), {}, bitter)).toMatchObject({ revision: 250n, attempts: 1, waiting: 50 });
    expect(refused.batches).toBeLessThan(110);
    const [mended, applied] = counting(appsProjection);
    expect(await retry(streamOf(ill), {}, mended)).toBeNull();
    expect(applied.batches).toBe(1);
    expect(await rowOf(id)).toEqual(await expectedOf(id));
  });
});
