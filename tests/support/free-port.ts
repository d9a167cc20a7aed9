import { once } from 'node:events';
import { createServer } from 'node:net';

const FROM = 15_000;
const COUNT = 15_000;

/**
 * A port for a server that a test kills and starts again. It lies below those that systems give to connections: else
 * a client that looks for the dead server may be given the server's port, be connected with itself, and keep it.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = FROM + Math.floor(Math.random() * COUNT);
    const server = createServer();
    server.listen(port, '127.0.0.1');
    const isFree = await once(server, 'listening').then(
      () => true,
      () => false,
    );
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
