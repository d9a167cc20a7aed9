/** A broker in a process of its own, to be killed: `kafka-crash-child.ts <data folder> <port>`. */
import { Broker } from '../../src/embedded/kafka/broker.js';

const [dataDir, port] = process.argv.slice(2);
const broker = await Broker.start({
  dataDir: dataDir!,
  port: Number(port),
  log: (level, message) => {
    if (level === 'error') console.error(message);
  },
});
console.log(`ready ${broker.port}`);
// The parent holds the other end: when it is gone, nobody will kill this process.
process.stdin.on('end', () => process.exit(0)).resume();
