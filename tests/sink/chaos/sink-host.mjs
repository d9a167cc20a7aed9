// A process that runs sinks until it is killed, as its parent tells it, one JSON a line:
// {"start": name, "brokers", "storeUrl", "topic"}, {"stop": name} and {"report": prefix}.
// It answers {"started" | "stopped" | "failed": name} and {"report": prefix, "sinks"}.
import { createInterface } from 'node:readline';
import { startSink } from '../../../dist/sink/sink.js';
import { openStore } from '../../../dist/store/open-store.js';

/** What a sink said last, the client's own log lines included: kept here, since most of it is never asked for. */
const LINES_KEPT = 60;
const running = new Map();
const stopping = new Map();
const lastLines = new Map();
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

async function start({ start: name, brokers, storeUrl, topic }) {
  const lines = [];
  lastLines.set(name, lines);
  const keep = (message, fields) => {
    const line = JSON.stringify({ sink: name, at: new Date().toISOString(), message, ...fields });
    lines.push(line);
    if (lines.length > LINES_KEPT) lines.shift();
    return line;
  };
  const log = (message, fields) => process.stderr.write(`${keep(message, fields)}\n`);
  const store = await openStore(storeUrl, { maxConnections: 3, applicationName: `sink ${name}` });
  const sink = await startSink({
    brokers: [brokers],
    store,
    topic,
    groupId: topic,
    clientId: `sink-${name}`,
    concurrency: 2,
    sessionTimeoutMs: 1_500,
    stalledAfterMs: 10_000,
    maxRestarts: 1_000,
    logger: { debug: keep, info: log, warn: log, error: log },
  });
  running.set(name, { sink, store });
  sink.done.catch((error) => say({ failed: name, reason: `${error.code}: ${error.message} ${error.where}` }));
  say({ started: name });
}

async function stop({ stop: name }) {
  const { sink, store } = running.get(name);
  running.delete(name);
  stopping.set(name, sink);
  await sink.stop();
  await store.close();
  stopping.delete(name);
  say({ stopped: name });
}

function report({ report: prefix }) {
  const sinks = [...running.entries()].map(([name, { sink }]) => [name, sink]);
  say({
    report: prefix,
    sinks: [...sinks, ...stopping]
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, sink]) => ({
        name,
        isStopping: stopping.has(name),
        status: JSON.stringify(sink.status(), (_key, value) =>
          typeof value === 'bigint' ? String(value) : value,
        ),
        lines: lastLines.get(name),
      })),
  });
}

// One command after the other: a stop may follow its start at once.
let last = Promise.resolve();
const commands = createInterface({ input: process.stdin });
commands.on('line', (line) => {
  const command = JSON.parse(line);
  if (command.report !== undefined) report(command);
  else if (command.start !== undefined) last = last.then(() => start(command));
  else last = last.then(() => void stop(command));
});
commands.on('close', () => process.exit(1));
say({ ready: true });
