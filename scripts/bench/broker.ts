/**
 * Compares the embedded broker with a real Kafka on the same machine. Each runs in a separate process with its data on
 * disk. Reports the throughput of kafkajs and kcat with acks=all as ratios, and the embedded broker's memory.
 *
 * `npm run bench -- broker [records] [rounds] [millions of records for memory]`
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { KAFKA_VERSIONS } from '../java-clients.js';
import { canRunRealKafka, startRealKafka } from '../real-kafka.js';

const VALUE_BYTES = 200;
const BATCH = 500;
const LATENCY_SENDS = 2_000;
/** kcat is fast, so it gets more records. Otherwise its startup time would dominate. */
const KCAT_TIMES = 5;
/** Records per second while latencies are measured. */
const LATENCY_RATE = 400;
/** The JVM options of bin/kafka-server-start.sh. */
const KAFKA_JVM = [
  ...['-Xmx1G', '-Xms1G', '-server', '-XX:+UseG1GC', '-XX:MaxGCPauseMillis=20'],
  ...['-XX:InitiatingHeapOccupancyPercent=35', '-XX:+ExplicitGCInvokesConcurrent'],
];

interface Subject {
  readonly name: string;
  readonly brokers: string;
  /** CPU seconds of the broker so far, user plus system. */
  cpuSeconds(): number;
  stop(): Promise<void>;
}

interface EmbeddedSubject extends Subject {
  memoryMb(): { now: number; peak: number };
}

/** Returns the CPU seconds of all processes in a group, from proc(5) in clock ticks of 10 ms. */
function cpuSecondsOf(group: number | undefined): number {
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    let stat: string;
    try {
      stat = readFileSync(`/proc/${name}/stat`, 'utf8');
    } catch {
      // The process has exited in the meantime.
      continue;
    }
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (Number(fields[2]) === group) ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks / 100;
}

async function startEmbedded(folder: string): Promise<EmbeddedSubject> {
  const dataDir = mkdtempSync(join(folder, 'embedded-'));
  const script = join(import.meta.dirname, 'broker-process.ts');
  const child: ChildProcess = spawn(process.execPath, ['--import', 'tsx', script, dataDir], {
    stdio: ['pipe', 'pipe', 'inherit'],
    detached: true,
  });
  const [brokers] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  const statusMb = (field: string) => {
    const text = readFileSync(`/proc/${child.pid}/status`, 'utf8');
    const line = text.split('\n').find((found) => found.startsWith(`${field}:`));
    return Number(line?.split(/\s+/)[1]) / 1024;
  };
  return {
    name: 'embedded',
    brokers,
    cpuSeconds: () => cpuSecondsOf(child.pid),
    memoryMb: () => ({ now: statusMb('VmRSS'), peak: statusMb('VmHWM') }),
    async stop() {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

const clientOf = ({ brokers }: Subject) => new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING });

let topics = 0;
async function newTopic(subject: Subject, partitions: number): Promise<string> {
  const topic = `bench-${topics++}`;
  const admin = clientOf(subject).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions, replicationFactor: 1 }] });
  await admin.disconnect();
  return topic;
}

async function perSecond(count: number, work: () => Promise<void>): Promise<number> {
  const started = performance.now();
  await work();
  return (count * 1_000) / (performance.now() - started);
}

/** Produces batches with kafkajs, five requests in flight, then reads the records with a single consumer. */
async function kafkajsThroughput(subject: Subject, count: number): Promise<{ out: number; back: number }> {
  const topic = await newTopic(subject, 4);
  const client = clientOf(subject);
  const producer = client.producer({ maxInFlightRequests: 5 });
  await producer.connect();
  const value = Buffer.alloc(VALUE_BYTES, 'payment ');
  const messages = Array.from({ length: BATCH }, (_, i) => ({ key: `customer-${i}`, value }));
  let left = Math.ceil(count / BATCH);
  const sender = async () => {
    while (left-- > 0) await producer.send({ topic, acks: -1, messages });
  };
  const total = left * BATCH;
  const out = await perSecond(total, async () => {
    await Promise.all([sender(), sender(), sender(), sender(), sender()]);
  });
  await producer.disconnect();
  const consumer = client.consumer({ groupId: topic, maxWaitTimeInMs: 100 });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  let received = 0;
  let first = 0;
  await new Promise<void>((resolve, reject) => {
    consumer.on('consumer.crash', ({ payload }) => reject(payload.error));
    consumer
      .run({
        eachBatch: async ({ batch }) => {
          if (received === 0) first = performance.now();
          received += batch.messages.length;
          if (received >= total) resolve();
        },
      })
      .catch(reject);
  });
  const back = (total * 1_000) / (performance.now() - first);
  await consumer.disconnect();
  return { out, back };
}

