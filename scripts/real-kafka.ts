/**
 * A real Apache Kafka for tests: a single KRaft broker on loopback, with jars from Maven Central and data in a temporary
 * folder. `tsx scripts/real-kafka.ts [version]` runs one until Ctrl-C.
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
  /** Additional listeners and their security protocols. */
  readonly listeners?: Readonly<Record<string, string>>;
  /** Additional lines for server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
  /** JVM options. The default starts quickly and uses little memory, but is slower under load. */
  readonly jvmArguments?: readonly string[];
}

export interface RealKafka {
  readonly brokers: string;
  /** Returns the address of an additional listener. */
  addressOf(listener: string): string;
  /** Path of the broker's log. */
  readonly logFile: string;
  /** The process group id while it is running. */
  processGroup(): number | undefined;
  /** Stops the broker and deletes its data. */
  stop(): Promise<void>;
  /** Kills the broker with `kill -9`. Keeps the data for `restart`. */
  kill(): Promise<void>;
  /** Starts the broker again with the same ports and data. */
  restart(): Promise<void>;
}

/** False if Java or Maven is missing. Tests are then skipped. */
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

/** Starts a broker. It exits with this process, even if this process is killed. */
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
  // Write what kafka-storage.sh format would write, which saves the start of another JVM.
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
    // The shell reads stdin until it closes, which happens when this process exits, even by kill -9.
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
    // Kill the whole process group: the shell, its reader and the JVM.
    try {
      process.kill(-ended.pid, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    await exited;
    // The shell exits before the JVM releases its port.
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
      // A clean shutdown is not needed, because the data is deleted.
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
