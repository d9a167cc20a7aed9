/**
 * A broker in a process of its own, to be killed: `kafka-crash-child.mjs <data folder> <compiled sources>`. It loads
 * its code, then waits for a line with the port before it opens the folder, so that the next one can wait beside it.
 */
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const { Broker } = await import(join(process.argv[3], 'embedded/kafka/broker.js'));
const lines = createInterface({ input: process.stdin });
// The parent holds the other end: when it is gone, nobody will kill this process.
lines.once('close', () => process.exit(0));
lines.once('line', async (port) => {
  const broker = await Broker.start({
    dataDir: process.argv[2],
    port: Number(port),
    log: (level, message) => {
      if (level === 'error') console.error(message);
    },
  });
  console.log(`ready ${broker.port}`);
});
