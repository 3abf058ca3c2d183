import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A wire between the service and a server, with somebody at the pliers. It begins by passing everything on. */
export type Relay = {
  /** The address of the server, by way of this relay. */
  url: string;
  /** Passes everything on, also what was held back meanwhile. */
  pass(): Promise<void>;
  /** Breaks every connection; new ones are welcome. */
  cut(): void;
  /** Breaks every connection and refuses new ones. */
  refuse(): Promise<void>;
  /** Holds every byte back, in both directions and on new connections too: nobody is told anything. */
  freeze(): void;
  /** The server has lost every connection and the clients are not told; new ones pass. */
  lose(): Promise<void>;
  /** From now on breaks each connection on which a request with this text was answered, instead of passing the answer on. */
  loseAnswersTo(text: string): void;
  /** How many answers were lost in that way. */
  answersLost(): number;
  /** Where new connections lead from now on. */
  moveTo(target: string): void;
  stop(): Promise<void>;
};

type Pair = { client: Socket; server: Socket; isLost: boolean; isDoomed: boolean };

export async function startRelay(target: string): Promise<Relay> {
  const url = new URL(target);
  let { hostname, port } = url;
  const pairs = new Set<Pair>();
  let isFrozen = false;
  let doom: string | null = null;
  let answersLost = 0;
  let listener = await listen(0);
  url.port = String((listener.address() as AddressInfo).port);

  async function listen(ownPort: number): Promise<Server> {
    const server = createServer({ pauseOnConnect: true }, join).listen(ownPort, '127.0.0.1');
    await once(server, 'listening');
    return server;
  }

  function join(client: Socket): void {
    const pair: Pair = { client, server: connect(Number(port), hostname), isLost: false, isDoomed: false };
    pairs.add(pair);
    client.on('data', (bytes) => {
      pair.isDoomed ||= doom !== null && bytes.includes(doom);
      pair.server.write(bytes);
    });
    pair.server.on('data', (bytes) => {
      if (!pair.isDoomed) return client.write(bytes);
      answersLost += 1;
      breakOff(pair);
    });
    for (const socket of [client, pair.server])
      socket.on('error', () => undefined).on('close', () => !pair.isLost && breakOff(pair));
    if (isFrozen) pair.server.pause();
    else client.resume();
  }

  function breakOff(pair: Pair): void {
    pairs.delete(pair);
    pair.client.resetAndDestroy();
    pair.server.destroy();
  }

  function cut(): void {
    for (const pair of pairs) breakOff(pair);
  }

  async function pass(): Promise<void> {
    isFrozen = false;
    doom = null;
    for (const { client, server, isLost } of pairs) {
      if (isLost) continue;
      client.resume();
      server.resume();
    }
    if (!listener.listening) listener = await listen(Number(url.port));
  }

  async function close(): Promise<void> {
    const closed = listener.listening ? once(listener, 'close') : null;
    listener.close();
    cut();
    await closed;
  }

  return {
    url: url.href,
    pass,
    cut,
    refuse: close,
    freeze: () => {
      isFrozen = true;
      for (const { client, server } of pairs) {
        client.pause();
        server.pause();
      }
    },
    lose: () => {
      for (const pair of pairs) {
        pair.isLost = true;
        pair.client.pause();
        pair.server.destroy();
      }
      return pass();
    },
    loseAnswersTo: (text) => (doom = text),
    answersLost: () => answersLost,
    moveTo: (address) => ({ hostname, port } = new URL(address)),
    stop: close,
  };
}
