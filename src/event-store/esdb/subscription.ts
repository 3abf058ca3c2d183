import type { Position } from '../position.js';
import type { EsdbClient, EsdbCredentials, EsdbEvent, EsdbPosition, EsdbSubscription } from './client.js';

/** The server tells how far it has looked after so many events, whoever's they are. */
const WINDOW = 128;

export const START: Position = '0/0';

export const textOf = ({ commit, prepare }: EsdbPosition): Position => `${commit}/${prepare}`;

export function esdbPosition(position: Position | null): EsdbPosition | 'start' {
  if (position === null || position === START) return 'start';
  const [, commit, prepare] = /^(\d+)\/(\d+)$/.exec(position) ?? [];
  if (commit === undefined || prepare === undefined)
    throw new Error(`The log has no position ${position}: it is one of another log.`);
  return { commit: BigInt(commit), prepare: BigInt(prepare) };
}

/** What comes next, and how far the log has been read with it; `isCaughtUp` once the history has been. */
export type Arrival = { event: EsdbEvent | undefined; position: Position; isCaughtUp: boolean };

export function subscribe(
  client: EsdbClient,
  credentials: EsdbCredentials,
  streamPrefix: string,
  after: Position | null,
): EsdbSubscription {
  const subscription = client.subscribeToAll({
    fromPosition: esdbPosition(after),
    credentials,
    filter: {
      filterOn: 'streamName',
      prefixes: [`${streamPrefix}.`],
      checkpointInterval: 1,
      maxSearchWindow: WINDOW,
      // Both signals run ahead of the events that the reader has not taken yet. Pushed in here, they keep their place.
      checkpointReached: (own, position) => own.push({ checkpoint: position }),
    },
  });
  subscription.on('caughtUp', () => subscription.push({ caughtUp: true }));
  return subscription;
}

/** Events and signals in the order of the log; `reached` goes along with them. */
export async function* arrivals(
  subscription: EsdbSubscription,
  reached: { position: Position },
): AsyncGenerator<Arrival> {
  let isCaughtUp = false;
  for await (const item of subscription) {
    if ('caughtUp' in item) isCaughtUp = true;
    const place = 'checkpoint' in item ? item.checkpoint : 'event' in item ? item.event?.position : undefined;
    if (place) reached.position = textOf(place);
    const event = 'event' in item ? item.event : undefined;
    // The tombstone of a stream comes through the filter as well; it is the server's, not ours.
    yield { event: event?.type.startsWith('$') ? undefined : event, position: reached.position, isCaughtUp };
  }
}
