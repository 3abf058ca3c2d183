import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { adoptPostmaster } from './adopt-postmaster.js';
import type { PostgresBinaries } from './postgres-binaries.js';
import { dataDirectoryArgument, postgresEnvironment, type PostgresCluster } from './postgres-cluster.js';
import type { PostgresUser } from './postgres-user.js';
import { type Postmaster, readPostmaster } from './postmaster-file.js';

export type PostmasterOptions = {
  cluster: PostgresCluster;
  binaries: PostgresBinaries;
  user: PostgresUser | undefined;
  onOutput: (line: string) => void;
};

// Another program took the port first; backends of a killed server have not noticed its death yet; or a server that a
// killed process had just started came up in the meantime.
const passing = /could not create any TCP\/IP sockets|pre-existing shared memory block|lock file "postmaster.pid"/;
const patience = 60_000;
const attempts = 20;

/** Starts a server and waits until it takes connections. Throws a sentence with its last words when it ends before that. */
export async function startPostmaster(options: PostmasterOptions): Promise<Postmaster> {
  for (let attempt = 1; ; attempt += 1) {
    const { postmaster, lastWords } = await tryToStart(options);
    if (postmaster) return postmaster;
    if (attempt === attempts || !passing.test(lastWords)) throw new Error(`PostgreSQL did not start: ${lastWords}`);
    await pause(500);
    const adopted = await adoptPostmaster(options.cluster);
    if (adopted) return adopted;
  }
}

async function tryToStart(
  options: PostmasterOptions,
): Promise<{ postmaster: Postmaster | undefined; lastWords: string }> {
  const child = launch(options, await freePort());
  const output: string[] = [];
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  if (child.stderr) {
    createInterface(child.stderr).on('line', (line) => {
      output.push(line);
      if (output.length > 20) output.shift();
      options.onOutput(line);
    });
  }
  const postmaster = await whenReady(child, options.cluster.directory, () => failure !== undefined);
  if (!postmaster && child.exitCode === null) child.kill('SIGQUIT');
  return { postmaster, lastWords: failure?.message ?? output.join('\n') };
}

function launch({ cluster, binaries, user }: PostmasterOptions, port: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    max_connections: 100,
    shared_buffers: '128MB',
    // Statements and error details can hold values of rows.
    log_min_error_statement: 'panic',
    log_error_verbosity: 'terse',
    log_checkpoints: 'off',
  };
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn(binaries.postgres, ['-D', dataDirectoryArgument(cluster.directory, user), ...flags], {
    ...user,
    cwd: cluster.directory,
    env: postgresEnvironment,
    // A session of its own: the terminal's Ctrl-C must reach us only, the server stops after its clients.
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
}

async function whenReady(
  child: ChildProcess,
  directory: string,
  hasFailed: () => boolean,
): Promise<Postmaster | undefined> {
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const deadline = Date.now() + patience;
  while (child.exitCode === null && child.signalCode === null && !hasFailed() && Date.now() < deadline) {
    const found = await readPostmaster(directory);
    if (found?.pid === child.pid && found?.status === 'ready') return found;
    await Promise.race([pause(10), ended]);
  }
  return undefined;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (!address || typeof address === 'string') throw new Error('The system gave no free port on 127.0.0.1.');
  return address.port;
}
