// An embedded broker in a process of its own, to be killed: data folder, port. Compiled code, to be back at once.
import { Broker } from '../../../dist/embedded/kafka/broker.js';

const [dataDir, port] = process.argv.slice(2);
const broker = await Broker.start({
  dataDir,
  port: Number(port),
  // A killed sink is missed after one second, not six, so that a hundred runs fit into minutes.
  groups: { minSessionTimeoutMs: 500 },
});
process.stdin.on('end', () => process.exit(1)).resume();
process.stdout.write(`${broker.brokers}\n`);
