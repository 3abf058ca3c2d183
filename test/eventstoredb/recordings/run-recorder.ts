import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { lastingPort, serverPath } from '../../support/eventstoredb.js';

export type Scenario = {
  name: string;
  mode?: 'tls' | 'insecure';
  slow?: boolean;
  wire?: boolean;
  via?: string;
  steps: { limitMs?: number }[];
};

/** `problem`: what the recorder has to say, undefined when all is as recorded. `calls`: what crossed the wire. */
export type Run = { problem: string | undefined; calls: unknown[] | undefined };

const here = resolve('test/eventstoredb/recordings');
const readHere = (name: string) => JSON.parse(readFileSync(join(here, name), 'utf8'));

export const scenarios: Scenario[] = readHere('scenarios.json').scenarios;
export const recordedCalls: Record<string, { insecure?: unknown[] }> = readHere('wire.json').calls;
const answers: Record<string, { any?: any[]; insecure?: any[] }> = readHere('answers.json').answers;

/** Runs the recorder over the scenarios, against a stand-in of its own that it stops, kills and starts. */
export async function runRecorder(names: string[]): Promise<Map<string, Run>> {
  const directory = await mkdtemp(join(tmpdir(), 'latchkey-recorder-'));
  const port = await lastingPort();
  const [patient, wire] = [join(directory, 'scenarios.json'), join(directory, 'wire.json')];
  await writeFile(patient, JSON.stringify({ scenarios: scenarios.map(withPatience) }));
  const options = {
    check: join(here, 'answers.json'),
    scenarios: patient,
    wire,
    only: names.join(),
    server: `'${process.execPath}' '${serverPath}' --port ${port} --file '${join(directory, 'log')}'`,
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  try {
    const child = spawn(
      process.execPath,
      [join(here, 'record.mjs'), `esdb://127.0.0.1:${port}?tls=false`, ...args, '--verbose'],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    );
    const [report, trace] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
    const { calls } = JSON.parse(await readFile(wire, 'utf8').catch(() => '{"calls":{}}'));
    return new Map(
      names.map((name) => [name, { problem: problemOf(name, report, trace), calls: calls[name]?.insecure }]),
    );
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function problemOf(name: string, report: string, trace: string): string | undefined {
  if (!new RegExp(`^${name} \\d+ ms$`, 'm').test(trace)) return `did not run:\n${report}\n${trace}`;
  return report.split(/^(?=DIFFERS )/m).find((part) => part.startsWith(`DIFFERS ${name}\n`));
}

/** A limit that was kept when recorded is patience, and a busy machine needs more of it. */
function withPatience(scenario: Scenario): Scenario {
  const recorded = answers[scenario.name]?.any ?? answers[scenario.name]?.insecure ?? [];
  const steps = scenario.steps.map((step, index) =>
    step.limitMs && !recorded[index]?.noAnswerWithinMs ? { ...step, limitMs: step.limitMs * 8 } : step,
  );
  return { ...scenario, steps };
}
