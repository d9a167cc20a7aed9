/** A sink in a process of its own, to be killed. Arguments: brokers, store URL, topic, group. */
import { startSink } from '../../../src/sink/sink.js';
import { openStore } from '../../../src/store/open-store.js';

const [brokers, storeUrl, topic, groupId] = process.argv.slice(2) as [string, string, string, string];
const store = await openStore(storeUrl);
const say = (message: string, fields?: unknown) =>
  process.stderr.write(`${message} ${JSON.stringify(fields ?? {})}\n`);
const sink = await startSink({
  brokers: [brokers],
  store,
  topic,
  groupId,
  sessionTimeoutMs: 6_000,
  maxRestarts: 100,
  logger: { debug() {}, info: say, warn: say, error: say },
});
process.once('SIGTERM', () => {
  void sink
    .stop()
    .then(() => store.close())
    .then(() => process.exit(0));
});
// Ends with its parent.
process.stdin.on('end', () => process.exit(1)).resume();
process.stdout.write('ready\n');
await sink.done;
