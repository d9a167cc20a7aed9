import pg from 'pg';
import type { Store, StoreConnection, StoreResult, StoreValue, TransactionOptions } from './store.js';
import { isBrokenConnection } from './store-failure.js';

const OID_BOOL = 16;
const OID_INT2 = 21;
const OID_INT4 = 23;
const CANCEL_WITHIN_MS = 500;
const ANSWER_WITHIN_MS = 60_000;
/** How long `close` waits for running statements before it drops their connections. */
const CLOSE_WITHIN_MS = 1_000;

/** Returns values as PostgreSQL's text, except for types that a JavaScript value represents exactly. */
const types = {
  getTypeParser: (oid: number, format?: string) => {
    if (format === 'binary') return (value: Buffer) => value;
    if (oid === OID_BOOL) return (value: string) => value === 't';
    if (oid === OID_INT2 || oid === OID_INT4) return (value: string) => Number(value);
    return (value: string) => value;
  },
};

export interface PostgresStoreOptions {
  /** The most connections in the pool (default: 4). */
  readonly maxConnections?: number;
  /** How long to wait for a connection, in milliseconds (default: 5 s). */
  readonly connectTimeoutMs?: number;
  /**
   * How long to wait for a statement's result, in milliseconds (default: 60 s). Then its connection is dropped.
   * Without this limit, a statement on a silent network waits until TCP gives up. Scripts have no limit.
   */
  readonly answerTimeoutMs?: number;
  readonly applicationName?: string;
  /** Use TLS, with these certificates in PEM. The host name is always verified. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** How the pool reaches a server: by URL, or through an in-memory stream to a server in this process. */
export interface PostgresTarget {
  readonly kind: Store['kind'];
  readonly address: string;
  readonly config: pg.PoolConfig;
  /** Called once, after the pool has closed. */
  readonly onClose?: () => Promise<void>;
}

function toPg(values: readonly StoreValue[] | undefined): unknown[] | undefined {
  return values?.map((value) => (typeof value === 'bigint' ? value.toString() : value));
}

async function run<Row>(
  client: pg.Pool | pg.PoolClient,
  answerTimeoutMs: number,
  text: string,
  values?: readonly StoreValue[],
  name?: string,
): Promise<StoreResult<Row>> {
  const params = toPg(values);
  // pg supports `query_timeout` per query, but its types lack it.
  const query: pg.QueryConfig & { readonly query_timeout: number } = {
    text,
    query_timeout: answerTimeoutMs,
    ...(params === undefined ? {} : { values: params }),
    ...(name === undefined ? {} : { name }),
  };
  const result = await client.query<pg.QueryResultRow>(query);
  return { rows: result.rows as Row[], rowCount: result.rowCount ?? 0 };
}

function connection(client: pg.Pool | pg.PoolClient, answerTimeoutMs: number): StoreConnection {
  return {
    query: (text, values, options) => run(client, answerTimeoutMs, text, values, options?.name),
    script: async (text) => {
      await client.query(text);
    },
  };
}

/** Opens a store over the pg driver: a PostgreSQL server (14 or later), or PGlite through its in-process gateway. */
export function openPostgresStore(target: PostgresTarget, options: PostgresStoreOptions = {}): Store {
  const answerTimeoutMs = options.answerTimeoutMs ?? ANSWER_WITHIN_MS;
  const clients = new Set<pg.PoolClient>();
  const pool = new pg.Pool({
    max: options.maxConnections ?? 4,
    connectionTimeoutMillis: options.connectTimeoutMs ?? 5_000,
    idleTimeoutMillis: 60_000,
    keepAlive: true,
    application_name: options.applicationName ?? 'paystream',
    types: types as unknown as NonNullable<pg.PoolConfig['types']>,
    ...(options.tls === undefined ? {} : { ssl: { ...options.tls, rejectUnauthorized: true } }),
    ...target.config,
  });
  // When the server closes an idle connection, the pool replaces it on the next query, which reports any failure.
  pool.on('error', () => {});
  // The pool removes its error listener when it hands out a connection, and the transaction adds its own a moment
  // later. An unhandled error in between would end this process.
  pool.on('connect', (client) => {
    client.on('error', () => {});
    clients.add(client);
  });
  pool.on('remove', (client) => clients.delete(client));
  let closing: Promise<void> | undefined;

  const drop = (client: pg.PoolClient) =>
    (
      client as unknown as { readonly connection: { readonly stream: { destroy(): void } } }
    ).connection.stream.destroy();

  /** Cancels a connection's running statement on the server, which frees its locks, and drops the connection. */
  async function cancelWork(client: pg.PoolClient): Promise<void> {
    const { processID } = client as unknown as { readonly processID: number };
    // PGlite has one session, which the statement to be cancelled may hold.
    if (target.kind === 'postgres') {
      const cancelled = pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => {});
      await Promise.race([
        cancelled,
        new Promise((resolve) => setTimeout(resolve, CANCEL_WITHIN_MS).unref()),
      ]);
    }
    drop(client);
  }

  return {
    kind: target.kind,
    address: target.address,
    ...connection(pool, answerTimeoutMs),
    async transaction<T>(work: (tx: StoreConnection) => Promise<T>, transaction: TransactionOptions = {}) {
      const client = await pool.connect();
      const settings = Object.entries(transaction.settings ?? {});
      let broken: Error | undefined;
      // If the server goes away between two statements, the client emits an event.
      const onError = (error: Error) => {
        broken = error;
      };
      client.on('error', onError);
      const onAbort = () => void cancelWork(client);
      transaction.signal?.addEventListener('abort', onAbort, { once: true });
      try {
        transaction.signal?.throwIfAborted();
        const begin = ['BEGIN', ...settings.map(([name, value]) => `SET LOCAL ${name} = ${value}`)].join(
          '; ',
        );
        await run(client, answerTimeoutMs, begin);
        const result = await work(connection(client, answerTimeoutMs));
        await run(client, answerTimeoutMs, 'COMMIT');
        return result;
      } catch (error) {
        if (isBrokenConnection(error)) broken ??= error as Error;
        if (broken === undefined) {
          await run(client, answerTimeoutMs, 'ROLLBACK').catch((rollbackError: Error) => {
            broken = rollbackError;
          });
        }
        throw error;
      } finally {
        transaction.signal?.removeEventListener('abort', onAbort);
        client.off('error', onError);
        client.release(broken);
      }
    },
    close() {
      closing ??= (async () => {
        const timer = setTimeout(() => {
          for (const client of clients) drop(client);
        }, CLOSE_WITHIN_MS);
        await pool.end().finally(() => clearTimeout(timer));
        await target.onClose?.();
      })();
      return closing;
    },
  };
}
