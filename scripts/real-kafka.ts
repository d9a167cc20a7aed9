/**
 * A real Apache Kafka for tests: a single KRaft broker on loopback, its jars from Maven Central, its data in a
 * temporary folder. `tsx scripts/real-kafka.ts [version]` runs one until Ctrl-C.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createConnection } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../tests/support/free-port.js';
import { hasJava, JVM_ARGUMENTS, KAFKA_VERSIONS, kafkaClassPath } from './java-clients.js';

export interface RealKafkaOptions {
  readonly version?: string;
  /** Listeners beside the first, by name, with their security protocol. */
  readonly listeners?: Readonly<Record<string, string>>;
  /** Further lines of server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** Default: small and quick to start, at the price of speed later on. */
  readonly jvmArguments?: readonly string[];
}

export interface RealKafka {
  readonly brokers: string;
  /** The address of a further listener. */
  addressOf(listener: string): string;
  /** The broker's log, for a look at why it failed. */
  readonly logFile: string;
  /** The id of the group of its processes, while it runs. */
  processGroup(): number | undefined;
  /** Ends it in order, and removes its data. */
  stop(): Promise<void>;
  /** kill -9; the data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
}

/** False where Java or Maven is missing; tests skip then. */
export const canRunRealKafka = hasJava;

function uuid(): string {
  return randomBytes(16).toString('base64url');
}

async function answers(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = createConnection({ port, host: '127.0.0.1' });
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

/** Starts a broker; it ends with this process, however that ends. */
export async function startRealKafka(options: RealKafkaOptions = {}): Promise<RealKafka> {
  const path = await kafkaClassPath(options.version ?? KAFKA_VERSIONS[0], ['kafka_2.13']);
  const folder = mkdtempSync(join(tmpdir(), 'paystream-kafka-'));
  const data = join(folder, 'data');
  const logFile = join(folder, 'server.log');
  const [port, controllerPort] = [await freePort(), await freePort()];
  const further = new Map<string, string>();
  for (const name of Object.keys(options.listeners ?? {})) further.set(name, `127.0.0.1:${await freePort()}`);
  const toClients = [
    `PLAINTEXT://127.0.0.1:${port}`,
    ...[...further].map(([name, address]) => `${name}://${address}`),
  ].join(',');
  const protocols = Object.entries({ CONTROLLER: 'PLAINTEXT', PLAINTEXT: 'PLAINTEXT', ...options.listeners });
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `${toClients},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': toClients,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': protocols.map(([name, protocol]) => `${name}:${protocol}`).join(','),
    'log.dirs': data,
    'num.partitions': '1',
    'offsets.topic.num.partitions': '1',
    'offsets.topic.replication.factor': '1',
    'transaction.state.log.num.partitions': '1',
    'transaction.state.log.replication.factor': '1',
    'transaction.state.log.min.isr': '1',
    'group.initial.rebalance.delay.ms': '0',
    'auto.create.topics.enable': 'false',
    ...options.properties,
  };
  mkdirSync(data);
  // What kafka-storage.sh format would write, without a second start of the JVM.
  writeFileSync(
    join(data, 'meta.properties'),
    `version=1\ncluster.id=${uuid()}\nnode.id=1\ndirectory.id=${uuid()}\n`,
  );
  const config = join(folder, 'server.properties');
  writeFileSync(
    config,
    Object.entries(properties)
      .map(([key, value]) => `${key}=${value}\n`)
      .join(''),
  );

  let child: ChildProcess | undefined;
  let exited: Promise<void> = Promise.resolve();

  async function start(): Promise<void> {
    // The shell reads its input to the end, which comes when this process ends, even by kill -9.
    const script =
      'java "$@" & pid=$!; trap "kill $pid" TERM; (cat >/dev/null <&3; kill -9 $pid) & wait $pid';
    const next = spawn(
      'sh',
      ['-c', `exec 3<&0; ${script}`, 'sh', ...JVM_ARGUMENTS, '-cp', path, 'kafka.Kafka', config],
      { stdio: ['pipe', 'pipe', 'pipe'], detached: true },
    );
    child = next;
    exited = new Promise((resolve) => next.once('exit', () => resolve()));
    for (const stream of [next.stdout, next.stderr]) {
      stream?.on('data', (text: Buffer) => appendFileSync(logFile, text));
    }
    const until = Date.now() + 60_000;
    while (!(await answers(port))) {
      if (next.exitCode !== null || Date.now() > until) {
        throw new Error(`Kafka did not start: ${readFileSync(logFile, 'utf8').slice(-3_000)}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }

  async function signal(name: NodeJS.Signals): Promise<void> {
    const ended = child;
    if (ended?.pid === undefined || ended.exitCode !== null) return;
    // The whole group: the shell, its reader and the JVM.
    try {
      process.kill(-ended.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await exited;
    // The shell is gone before the JVM has let go of its port.
    while (await answers(port)) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  await start();
  return {
    brokers: `127.0.0.1:${port}`,
    addressOf(listener) {
      const address = further.get(listener);
      if (address === undefined) throw new Error(`no listener ${listener}`);
      return address;
    },
    logFile,
    processGroup: () => child?.pid,
    async stop() {
      // A tidy shutdown of a test's broker would save nothing that is kept.
      await signal('SIGKILL');
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
    kill: () => signal('SIGKILL'),
    restart: start,
  };
}

if (process.argv[1] === import.meta.filename) {
  const kafka = await startRealKafka(process.argv[2] === undefined ? {} : { version: process.argv[2] });
  console.log(kafka.brokers);
  process.once('SIGINT', () => void kafka.stop().then(() => process.exit(0)));
}
