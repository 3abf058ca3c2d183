import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

/** Asks again until the answer pleases, and fails with the last one when that takes too long. */
export async function eventually<Value>(
  ask: () => Promise<Value>,
  pleases: (value: Value) => boolean,
  milliseconds = 15_000,
): Promise<Value> {
  const deadline = Date.now() + milliseconds;
  for (;;) {
    const value = await ask();
    if (pleases(value)) return value;
    if (Date.now() > deadline) throw new Error(`It did not come to that: ${inspect(value)}`);
    await sleep(50);
  }
}
