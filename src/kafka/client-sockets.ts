import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type kafkajs from 'kafkajs';

export interface ClientSockets {
  readonly factory: kafkajs.ISocketFactory;
  /** Closes all connections and refuses new ones. */
  close(): void;
}

const KEEP_ALIVE_AFTER_MS = 60_000;
const CLOSED = 'this client has been closed';

/**
 * Tracks the connections of one kafkajs client, so that they can be closed for certain. A kafkajs consumer that is
 * stopped while it joins its group would otherwise reconnect, join, and hold partitions that it never reads.
 */
export function createClientSockets(): ClientSockets {
  const open = new Set<Socket>();
  let closed = false;
  return {
    factory({ host, port, ssl, onConnect }) {
      if (closed) throw new Error(CLOSED);
      // The declared type is too narrow: kafkajs passes the client's `ssl` option, or null.
      const tls = ssl as ConnectionOptions | boolean | null;
      const servername = isIP(host) === 0 ? { servername: host } : {};
      const socket =
        tls === null || tls === false
          ? connect({ host, port }, onConnect)
          : connectTls({ host, port, ...servername, ...(tls === true ? {} : tls) }, onConnect);
      socket.setKeepAlive(true, KEEP_ALIVE_AFTER_MS);
      open.add(socket);
      socket.once('close', () => open.delete(socket));
      return socket;
    },
    close() {
      closed = true;
      // Pass an error: kafkajs ignores a plain close and would leave its requests pending forever.
      for (const socket of open) socket.destroy(new Error(CLOSED));
    },
  };
}