/** Measures the time from send to acknowledgment of single records at a steady rate, in milliseconds. */
async function latencies(subject: Subject): Promise<readonly number[]> {
  const topic = await newTopic(subject, 4);
  const producer = clientOf(subject).producer({ maxInFlightRequests: 5 });
  await producer.connect();
  const value = Buffer.alloc(VALUE_BYTES, 'payment ');
  const taken: number[] = [];
  const under: Promise<void>[] = [];
  const warmUp = LATENCY_RATE;
  const started = performance.now();
  for (let i = 0; i < LATENCY_SENDS + warmUp; i++) {
    const delay = started + (i * 1_000) / LATENCY_RATE - performance.now();
    if (delay > 0) await sleep(delay);
    const sent = performance.now();
    const sending = producer.send({ topic, acks: -1, messages: [{ key: String(i), value }] });
    under.push(
      sending.then(() => {
        if (i >= warmUp) taken.push(performance.now() - sent);
      }),
    );
  }
  await Promise.all(under);
  await producer.disconnect();
  return taken.sort((a, b) => a - b);
}

/** Runs kcat with a file of records, one per line. Discards its output. */
async function kcat(args: readonly string[], inputFile?: string): Promise<void> {
  const input = inputFile === undefined ? null : openSync(inputFile, 'r');
  const child = spawn('kcat', args, { stdio: [input ?? 'ignore', 'ignore', 'inherit'] });
  const [code] = (await once(child, 'exit')) as [number | null];
  if (input !== null) closeSync(input);
  if (code !== 0) throw new Error(`kcat ${args.join(' ')} exited with ${code}`);
}

async function kcatThroughput(subject: Subject, file: string, count: number) {
  const topic = await newTopic(subject, 1);
  const common = ['-b', subject.brokers, '-t', topic, '-p', '0'];
  const out = await perSecond(count, () => kcat([...common, '-P', '-X', 'acks=all'], file));
  const back = await perSecond(count, () =>
    kcat([...common, '-C', '-o', 'beginning', '-c', String(count), '-q', '-X', 'check.crcs=true']),
  );
  return { out, back };
}

function hasKcat(): Promise<boolean> {
  return new Promise((resolve) => {
    const child = spawn('kcat', ['-V'], { stdio: 'ignore' });
    child.once('error', () => resolve(false));
    child.once('exit', () => resolve(true));
  });
}

const median = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b)[numbers.length >> 1]!;
const at = (sorted: readonly number[], p: number) => sorted[Math.floor((sorted.length - 1) * p)]!;

/** The results of each broker, by the name of the measurement. */
class Results {
  readonly #values = new Map<string, Map<string, number[]>>();

  add(measure: string, subject: Subject, value: number): void {
    const bySubject = this.#values.get(measure) ?? new Map<string, number[]>();
    this.#values.set(measure, bySubject);
    bySubject.set(subject.name, [...(bySubject.get(subject.name) ?? []), value]);
  }

  print(): void {
    const columns = ['embedded', 'Kafka', 'ratio'].map((name) => name.padStart(12)).join('');
    console.log(`${'median of the rounds'.padEnd(36)}${columns}`);
    for (const [measure, bySubject] of this.#values) {
      const mine = median(bySubject.get('embedded')!);
      const theirs = bySubject.get('Kafka');
      const other = theirs === undefined ? Number.NaN : median(theirs);
      const isLess = measure.endsWith('ms') || measure.endsWith('seconds');
      const show = (n: number) => (isLess ? n.toFixed(2) : Math.round(n).toString()).padStart(12);
      // A ratio above 1 always means that the embedded broker is better.
      const ratio = (isLess ? other / mine : mine / other).toFixed(2).padStart(12);
      console.log(`${measure.padEnd(36)}${show(mine)}${show(other)}${ratio}`);
    }
  }
}

