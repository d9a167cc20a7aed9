/** An embedded broker in a process of its own, to be killed. Arguments: data folder, port. */
import { Broker } from '../../../src/embedded/kafka/broker.js';

const [dataDir, port] = process.argv.slice(2) as [string, string];
const broker = await Broker.start({ dataDir, port: Number(port) });
process.stdin.on('end', () => process.exit(1)).resume();
process.stdout.write(`${broker.brokers}\n`);
