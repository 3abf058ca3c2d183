import { setTimeout as sleep } from 'node:timers/promises';
import { jest } from '@jest/globals';
import pg from 'pg';
import { appsProjection } from '../../../projections/apps.js';
import { askForRebuild, findRebuilds } from '../../../projections/rebuilds.js';
import { reset } from '../../../projections/reset.js';
import { tokensProjection } from '../../../projections/tokens.js';
import { createDatabase } from '../../../src/postgres/database.js';
import { change, isProjecting } from '../../service/setup.js';
import { eventually } from '../../support/eventually.js';
import { flawsOf } from './history.js';
import { install, runCycles, type Installation } from './installation.js';

/** The promise, with something in the way. */
jest.setTimeout(180_000);

let installation: Installation;

beforeAll(async () => {
  installation = await install({ READ_MODEL_TIMEOUT: 'PT2S', READ_MODEL_MAX_LAG: 'PT3S' });
});

afterAll(() => installation.setup.end());

describe('two instances over one PostgreSQL, the promise in mind,', () => {
  it('keep it when the instance that projects is killed in the middle, and another comes', async () => {
    const witness = installation.witness();
    const { places } = installation;
    const running = runCycles(installation, witness, 120);
    await eventually(
      () => Promise.resolve(witness.count('inactive')),
      (count) => count > 50,
    );
    const projecting = await Promise.all(places.map(({ service }) => isProjecting(service)));
    const place = places[projecting.indexOf(true)]!;
    await place.service.stop('SIGKILL');
    place.service = await installation.startInstance();
    await running;
    const before = witness.count('inactive');
    await runCycles(installation, witness, 20);
    expect(flawsOf(witness.history)).toEqual([]);
    expect(witness.count('inactive')).toBeGreaterThan(before);
  });

  it('keep it while the read models are built anew, and say nothing of what is not built yet', async () => {
    const { setup } = installation;
    const witness = installation.witness();
    const admin = await createDatabase(setup.database.url).initialize();
    const running = runCycles(installation, witness, 200);
    for (let round = 0; round < 3; round += 1) {
      await reset(admin, [appsProjection, tokensProjection]);
      await sleep(300);
    }
    for (const projection of [appsProjection, tokensProjection]) await askForRebuild(admin.manager, projection);
    await eventually(
      () => findRebuilds(admin.manager),
      (asked) => asked.length === 0,
    );
    await running;
    await admin.destroy();
    expect(flawsOf(witness.history)).toEqual([]);
  });

  it('refuse to answer once the read models have been behind for longer than the bound, and never say active then', async () => {
    const { setup, places } = installation;
    const witness = installation.witness();
    const [{ service }, other] = places as [(typeof places)[0], (typeof places)[0]];
    const good = await change(service, setup.dev, 'createToken', { name: 'Good' });
    const stopped = await change(service, setup.dev, 'createToken', { name: 'To be stopped' });

    // Whoever projects waits for this row.
    const blocker = new pg.Client({ connectionString: setup.database.url });
    await blocker.connect();
    await blocker.query('begin; select * from read.checkpoints for update');
    const { isAnswered } = await witness.mutate(service, 'revokeToken', { id: stopped.token.id });
    expect(isAnswered).toBe(false);
    await sleep(3_000);
    for (const place of [{ service }, other])
      for (const { value } of [good, stopped]) await witness.check(place, value);
    await blocker.query('rollback');
    await blocker.end();
    expect(witness.count('refused')).toBe(4);

    await eventually(
      async () => {
        await witness.check(other, good.value);
        return witness.history.at(-1);
      },
      (entry) => entry?.kind === 'checked' && entry.answer === 'active',
    );
    await witness.check(other, stopped.value);
    expect(witness.history.at(-1)).toMatchObject({ answer: 'inactive' });
  });
});
