import { createServer } from 'node:net';

/**
 * A default port where it is free, else 0 (any free one): a first start succeeds beside a Kafka or PostgreSQL that
 * is already there. A port that was asked for is not passed through here: it is taken or fails.
 */
export async function freeOrAny(port: number, host: string): Promise<number> {
  const free = await new Promise<boolean>((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, host, () => server.close(() => resolve(true)));
  });
  return free ? port : 0;
}
