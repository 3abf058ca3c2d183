import { setTimeout as sleep } from 'node:timers/promises';
import { change, setUp, type Setup } from '../../service/setup.js';
import { basic } from '../../support/oauth.js';
import type { Service } from '../../support/service.js';
import { Witness, type Caller, type Place } from './clients.js';
import { cycle } from './cycles.js';

const AT_ONCE = 12;

export type Installation = {
  setup: Setup;
  /** Two instances, each of which may be replaced by another. */
  places: { service: Service }[];
  /** An app that asks for access tokens. */
  client: Caller;
  witness(): Witness;
  startInstance(): Promise<Service>;
};

/** Two instances under one name, an app that may introspect and one that asks for access tokens. */
export async function install(env: Record<string, string> = {}): Promise<Installation> {
  const setup = await setUp();
  const startInstance = () => setup.start({ PUBLIC_URL: 'https://tokens.example.com', ...env });
  const services = await Promise.all([startInstance(), startInstance()]);
  const [first] = services;

  const app = async (name: string) => {
    const { app, credentials } = await change(first, setup.ada, 'addApp', { name });
    return { id: app.id, ...basic(credentials) };
  };
  const introspector = await app('Introspector');
  await change(first, setup.ada, 'changeAppPermissions', { id: introspector.id, grant: ['INTROSPECT_TOKENS'] });
  return {
    setup,
    places: services.map((service) => ({ service })),
    client: await app('Client'),
    witness: () => new Witness(setup.dev, introspector),
    startInstance,
  };
}

/** Runs so many cycles, some at once, beside clients that do nothing but check one good token again and again. */
export async function runCycles({ places, client }: Installation, witness: Witness, count: number): Promise<void> {
  let isOver = false;
  const load = places.map((place) => keepChecking(witness, place, () => isOver));
  let next = 0;
  const workers = Array.from({ length: AT_ONCE }, async () => {
    while (next < count && !isOver) {
      // One that failed is made up for.
      if (await cycle(witness, places, client, next++)) continue;
      next -= 1;
      await sleep(50);
    }
  });
  await Promise.all(workers).finally(() => (isOver = true));
  await Promise.all(load);
}

async function keepChecking(witness: Witness, place: Place, isOver: () => boolean): Promise<void> {
  let kept: string | null = null;
  while (!isOver()) {
    const created: { credential: string } | null = kept
      ? null
      : await witness.create(place, 'createToken', { name: 'Kept' }, ({ value }) => value);
    kept ??= created?.credential ?? null;
    if (kept) await witness.check(place, kept);
    else await sleep(20);
  }
}
