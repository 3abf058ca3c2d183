import { randomUUID } from 'node:crypto';
import { performance } from 'node:perf_hooks';
import { EventStoreDBClient, streamNameFilter } from '@eventstore/db-client';
import { openEventStore } from '../dist/src/event-store/open-event-store.js';
import { eventStoreDb } from './support/eventstoredb.js';
import { median, perSecond } from './support/statistics.js';
import { stopAll } from './support/stops.js';

const EVENTS = 40_000;
const APPEND = 200;
const ROUNDS = 5;

const metadata = {
  schemaVersion: 1,
  tenantId: 'demo',
  actor: { kind: 'USER', id: 'ada', name: 'Ada' },
  commandId: randomUUID(),
  inputDigest: 'bench',
  $correlationId: 'bench',
  $causationId: randomUUID(),
  ip: '127.0.0.1',
  userAgent: 'bench',
};
const someEvents = (count) =>
  Array.from({ length: count }, () => ({
    id: randomUUID(),
    type: 'TokenRevoked',
    data: { tokenId: randomUUID(), at: '2026-01-01T00:00:00.000Z' },
    metadata,
  }));

/** How fast is a history read through the adapter, against a subscription of the bare client? */
export default async function () {
  try {
    const { url, name } = await eventStoreDb();
    const prefix = `bench${Date.now()}`;
    const store = await openEventStore(url, prefix);
    for (let count = 0; count < EVENTS; count += APPEND)
      await store.append(`${prefix}.token-${randomUUID()}`, 'no_stream', someEvents(APPEND));

    const rates = { adapter: [], bare: [] };
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.adapter.push(await rateOf(() => followAll(store)));
      rates.bare.push(await rateOf(() => subscribeToAll(url, prefix)));
    }
    await store.close();
    const ratio = median(rates.adapter.map((rate, round) => rate / rates.bare[round])).toFixed(2);
    return (
      `subscription: ${ratio} x, ${perSecond(median(rates.adapter))} events through the adapter against ` +
      `${perSecond(median(rates.bare))} by the bare client (${name}, median of ${ROUNDS} rounds; target 0.7)`
    );
  } finally {
    await stopAll();
  }
}

async function rateOf(read) {
  const started = performance.now();
  await read();
  return (EVENTS / (performance.now() - started)) * 1_000;
}

async function followAll(store) {
  let count = 0;
  for await (const { events } of store.follow(null, new globalThis.AbortController().signal)) {
    count += events.length;
    if (count >= EVENTS) return;
  }
}

async function subscribeToAll(url, prefix) {
  const client = EventStoreDBClient.connectionString(url);
  const subscription = client.subscribeToAll({ filter: streamNameFilter({ prefixes: [`${prefix}.`] }) });
  let count = 0;
  for await (const { event } of subscription) {
    if (event) count += 1;
    if (count >= EVENTS) break;
  }
  (await client.getChannel()).close();
}
