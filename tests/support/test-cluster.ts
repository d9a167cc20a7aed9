import { type Cluster, startCluster } from '../../src/embedded/cluster.js';

/** Where a suite runs: the embedded cluster, or the real one that the environment names. */
export interface TestCluster {
  readonly brokers: string;
  readonly ksqldbUrl: string;
  readonly databaseUrl: string;
  readonly real: boolean;
  stop(): Promise<void>;
}

/**
 * The cluster under test. With PAYSTREAM_TEST_KSQLDB_URL, PAYSTREAM_TEST_KAFKA_BROKERS and
 * PAYSTREAM_TEST_DATABASE_URL set it is the real one; else an embedded one in memory, new for each caller.
 */
export async function testCluster(): Promise<TestCluster> {
  const ksqldbUrl = process.env.PAYSTREAM_TEST_KSQLDB_URL;
  const brokers = process.env.PAYSTREAM_TEST_KAFKA_BROKERS;
  const databaseUrl = process.env.PAYSTREAM_TEST_DATABASE_URL;
  if (ksqldbUrl !== undefined && brokers !== undefined && databaseUrl !== undefined) {
    return { ksqldbUrl, brokers, databaseUrl, real: true, stop: async () => undefined };
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
