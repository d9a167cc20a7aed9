/** Runs an embedded broker in a separate process, for benchmarks: `broker-process.ts <data folder>`. */
import { Broker } from '../../src/embedded/kafka/broker.js';

const broker = await Broker.start({
  dataDir: process.argv[2]!,
  autoCreateTopics: false,
  log: (level, message) => console.error(`${level}: ${message}`),
});
console.log(broker.brokers);
process.stdin.on('end', () => process.exit(0)).resume();
