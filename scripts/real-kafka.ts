/**
 * A real Apache Kafka for tests: a single KRaft broker on loopback, its jars from Maven Central, its data in a
 * temporary folder. `tsx scripts/real-kafka.ts [version]` runs one until Ctrl-C.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createConnection, createServer } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** The oldest and the newest line that the project is tested with. */
export const KAFKA_VERSIONS = ['3.9.2', '4.3.1'] as const;

export interface RealKafkaOptions {
  readonly version?: string;
  /** Further lines of server.properties. */
  readonly properties?: Readonly<Record<string, string>>;
}

export interface RealKafka {
  readonly brokers: string;
  /** The broker's log, for a look at why it failed. */
  readonly logFile: string;
  /** Ends it in order, and removes its data. */
  stop(): Promise<void>;
  /** kill -9; the data stays for `restart`. */
  kill(): Promise<void>;
  /** Starts it again on the same ports and data. */
  restart(): Promise<void>;
}

const run = promisify(execFile);

/** False where Java or Maven is missing; tests skip then. */
export async function canRunRealKafka(): Promise<boolean> {
  try {
    await Promise.all([run('java', ['-version']), run('mvn', ['-v'])]);
    return true;
  } catch {
    return false;
  }
}

/** The class path of a Kafka version; its jars are downloaded once. */
async function classPath(version: string): Promise<string> {
  const tools = process.env.PAYSTREAM_TOOLS_DIR ?? join(homedir(), '.cache', 'paystream');
  const folder = join(tools, `kafka-${version}`);
  const file = join(folder, 'classpath.txt');
  if (existsSync(file)) {
    const path = readFileSync(file, 'utf8').trim();
    if (path.split(':').every((jar) => existsSync(jar))) return path;
  }
  mkdirSync(folder, { recursive: true });
  const pom = join(folder, 'pom.xml');
  writeFileSync(
    pom,
    `<project xmlns="http://maven.apache.org/POM/4.0.0"><modelVersion>4.0.0</modelVersion>
  <groupId>paystream</groupId><artifactId>kafka-for-tests</artifactId><version>1</version>
  <dependencies><dependency><groupId>org.apache.kafka</groupId><artifactId>kafka_2.13</artifactId>
    <version>${version}</version></dependency></dependencies></project>`,
  );
  const fresh = `${file}.${process.pid}`;
  await run(
    'mvn',
    [
      '-q',
      '-B',
      '-f',
      pom,
      'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:build-classpath',
      '-DincludeScope=runtime',
      `-Dmdep.outputFile=${fresh}`,
    ],
    { maxBuffer: 10_000_000 },
  );
  renameSync(fresh, file);
  return readFileSync(file, 'utf8').trim();
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise<void>((resolve) => server.close(() => resolve()));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

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
  const path = await classPath(options.version ?? KAFKA_VERSIONS[0]);
  const folder = mkdtempSync(join(tmpdir(), 'paystream-kafka-'));
  const data = join(folder, 'data');
  const logFile = join(folder, 'server.log');
  const [port, controllerPort] = [await freePort(), await freePort()];
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': '1',
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT',
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
      [
        '-c',
        `exec 3<&0; ${script}`,
        'sh',
        '-Xmx512m',
        '-Xms128m',
        '-XX:+UseSerialGC',
        '-XX:TieredStopAtLevel=1',
        '-cp',
        path,
        'kafka.Kafka',
        config,
      ],
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
    logFile,
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
