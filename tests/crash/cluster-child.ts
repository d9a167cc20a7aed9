/** Broker and ksqlDB in a process of their own, to be killed: `cluster-child.ts <data folder> <kafka port>`. */
import { startCluster } from '../../src/embedded/cluster.js';

const [dataDir, port] = process.argv.slice(2);
const cluster = await startCluster({
  dataDir: dataDir!,
  kafkaPort: Number(port),
  withStore: false,
  ksqldbConfig: { 'ksql.streams.commit.interval.ms': '50' },
});
console.log(JSON.stringify({ brokers: cluster.brokers, ksqldbUrl: cluster.ksqldbUrl }));
// The parent holds the other end: when it is gone, nobody will kill this process.
process.stdin.on('end', () => process.exit(0)).resume();
