import pg from 'pg';
import type { Store, StoreConnection, StoreResult, StoreValue, TransactionOptions } from './store.js';
import { isBrokenConnection } from './store-failure.js';

const OID_BOOL = 16;
const OID_INT2 = 21;
const OID_INT4 = 23;
const CANCEL_WITHIN_MS = 500;
const ANSWER_WITHIN_MS = 60_000;
/** So long `close` waits for what is still being asked; then the connections are cut. */
const CLOSE_WITHIN_MS = 1_000;

/** Everything as PostgreSQL wrote it, but for the types that a JavaScript value holds exactly. */
const types = {
  getTypeParser: (oid: number, format?: string) => {
    if (format === 'binary') return (value: Buffer) => value;
    if (oid === OID_BOOL) return (value: string) => value === 't';
    if (oid === OID_INT2 || oid === OID_INT4) return (value: string) => Number(value);
    return (value: string) => value;
  },
};

export interface PostgresStoreOptions {
  /** Connections at most. */
  readonly maxConnections?: number;
  /** Milliseconds to wait for a connection. */
  readonly connectTimeoutMs?: number;
  /**
   * Milliseconds to wait for a statement's answer, scripts excepted; then its connection is given up. 60 s by default:
   * a server behind a network that has gone silent would else be waited for as long as TCP does.
   */
  readonly answerTimeoutMs?: number;
  readonly applicationName?: string;
  /** TLS to a PostgreSQL server, with these certificates (PEM texts). The host name is always compared. */
  readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
}

/** What the pool needs to know to reach a server: a URL, or a stream of its own for a server in this process. */
export interface PostgresTarget {
  readonly kind: Store['kind'];
  readonly address: string;
  readonly config: pg.PoolConfig;
  /** Called once after the pool has ended. */
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
  // `query_timeout` of a single query is missing in the types.
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

/** A store over the pg driver: a PostgreSQL server (14 or later), or PGlite through its in-process gateway. */
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
  // An idle connection that the server ends is replaced by the pool at the next query; that query reports.
  pool.on('error', () => {});
  // The pool's own listener is off from the moment in which it hands a connection out, and a promise later the
  // transaction's is on: an end that comes in between would end this process.
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

  /** Ends what a connection is doing: asks the server to, so that its locks are free; then drops the connection. */
  async function cancelWork(client: pg.PoolClient): Promise<void> {
    const { processID } = client as unknown as { readonly processID: number };
    // PGlite has one session, which the work to be ended may hold.
    if (target.kind === 'postgres') {
      const ask = pool.query('SELECT pg_cancel_backend($1)', [processID]).catch(() => {});
      await Promise.race([ask, new Promise((resolve) => setTimeout(resolve, CANCEL_WITHIN_MS).unref())]);
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
      // A server that goes away between two statements is an event, not an answer.
      const onError = (error: Error) => {
        broken = error;
      };
      client.on('error', onError);
      const cut = () => void cancelWork(client);
      transaction.signal?.addEventListener('abort', cut, { once: true });
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
        transaction.signal?.removeEventListener('abort', cut);
        client.off('error', onError);
        client.release(broken);
      }
    },
    close() {
      closing ??= (async () => {
        const patience = setTimeout(() => {
          for (const client of clients) drop(client);
        }, CLOSE_WITHIN_MS);
        await pool.end().finally(() => clearTimeout(patience));
        await target.onClose?.();
      })();
      return closing;
    },
  };
}
