import { once } from 'node:events';
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { URL } from 'node:url';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../dist/src/embedded/embedded-postgres.js';
import { readPostmaster } from '../../dist/src/embedded/postmaster-file.js';
import { startIssuer } from './issuer.js';
import { startLoad } from './load.js';
import { stopAll, stops } from './stops.js';

const START_MILLISECONDS = 30_000;

/**
 * One real PostgreSQL and one issuer for as long as `use` runs, with whatever it starts on them. Nothing is left behind.
 *
 * @template Result
 * @param {(stack: Stack) => Promise<Result>} use
 * @returns {Promise<Result>}
 */
export async function withStack(use) {
  try {
    const dataDir = await temporaryDirectory();
    const postgres = await startEmbeddedPostgres({ dataDir });
    stops.push(() => postgres.stop());
    const issuer = await startIssuer();
    stops.push(() => issuer.stop());
    return await use(new Stack(dataDir, postgres.url, issuer));
  } finally {
    await stopAll();
  }
}

export async function temporaryDirectory() {
  const path = await mkdtemp(join(tmpdir(), 'latchkey-bench-'));
  stops.push(() => rm(path, { recursive: true, force: true }));
  return path;
}

class Stack {
  constructor(dataDir, postgresUrl, issuer) {
    this.dataDir = dataDir;
    this.postgresUrl = postgresUrl;
    this.issuer = issuer;
  }

  /** An empty database, and a connection to it. */
  async database(name) {
    await query(this.postgresUrl, `create database ${name}`);
    const url = new URL(this.postgresUrl);
    url.pathname = name;
    const client = new pg.Client({ connectionString: url.href });
    await client.connect();
    stops.push(() => client.end());
    return { url: url.href, client };
  }

  /** The process that all others of PostgreSQL are children of. */
  async postmaster() {
    return (await readPostmaster(join(this.dataDir, 'postgres'))).pid;
  }

  /** The service, or another entry point that takes its environment, on a database. */
  service(databaseUrl, script = 'dist/src/main.js', env = {}) {
    return startService(script, {
      DATA_DIR: this.dataDir,
      DATABASE_URL: databaseUrl,
      OIDC_ISSUER: this.issuer.url,
      OIDC_AUDIENCE: 'latchkey',
      ...env,
    });
  }

  /** Sends requests to the services, from a process of its own. */
  load() {
    const load = startLoad(this.issuer.token);
    stops.push(() => load.stop());
    return load;
  }
}

async function query(connectionString, text) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  await client.query(text).finally(() => client.end());
}

/** Starts an entry point in a process of its own and waits until it is ready. */
export async function startService(script, env) {
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, [...nodeOptions(), resolve(script)], {
    env: { PATH: process.env.PATH, LOG_LEVEL: 'warn', PORT: String(port), ...env },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const exited = once(child, 'exit');
  const stop = async () => {
    child.kill('SIGTERM');
    await exited;
  };
  stops.push(stop);
  const url = `http://127.0.0.1:${port}`;
  await ready(url, child);
  return { url, pid: child.pid, startMilliseconds: performance.now() - started, stop };
}

/** `BENCH_NODE_OPTIONS=--cpu-prof` shows where the time goes: each service writes its profile when it stops. */
const nodeOptions = () => process.env.BENCH_NODE_OPTIONS?.split(' ') ?? [];

async function ready(url, child) {
  for (const deadline = Date.now() + START_MILLISECONDS; Date.now() < deadline; await sleep(10)) {
    if (child.exitCode !== null) throw new Error('The service ended instead of starting.');
    const response = await globalThis.fetch(`${url}/health/ready`).catch(() => null);
    if (response?.ok) return;
  }
  throw new Error('The service did not become ready.');
}

/** A port that is free together with the next one: there is where the development sign-in goes. */
async function freePort() {
  for (;;) {
    const port = await listenOnce(0);
    if (await listenOnce(port + 1).catch(() => null)) return port;
  }
}

async function listenOnce(wanted) {
  const server = createServer().listen(wanted, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((done) => server.close(done));
  return port;
}
