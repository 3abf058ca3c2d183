import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { transformFile } from '@swc/core';

export type Child = { pid: number; nextLine(): Promise<string>; kill(signal: NodeJS.Signals): Promise<void> };

// Below node_modules, so that the child finds the packages.
const cache = resolve('node_modules/.cache');
let code: Promise<string> | undefined;

/** Runs an ES module that can import what is in src/embedded, in a process group of its own: a spec can kill it as a user would. */
export async function runInChild(program: string): Promise<Child> {
  code ??= transpile();
  const path = join(await code, `program-${Date.now()}-${Math.random()}.js`);
  await writeFile(path, program);
  const child = spawn(process.execPath, [path], { detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    pid: child.pid ?? 0,
    nextLine: async () => String((await lines.next()).value),
    kill: (signal) => killGroup(child, signal),
  };
}

/** Call after all specs of a file. */
export async function removeChildCode(): Promise<void> {
  if (code) await rm(await code, { recursive: true, force: true });
}

async function killGroup(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || !child.pid) return;
  const exit = once(child, 'exit');
  process.kill(-child.pid, signal);
  await exit;
}

async function transpile(): Promise<string> {
  await mkdir(cache, { recursive: true });
  const directory = await mkdtemp(join(cache, 'latchkey-child-'));
  await writeFile(join(directory, 'package.json'), '{"type":"module"}');
  const names = (await readdir('src/embedded')).filter((name) => /^[a-z-]+\.ts$/.test(name));
  for (const name of names) {
    const { code: script } = await transformFile(join('src/embedded', name), {
      swcrc: false,
      jsc: { parser: { syntax: 'typescript' }, target: 'es2022' },
      module: { type: 'es6' },
    });
    await writeFile(join(directory, name.replace(/ts$/, 'js')), script);
  }
  return directory;
}
