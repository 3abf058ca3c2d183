import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath, URL } from 'node:url';

const SCRIPT = fileURLToPath(new URL('load-process.js', import.meta.url));
const WARM_UP_REQUESTS = 8_000;
const WARM_UP_MILLISECONDS = 15_000;

/**
 * @typedef {object} Work
 * @property {string} url Of the service.
 * @property {'createToken' | 'apps' | 'mix'} work apps: add and disable; mix: revoke tokens as well
 * @property {() => string[]} [take] Ids of tokens that the mix may revoke, enough for one run.
 */

/** A load generator in a process of its own, which stays warm from one run to the next. */
export function startLoad(token) {
  const child = fork(SCRIPT, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });

  /** @returns {Promise<{ rate: number, count: number }>} Answers, and answers per second. */
  async function run({ take = () => [], ...work }) {
    const result = await answerTo({ ...work, tokenIds: take(), token });
    if (result.failures === 0) return result;
    throw new Error(`${result.failures} answers were not as expected: ${result.example}`);
  }

  /** Until the service runs compiled code: it takes thousands of requests, and longer the more code there is. */
  async function warmUp(work) {
    const end = Date.now() + WARM_UP_MILLISECONDS;
    for (let count = 0; count < WARM_UP_REQUESTS && Date.now() < end;) {
      count += (await run({ ...work, seconds: 2 })).count;
    }
  }

  function answerTo(message) {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error('The load generator ended.'));
      child.once('exit', ended).once('message', (answer) => {
        child.off('exit', ended);
        resolve(answer);
      });
      child.send(message);
    });
  }

  async function stop() {
    if (child.exitCode !== null) return;
    const exited = once(child, 'exit');
    child.disconnect();
    await exited;
  }

  return { run, warmUp, stop, pid: child.pid };
}
