import { createServer } from 'node:net';

/**
 * Returns a default port if it is free, else 0 (any free port), so that a first start succeeds next to a running
 * Kafka or PostgreSQL. Ports set by a flag do not pass through here: if one is taken, the start fails.
 */
export async function freeOrAny(port: number, host: string): Promise<number> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
  return free ? port : 0;
}
