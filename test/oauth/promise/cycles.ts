import { basic } from '../../support/oauth.js';
import type { Caller, Place, Witness } from './clients.js';

const pick = <Item>(items: readonly Item[], n: number): Item => items[n % items.length] as Item;

/**
 * Create, check, stop, check: each time on another instance than the step before, and in one of three ways to stop something.
 * Answers whether it came to its end: an instance may be gone or refuse.
 */
export async function cycle(witness: Witness, places: readonly Place[], client: Caller, n: number): Promise<boolean> {
  const [here, there] = [pick(places, n), pick(places, n + 1)];
  if (n % 10 === 0) return wholeApp(witness, here, there, n);
  if (n % 5 === 0) return accessToken(witness, here, there, client);
  return personalAccessToken(witness, here, there, n);
}

async function personalAccessToken(witness: Witness, here: Place, there: Place, n: number): Promise<boolean> {
  const created = await witness.create(here, 'createToken', { name: `Token ${n}` }, ({ value }) => value);
  // While read models are built anew, what was just created may not be shown.
  if (!created?.data.token) return false;
  const { credential, data } = created;
  await Promise.all([witness.check(there, credential), witness.check(here, credential)]);
  const stopping = witness.stop([credential], async () => {
    const { isAnswered } = await witness.mutate(there.service, 'revokeToken', { id: data.token.id });
    return isAnswered;
  });
  await Promise.all([stopping, witness.check(here, credential)]);
  await Promise.all([witness.check(here, credential), witness.check(there, credential)]);
  return true;
}

async function accessToken(witness: Witness, here: Place, there: Place, client: Caller): Promise<boolean> {
  const token = await witness.accessToken(here, client);
  if (!token) return false;
  await Promise.all([witness.check(there, token), witness.check(here, token)]);
  await witness.stop([token], () => witness.revokeAccessToken(there, client, token));
  await Promise.all([witness.check(here, token), witness.check(there, token)]);
  return true;
}

/** Its access tokens are dead for good, and those of its next life are not. */
async function wholeApp(witness: Witness, here: Place, there: Place, n: number): Promise<boolean> {
  const { isAnswered, data } = await witness.mutate(here.service, 'addApp', { name: `App ${n}` });
  if (!isAnswered || data.stale || !data.app) return false;
  const { id } = data.app;
  const client = basic(data.credentials);
  const first = await witness.accessToken(there, client);
  if (!first) return false;
  await witness.check(here, first);
  const mutation = n % 20 === 0 ? 'disableApp' : 'deleteApp';
  await witness.stop([first], async () => (await witness.mutate(there.service, mutation, { id })).isAnswered);
  await Promise.all([witness.check(here, first), witness.check(there, first)]);
  if (mutation === 'deleteApp') return true;

  const activated = await witness.mutate(here.service, 'activateApp', { id });
  if (!activated.isAnswered || activated.data.stale) return false;
  const second = await witness.accessToken(there, client);
  if (!second) return false;
  await Promise.all([witness.check(here, second), witness.check(there, first)]);
  return true;
}
