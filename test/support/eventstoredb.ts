import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { resolve } from 'node:path';

export const serverPath = resolve('test/eventstoredb/server.js');

/** What each fault does is told in test/eventstoredb/faults.js; `frozen` stops the whole process, pings and all. */
export type Faults = {
  loseAnswers: { count: number; how: 'cut' | 'silence' };
  timeOutAppends: number;
  slowAppends: number;
  silent: boolean;
  frozen: boolean;
  notLeader: { host: string; port: number } | undefined;
  unavailable: boolean;
  access: 'denied' | 'unauthenticated' | undefined;
  dropSubscriptions: 'too-slow' | 'stopped';
  muteSubscriptions: true;
  cutConnections: true;
};

export type EventStoreDb = {
  url: string;
  port: number;
  /** Resolves when the process is gone, for signals that end it: SIGTERM as an orderly stop, SIGKILL as a crash. */
  kill(signal: 'SIGKILL' | 'SIGTERM'): Promise<void>;
  /** On the same port, with what the file holds: without a file, with nothing. Faults are forgotten. */
  restart(): Promise<void>;
  stop(): Promise<void>;
  fault<Name extends keyof Faults>(name: Name, value: Faults[Name]): Promise<void>;
};

/** The stand-in for EventStoreDB in a process of its own. */
export async function startEventStoreDb({ file, port }: { file?: string; port?: number } = {}): Promise<EventStoreDb> {
  const ownPort = port ?? (await lastingPort());
  let child = await startServer(ownPort, file);
  const kill = async (signal: NodeJS.Signals) => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill(signal);
    await gone;
  };
  return {
    url: `esdb://127.0.0.1:${ownPort}?tls=false`,
    port: ownPort,
    kill,
    restart: async () => {
      await kill('SIGKILL');
      child = await startServer(ownPort, file);
    },
    stop: () => kill('SIGKILL'),
    fault: async (name, value) => {
      if (name === 'frozen') return void child.kill(value ? 'SIGSTOP' : 'SIGCONT');
      const done = once(child, 'message');
      child.send({ fault: name, value });
      await done;
    },
  };
}

async function startServer(port: number, file?: string): Promise<ChildProcess> {
  const args = [serverPath, '--port', String(port), ...(file ? ['--file', file] : [])];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit', 'ipc'] });
  const ready = once(child.stdout!, 'data');
  const ended = once(child, 'exit').then(([code]) => {
    throw new Error(`The stand-in for EventStoreDB ended with ${code} instead of starting`);
  });
  await Promise.race([ready, ended]);
  ended.catch(() => {});
  return child;
}

/** A free port below those that the system gives to outgoing connections, so that it is still free after a restart. */
export async function lastingPort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 10_000);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    await new Promise((done) => server.close(done));
    return port;
  }
}
