import { type AddressInfo, createServer, type Server } from 'node:net';
import { PaystreamError } from '../../errors/paystream-error.js';
import { openPostgresStore } from '../../store/postgres-store.js';
import type { Store } from '../../store/store.js';
import { type PgliteEngine, startPgliteEngine } from './pglite-engine.js';
import { createStreamPair } from './stream-pair.js';
import { createWireGateway, type WireGateway } from './wire-gateway.js';

export interface EmbeddedStoreOptions {
  /** The database folder; `null` uses a temporary one that is removed when the store stops. */
  readonly dataDir: string | null;
  /** TCP port for psql and other clients (default: 0, any free port). */
  readonly port?: number;
  /** Loopback by default, because there is no authentication. */
  readonly host?: string;
}

export interface EmbeddedStore {
  /** The URL for any PostgreSQL client. */
  readonly url: string;
  /** The same database, reached in memory instead of over TCP. */
  readonly store: Store;
  stop(): Promise<void>;
}

function inProcessStore(
  engine: PgliteEngine,
  gateway: WireGateway,
  address: string,
  stop?: () => Promise<void>,
) {
  const connect = () => {
    const [client, server] = createStreamPair();
    gateway.serve(server);
    return client;
  };
  return openPostgresStore(
    {
      kind: 'pglite',
      address,
      config: { stream: connect as never, user: 'postgres', database: 'postgres', password: '', ssl: false },
      onClose: async () => {
        if (stop === undefined) return;
        await stop();
        await gateway.close();
        await engine.close();
      },
    },
    // Connections are cheap here, but they share one session and may wait for each other.
    { maxConnections: 8, connectTimeoutMs: 60_000 },
  );
}

/** Opens PGlite for this process only: no client can connect to it. */
export async function openPgliteStore(dataDir: string | null): Promise<Store> {
  const engine = await startPgliteEngine(dataDir);
  return inProcessStore(engine, createWireGateway(engine), dataDir ?? 'memory', async () => {});
}

/**
 * Starts PostgreSQL in this process (PGlite). It is reachable over TCP and, faster, through `store`.
 *
 * @throws STORE_PORT_TAKEN, STORE_FOLDER_IN_USE, STORE_FOLDER_FOREIGN, STORE_START_FAILED
 */
export async function startEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const host = options.host ?? '127.0.0.1';
  const engine = await startPgliteEngine(options.dataDir);
  const gateway = createWireGateway(engine);
  const server = createServer({ noDelay: true }, (socket) => gateway.serve(socket));
  try {
    await listen(server, options.port ?? 0, host);
  } catch (error) {
    await engine.close();
    throw new PaystreamError(
      'STORE_PORT_TAKEN',
      `The embedded store cannot listen: ${(error as Error).message}`,
      {
        where: `${host}:${options.port ?? 0}`,
        hint: 'Choose another port for the store, or 0 for any free port.',
        cause: error,
      },
    );
  }
  const { port } = server.address() as AddressInfo;
  const url = `postgres://postgres@${host}:${port}/postgres`;
  const closeServer = () => new Promise<void>((resolve) => server.close(() => resolve()));
  const store = inProcessStore(engine, gateway, url, async () => {
    const closed = closeServer();
    await gateway.close();
    await closed;
  });
  return { url, store, stop: () => store.close() };
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}
