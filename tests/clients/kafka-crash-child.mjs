/**
 * A broker in a process of its own, to be killed: `kafka-crash-child.mjs <data folder>`. It loads its code, then
 * waits for a line with the port before it opens the folder, so that the next one can wait beside it. It is the
 * built code that runs, without a compiler: hundreds of these are started.
 */
import { createInterface } from 'node:readline';
import { Broker } from '../../dist/embedded/kafka/broker.js';

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
