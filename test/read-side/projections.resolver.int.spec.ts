import { appsProjection } from '../../projections/apps.js';
import { findParked } from '../../projections/parked-streams.js';
import { lockCheckpoints } from '../../projections/checkpoints.js';
import { projections } from '../../projections/projections.js';
import { Clock } from '../../src/clock.js';
import { PersonKeys } from '../../src/personal-data/person-keys.js';
import { ProjectionsResolver } from '../../src/read-side/projections.resolver.js';
import { Keys } from '../../src/secrets/keys.js';
import { appAdded, callerOf, streamOf, write } from '../support/log-events.js';
import { someSettings } from '../support/parts.js';
import { eventually, openReadSide, type ReadSide } from '../support/read-side.js';

const ada = callerOf('acme');

let side: ReadSide;
let resolver: ProjectionsResolver;
beforeEach(async () => {
  side = await openReadSide();
  const keys = new PersonKeys(side.database, new Keys(someSettings(), new Clock()));
  resolver = new ProjectionsResolver(side.database, side.store, new Clock(), keys);
});
afterEach(() => side.close());

const settled = async () => side.reached(await side.store.head());

describe('a parked stream that two administrators retry at once', () => {
  it('is retried for one, and no longer found for the other', async () => {
    const ill = appAdded();
    const bitter = { ...appsProjection, apply: () => Promise.reject(new Error('Too bitter.')) };
    const running = side.project([bitter, ...projections.filter(({ name }) => name !== 'apps')]);
    await write(side.store, [ill]);
    await settled();
    await running.stop();

    const retry = () => resolver.retryParkedStream({ projection: 'apps', stream: streamOf(ill) }, ada);
    let retries = Promise.allSettled<unknown>([]);
    await (
      await side.connect()
    ).transaction(async (transaction) => {
      await lockCheckpoints(transaction);
      retries = Promise.allSettled([retry(), retry()]);
      // Both have found the stream, and wait.
      await new Promise((resolve) => setTimeout(resolve, 500));
    });

    const outcomes = (await retries).toSorted((a, b) => a.status.localeCompare(b.status));
    expect(outcomes).toEqual([
      { status: 'fulfilled', value: { parked: null } },
      { status: 'rejected', reason: expect.objectContaining({ code: 'NOT_FOUND' }) },
    ]);
    expect(await findParked(side.database.manager)).toEqual([]);
  });
});

describe('a log that ends before what the read models show', () => {
  it('does not keep an administrator from seeing them, none of them whole', async () => {
    const running = side.project();
    await write(side.store, [appAdded(), appAdded(), appAdded()]);
    await settled();
    expect(await resolver.projections(ada)).toEqual(
      projections.map(() => expect.objectContaining({ position: '3', lag: 0, isWhole: true })),
    );
    await running.stop();
    await side.test.query('delete from log.events where position > 1');
    const again = side.project();
    await eventually(() => again.failures.length > 0);

    expect(await resolver.projections(ada)).toEqual(
      projections.map(() => expect.objectContaining({ position: '3', lag: 0, isWhole: false })),
    );
  });
});
