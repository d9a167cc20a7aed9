import { randomBytes } from 'node:crypto';
import { type Cluster, startCluster } from '../../src/embedded/cluster.js';
import { openStore } from '../../src/store/open-store.js';
import { type ClusterAddresses, removePipeline } from './pipeline.js';

/** Where a suite runs: the embedded cluster, or the real one that the environment names. */
export interface TestCluster extends ClusterAddresses {
  readonly databaseUrl: string;
  readonly real: boolean;
  /** Ends an embedded cluster; takes the pipeline and the store off a real one. */
  stop(): Promise<void>;
}

/**
 * The cluster under test. With PAYSTREAM_TEST_KSQLDB_URL, PAYSTREAM_TEST_KAFKA_BROKERS and
 * PAYSTREAM_TEST_DATABASE_URL set it is the real one, without what a suite that broke off has left there, and with a
 * database of its own on the PostgreSQL server; else an embedded one in memory, new for each caller.
 */
export async function testCluster(): Promise<TestCluster> {
  const ksqldbUrl = process.env.PAYSTREAM_TEST_KSQLDB_URL;
  const brokers = process.env.PAYSTREAM_TEST_KAFKA_BROKERS;
  const databaseUrl = process.env.PAYSTREAM_TEST_DATABASE_URL;
  if (ksqldbUrl !== undefined && brokers !== undefined && databaseUrl !== undefined) {
    await removePipeline({ ksqldbUrl, brokers });
    const database = await makeDatabase(databaseUrl);
    return {
      ksqldbUrl,
      brokers,
      databaseUrl: database.url,
      real: true,
      stop: async () => {
        await removePipeline({ ksqldbUrl, brokers });
        await database.remove();
      },
    };
  }
  const cluster: Cluster = await startCluster({ dataDir: null });
  return {
    ksqldbUrl: cluster.ksqldbUrl,
    brokers: cluster.brokers,
    databaseUrl: cluster.storeUrl,
    real: false,
    stop: () => cluster.stop(),
  };
}

/** Customers of one suite must not be seen by the next. */
async function makeDatabase(server: string): Promise<{ readonly url: string; remove(): Promise<void> }> {
  const name = `paystream_test_${randomBytes(6).toString('hex')}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const run = async (sql: string) => {
    const store = await openStore(server);
    try {
      await store.script(sql);
    } finally {
      await store.close();
    }
  };
  await run(`CREATE DATABASE ${name}`);
  return { url: url.href, remove: () => run(`DROP DATABASE ${name} WITH (FORCE)`) };
}
