// A process that runs sinks until it is killed, as its parent tells it, one JSON a line:
// {"start": name, "brokers", "storeUrl", "topic"} and {"stop": name}. It answers {"started" | "stopped" | "failed": name}.
import { createInterface } from 'node:readline';
import { startSink } from '../../../dist/sink/sink.js';
import { openStore } from '../../../dist/store/open-store.js';

const running = new Map();
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function start({ start: name, brokers, storeUrl, topic }) {
  const log = (message, fields) =>
    process.stderr.write(
      `${JSON.stringify({ sink: name, at: new Date().toISOString(), message, ...fields })}\n`,
    );
  const store = await openStore(storeUrl, { maxConnections: 3 });
  const sink = await startSink({
    brokers: [brokers],
    store,
    topic,
    groupId: topic,
    concurrency: 2,
    sessionTimeoutMs: 1_500,
    stalledAfterMs: 10_000,
    maxRestarts: 1_000,
    logger: { debug() {}, info: log, warn: log, error: log },
  });
  running.set(name, { sink, store });
  sink.done.catch((error) => say({ failed: name, reason: `${error.code}: ${error.message} ${error.where}` }));
  say({ started: name });
}

async function stop({ stop: name }) {
  const { sink, store } = running.get(name);
  running.delete(name);
  await sink.stop();
  await store.close();
  say({ stopped: name });
}

// One command after the other: a stop may follow its start at once.
let last = Promise.resolve();
const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  const command = JSON.parse(line);
  if (command.start !== undefined) last = last.then(() => start(command));
  else last = last.then(() => void stop(command));
});
commands.on('close', () => process.exit(1));
say({ ready: true });
