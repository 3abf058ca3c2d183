import { beforeAll, describe, expect, it } from '@jest/globals';
import { recordedCalls, type Run, runRecorder, type Scenario, scenarios } from './run-recorder.js';

const notSpoken: Record<string, string> = {
  persistent: 'no persistent subscriptions: nothing here uses them',
  access: 'no TLS, and without it nothing is denied; the faults `access` stand in for it',
  acl: 'no TLS, users or access control lists',
  'acl-revoked-while-subscribed': 'no TLS, users or access control lists',
};

// Up to 36 s each, waiting for keep-alive: run when the variable EVENTSTOREDB_SLOW is set.
const isSlowWanted = Boolean(process.env['EVENTSTOREDB_SLOW']);

const spoken = scenarios.filter(({ name, slow }) => !(name in notSpoken) && (!slow || isSlowWanted));
const slow = scenarios.filter((scenario) => scenario.slow);

describe('what the real server was recorded to answer', () => {
  const runs = new Map<string, Run>();

  beforeAll(async () => {
    for (const group of await Promise.all(groups().map(runRecorder)))
      for (const [name, run] of group) runs.set(name, run);
    // Many scenarios depend on time. What a busy machine spoilt is as recorded when it runs by itself.
    const spoilt = spoken.map(({ name }) => name).filter((name) => !isAsRecorded(name, runs));
    if (spoilt.length > 0) for (const [name, run] of await runRecorder(spoilt)) runs.set(name, run);
  }, 600_000);

  it.each(spoken.map(({ name, wire }) => ({ name, wire })))('$name', ({ name, wire }) => {
    const run = runs.get(name);
    expect(run?.problem).toBeUndefined();
    if (wire) expect(comparable(name, run?.calls)).toEqual(comparable(name, recordedCalls[name]?.insecure));
  });

  if (!isSlowWanted) it.skip.each(slow.map(({ name }) => name))('%s, with EVENTSTOREDB_SLOW', () => {});
  it.skip.each(Object.entries(notSpoken))('%s: %s', () => {});
});

/** The recorders' relays take ports from one short range, so what goes through a relay goes through one recorder. */
function groups(): string[][] {
  const relayed = spoken.filter(({ via, slow }) => via && !slow);
  const direct = spoken.filter(({ via, slow }) => !via && !slow);
  const thirds = [0, 1, 2].map((third) => direct.filter((_, index) => index % 3 === third));
  const late = spoken.filter(({ slow }) => slow).map((scenario) => [scenario]);
  return [relayed, ...thirds, ...late].map((group: Scenario[]) => group.map(({ name }) => name));
}

function isAsRecorded(name: string, runs: Map<string, Run>): boolean {
  const run = runs.get(name);
  if (!run || run.problem) return false;
  const recorded = recordedCalls[name]?.insecure;
  return !recorded || JSON.stringify(comparable(name, run.calls)) === JSON.stringify(comparable(name, recorded));
}

/** Calls with headers, statuses, trailers and every message, but for what chance decides. */
function comparable(name: string, calls: unknown): unknown {
  if (!calls) return undefined;
  if (name === 'again-in-parallel') return (calls as any[]).map(({ method, status }) => ({ method, status }));
  return JSON.parse(JSON.stringify(calls).replace(/"(most|least)SignificantBits":"-?\d+"/g, '"bits":0'));
}
