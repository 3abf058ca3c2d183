import { readdir } from 'node:fs/promises';
import { setTimeout } from 'node:timers';
import { URL } from 'node:url';
import { stopAll } from './support/stops.js';

const MOST_MILLISECONDS = 350_000;
const directory = new URL('.', import.meta.url);

/** Each file in `bench/` answers one question with one line. Runs those that are named, or all. */
async function main() {
  const files = (await readdir(directory)).filter((file) => file.endsWith('.js') && file !== 'run.js').sort();
  const all = files.map((file) => file.replace(/\.js$/, ''));
  const named = process.argv.slice(2);
  const unknown = named.find((name) => !all.includes(name));
  if (unknown) throw new Error(`There is no bench ${unknown}: choose from ${all.join(', ')}.`);

  for (const name of named.length > 0 ? named : all) {
    const { default: answer } = await import(new URL(`${name}.js`, directory));
    console.log(await answer());
  }
}

let isGivingUp = false;

async function giveUp(reason) {
  isGivingUp = true;
  console.error(reason);
  await stopAll();
  process.exit(1);
}

setTimeout(giveUp, MOST_MILLISECONDS, 'The benches take too long.').unref();
process.once('SIGINT', () => giveUp('Interrupted.'));
process.once('SIGTERM', () => giveUp('Interrupted.'));

try {
  await main();
} catch (error) {
  // What fails because everything is being stopped under it is no news.
  if (!isGivingUp) throw error;
}
