import { connect, isIP, type Socket } from 'node:net';
import { type ConnectionOptions, connect as connectTls } from 'node:tls';
import type kafkajs from 'kafkajs';

export interface ClientSockets {
  readonly factory: kafkajs.ISocketFactory;
  /** Ends all connections, and refuses new ones from now on. */
  close(): void;
}

const KEEP_ALIVE_AFTER_MS = 60_000;
const CLOSED = 'this client has been closed';

/**
 * The connections of one kafkajs client, to be taken from it in the end. kafkajs itself does not give up what it has
 * begun: a consumer that is stopped while it joins its group connects again, joins, and stays a member that holds
 * partitions and reads none of them.
 */
export function createClientSockets(): ClientSockets {
  const open = new Set<Socket>();
  let closed = false;
  return {
    factory({ host, port, ssl, onConnect }) {
      if (closed) throw new Error(CLOSED);
      // The type knows of options only; what comes is what the client was made with, or null.
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
      // With an error: kafkajs does not hear of a mere close, and its requests would wait for ever.
      for (const socket of open) socket.destroy(new Error(CLOSED));
    },
  };
}
