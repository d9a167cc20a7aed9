import { join } from 'node:path';
import type { Store } from '../store/store.js';
import type { SqlAsserts } from './ksqldb/sql-test/sql-asserts.js';

export type { AssertedColumn, AssertOutcome, SqlAsserts } from './ksqldb/sql-test/sql-asserts.js';

/** Which parts of an embedded cluster to start, and where to keep its data. */
export interface ClusterOptions {
  /** The folder for all data; null keeps everything in memory. */
  readonly dataDir: string | null;
  /** The address to listen on. Loopback by default, because there is no authentication by default. */
  readonly host?: string;
  /** Ports default to 0: any free port. */
  readonly kafkaPort?: number;
  readonly ksqldbPort?: number;
  readonly storePort?: number;
  readonly schemaRegistryPort?: number;
  /** Also start the customer store, PGlite (default: true). */
  readonly withStore?: boolean;
  /** Properties of the ksqlDB server, such as `ksql.streams.cache.max.bytes.buffering`. */
  readonly ksqldbConfig?: Readonly<Record<string, string>>;
  /** Force appends to disk, so that they also survive power loss. Slower. */
  readonly fsync?: boolean;
  /** Passwords by user name. Kafka clients must log in with SASL/PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly kafkaUsers?: Readonly<Record<string, string>>;
  /** Kafka over TLS, with PEM texts. If `ca` is set, clients need a certificate signed by it. */
  readonly kafkaTls?: { readonly cert: string; readonly key: string; readonly ca?: string };
  /** Receives events for the operator, such as failed logins and closed connections. */
  readonly log?: (level: 'info' | 'warn' | 'error', message: string) => void;
}

/** A running cluster. */
export interface Cluster {
  /** `host:port`, for any Kafka client. */
  readonly brokers: string;
  /** For any ksqlDB client, HTTP/1.1 or HTTP/2. */
  readonly ksqldbUrl: string;
  /** For any client of Confluent's schema registry. */
  readonly schemaRegistryUrl: string;
  /** For any PostgreSQL client; empty without a store. */
  readonly storeUrl: string;
  /** The same store, reached in memory; undefined without a store. */
  readonly store: Store | undefined;
  /** Runs the ASSERT statements of SQL tests, which ksqlDB's REST API does not have. */
  sqlAsserts(): Promise<SqlAsserts>;
  /** Stops everything in order. All acknowledged data is in the data folder. */
  stop(): Promise<void>;
}

/**
 * Starts a Kafka-compatible broker, a ksqlDB-compatible engine and an embedded PostgreSQL in this process.
 * For development, tests and CI, on one machine; not for production.
 *
 * @example
 * const cluster = await startCluster({ dataDir: null });
 * await cluster.stop();
 */
export async function startCluster(options: ClusterOptions): Promise<Cluster> {
  const { dataDir, host = '127.0.0.1' } = options;
  const folder = (name: string) => (dataDir === null ? null : join(dataDir, name));
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    await (await storeStarting?.catch(() => undefined))?.stop();
    for (let next = stops.pop(); next !== undefined; next = stops.pop()) await next();
  };
  // PGlite takes longest, so it loads while the others start.
  const storeStarting =
    options.withStore === false
      ? undefined
      : import('./store/embedded-store.js').then(({ startEmbeddedStore }) =>
          startEmbeddedStore({ host, port: options.storePort ?? 0, dataDir: folder('store') }),
        );
  // Awaited below. Until then, a failure must not end the process as an unhandled rejection.
  storeStarting?.catch(() => undefined);
  try {
    const [{ Broker }, { openEngine }, { startKsqlServer }, { startSchemaRegistry }] = await Promise.all([
      import('./kafka/broker.js'),
      import('./ksqldb/runtime/live-engine.js'),
      import('./ksqldb/rest/server.js'),
      import('./schema-registry/server.js'),
    ]);
    const broker = await Broker.start({
      host,
      port: options.kafkaPort ?? 0,
      dataDir: folder('kafka'),
      ...(options.fsync === undefined ? {} : { fsync: options.fsync }),
      ...(options.kafkaUsers === undefined ? {} : { sasl: { users: options.kafkaUsers } }),
      ...(options.kafkaTls === undefined ? {} : { tls: tlsOptions(options.kafkaTls) }),
      ...(options.log === undefined ? {} : { log: options.log }),
    });
    stops.push(() => broker.stop());
    const registry = await startSchemaRegistry({
      host,
      port: options.schemaRegistryPort ?? 0,
      dataDir: folder('schemas'),
    });
    stops.push(() => registry.stop());
    const engine = openEngine({
      store: broker.store,
      registry: registry.registry,
      config: new Map(Object.entries(options.ksqldbConfig ?? {})),
    });
    stops.push(() => engine.close());
    const server = await startKsqlServer({
      engine,
      host,
      port: options.ksqldbPort ?? 0,
      brokers: broker.brokers,
    });
    stops.push(() => server.stop());
    const store = await storeStarting;
    return {
      brokers: broker.brokers,
      ksqldbUrl: server.url,
      schemaRegistryUrl: registry.url,
      storeUrl: store?.url ?? '',
      store: store?.store,
      sqlAsserts: async () => new (await import('./ksqldb/sql-test/sql-asserts.js')).SqlAsserts(engine),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/**
 * Opens a customer store inside this process. No other process can use it meanwhile.
 *
 * @param url `pglite:<folder>`, or `pglite:memory` for a store that is removed when it is closed
 */
export async function openEmbeddedStore(url: string): Promise<Store> {
  // `pglite:///folder` and `pglite:/folder` name the same folder.
  const folder = decodeURIComponent(url.slice('pglite:'.length)).replace(/^\/\/(?=\/)/, '');
  const inMemory = folder === '' || folder === 'memory' || folder === '//memory';
  // Load PGlite only when it is needed: it is 10 MB of WebAssembly.
  const { openPgliteStore } = await import('./store/embedded-store.js');
  return await openPgliteStore(inMemory ? null : folder);
}

function tlsOptions(tls: NonNullable<ClusterOptions['kafkaTls']>) {
  const { cert, key, ca } = tls;
  return ca === undefined ? { cert, key } : { cert, key, ca, requestCert: true, rejectUnauthorized: true };
}
