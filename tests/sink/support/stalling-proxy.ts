import { connect, createServer, type Socket } from 'node:net';

const FETCH = 1;
const HEADER_BYTES = 6;

export interface StallingProxy {
  readonly port: number;
  /** While true, what clients ask to fetch never reaches the broker; all else does. */
  stalled: boolean;
  forwardTo(port: number): void;
  close(): Promise<void>;
}

/** Stands before a broker and can keep its consumers alive, in their group, and without any record. */
export async function startStallingProxy(): Promise<StallingProxy> {
  let target = 0;
  const sockets = new Set<Socket>();
  const server = createServer((client) => {
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
        const isFetch = buffer.readInt16BE(4) === FETCH;
        if (!(isFetch && proxy.stalled)) broker.write(Buffer.from(buffer.subarray(0, length)));
        buffer = buffer.subarray(length);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const proxy: StallingProxy = {
    port: (server.address() as { readonly port: number }).port,
    stalled: false,
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