async function compare(subjects: readonly Subject[], folder: string, count: number, rounds: number) {
  const results = new Results();
  const file = join(folder, 'lines');
  writeFileSync(file, `${'payment '.repeat(VALUE_BYTES / 8).slice(1)}\n`.repeat(count * KCAT_TIMES));
  const withKcat = await hasKcat();
  if (!withKcat) console.log('kcat is not installed, so it is skipped');
  for (let round = 0; round <= rounds; round++) {
    for (const subject of subjects) {
      // The first round warms up the brokers and this client.
      const add = (measure: string, value: number) => {
        if (round > 0) results.add(measure, subject, value);
      };
      const before = subject.cpuSeconds();
      const js = await kafkajsThroughput(subject, count);
      add('kafkajs produce, records/s', js.out);
      add('kafkajs consume, records/s', js.back);
      if (withKcat) {
        const native = await kcatThroughput(subject, file, count * KCAT_TIMES);
        add('kcat produce, records/s', native.out);
        add('kcat consume, records/s', native.back);
      }
      add("the broker's CPU for these, seconds", subject.cpuSeconds() - before);
      const taken = await latencies(subject);
      add('kafkajs produce latency p50, ms', at(taken, 0.5));
      add('kafkajs produce latency p99, ms', at(taken, 0.99));
    }
  }
  results.print();
}

/** Measures memory while millions of records are produced and consumed, a million at a time. */
async function memory(folder: string, millions: number): Promise<void> {
  const embedded = await startEmbedded(folder);
  const file = join(folder, 'million');
  writeFileSync(file, `${'payment '.repeat(12)}\n`.repeat(1_000_000));
  const topic = await newTopic(embedded, 1);
  const common = ['-b', embedded.brokers, '-t', topic, '-p', '0'];
  const seen: number[] = [];
  for (let million = 0; million < millions; million++) {
    await kcat([...common, '-P', '-X', 'acks=all', '-X', 'enable.idempotence=true'], file);
    await kcat([...common, '-C', '-o', String(million * 1_000_000), '-c', '1000000', '-q']);
    seen.push(embedded.memoryMb().now);
  }
  const list = seen.map((mb) => mb.toFixed(0)).join(', ');
  console.log(
    `memory after each of ${millions} million records: ${list} MB, peak ${embedded.memoryMb().peak.toFixed(0)} MB`,
  );
  await embedded.stop();
}

export async function run(args: readonly string[]): Promise<void> {
  const count = Number(args[0] ?? 100_000);
  const rounds = Number(args[1] ?? 5);
  const millions = Number(args[2] ?? 5);
  const folder = mkdtempSync(join(tmpdir(), 'paystream-bench-'));
  try {
    if (rounds > 0) {
      const embedded = await startEmbedded(folder);
      const subjects: Subject[] = [embedded];
      const version = KAFKA_VERSIONS.at(-1)!;
      if (await canRunRealKafka()) {
        const real = await startRealKafka({ version, jvmArguments: KAFKA_JVM });
        subjects.push({
          name: 'Kafka',
          brokers: real.brokers,
          cpuSeconds: () => cpuSecondsOf(real.processGroup()),
          stop: () => real.stop(),
        });
      } else {
        console.log('A JDK or Maven is missing, so there is no real Kafka to compare with');
      }
      console.log(`Kafka ${version}, ${count} records of ${VALUE_BYTES} bytes, acks=all, ${rounds} rounds`);
      try {
        await compare(subjects, folder, count, rounds);
        console.log(`memory of the embedded broker: peak ${embedded.memoryMb().peak.toFixed(0)} MB`);
      } finally {
        for (const subject of subjects) await subject.stop();
      }
    }
    if (millions > 0 && (await hasKcat())) await memory(folder, millions);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
