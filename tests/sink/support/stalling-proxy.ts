import { connect, createServer, type Socket } from 'node:net';

const HEADER_BYTES = 6;

/** Kafka's API keys of what can be kept back. */
export const requests = { fetch: 1, joinGroup: 11, heartbeat: 12 } as const;

export interface StallingProxy {
  readonly port: number;
  /** Requests of this kind wait here from now on; all others reach the broker. */
  keepBack(apiKey: number): void;
  /** How many requests wait here. */
  kept(): number;
  /** Sends on what waits, if the client is still there, and keeps nothing back any more. */
  letThrough(): void;
  /** While true, connections are ended as they come, as if no broker were there. */
  isDown: boolean;
  /** How many connections were ended so. */
  refused(): number;
  forwardTo(port: number): void;
  close(): Promise<void>;
}

/** Stands before a broker and can keep some requests back: a consumer is alive then, and waits for an answer. */
export async function startStallingProxy(): Promise<StallingProxy> {
  let target = 0;
  let keptBack: number | undefined;
  const waiting: (() => void)[] = [];
  let refused = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
    if (proxy.isDown) {
      refused += 1;
      client.on('error', () => {});
      client.destroy();
      return;
    }
    const broker = connect(target, '127.0.0.1');
    for (const [one, other] of [
      [client, broker],
      [broker, client],
    ] as const) {
      sockets.add(one);
      one.on('error', () => {});
      one.on('close', () => {
        sockets.delete(one);
        other.destroy();
      });
    }
    broker.pipe(client);
    let buffer = Buffer.alloc(0);
    client.on('data', (data: Buffer) => {
      buffer = Buffer.concat([buffer, data]);
      while (buffer.length >= HEADER_BYTES) {
        const length = buffer.readInt32BE(0) + 4;
        if (buffer.length < length) break;
        const request = Buffer.from(buffer.subarray(0, length));
        const send = () => void (broker.destroyed || broker.write(request));
        if (buffer.readInt16BE(4) === keptBack) waiting.push(send);
        else send();
        buffer = buffer.subarray(length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: StallingProxy = {
    port: (server.address() as { readonly port: number }).port,
    keepBack(apiKey) {
      keptBack = apiKey;
    },
    kept: () => waiting.length,
    isDown: false,
    refused: () => refused,
    letThrough() {
      keptBack = undefined;
      for (const send of waiting.splice(0)) send();
    },
    forwardTo(port) {
      target = port;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  return proxy;
}
