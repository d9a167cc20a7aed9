import { execFile, spawnSync } from 'node:child_process';
import { promisify } from 'node:util';
import kafkajs, { type Kafka as KafkaClient, type KafkaConfig } from 'kafkajs';
import { Broker, type BrokerOptions } from '../../src/embedded/kafka/broker.js';
import { compress, decompress } from '../../src/embedded/kafka/records/codecs.js';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;

/** Where the behaviour suites run: a real Kafka named by PAYSTREAM_TEST_KAFKA_BROKERS, or the embedded one. */
export interface Target {
  readonly brokers: string;
  readonly isEmbedded: boolean;
  stop(): Promise<void>;
}

export const realBrokers = process.env.PAYSTREAM_TEST_KAFKA_BROKERS;

export async function startTarget(options: BrokerOptions = {}): Promise<Target> {
  if (realBrokers !== undefined && realBrokers !== '') {
    return { brokers: realBrokers, isEmbedded: false, stop: async () => {} };
  }
  const broker = await Broker.start(options);
  return { brokers: broker.brokers, isEmbedded: true, stop: () => broker.stop() };
}

let count = 0;
/** A name that no other test run uses, also on a real cluster. */
export function unique(prefix: string): string {
  return `${prefix}-${process.pid}-${Date.now().toString(36)}-${count++}`;
}

/** kafkajs with all codecs, quiet, quick to retry. */
export function kafka(brokers: string, config: Partial<KafkaConfig> = {}): KafkaClient {
  for (const name of ['Snappy', 'LZ4', 'ZSTD'] as const) {
    const codec = name.toLowerCase() as 'snappy' | 'lz4' | 'zstd';
    CompressionCodecs[CompressionTypes[name]] = () => ({
      compress: async (encoder: { buffer: Buffer }) => compress(codec, encoder.buffer),
      decompress: async (buffer: Buffer) => decompress(codec, buffer, 64 * 1024 * 1024),
    });
  }
  return new Kafka({
    brokers: brokers.split(','),
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, retries: 10 },
    ...config,
  });
}

/** A topic that is ready to be used, also on a cluster that takes a moment to know of it. */
export async function createTopic(
  brokers: string,
  topic: string,
  partitions: number,
  configs: Readonly<Record<string, string>> = {},
): Promise<void> {
  const admin = kafka(brokers).admin();
  await admin.connect();
  await admin.createTopics({
    waitForLeaders: false,
    topics: [
      {
        topic,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: Object.entries(configs).map(([name, value]) => ({ name, value })),
      },
    ],
  });
  await eventually(async () => (await admin.fetchTopicOffsets(topic)).length === partitions);
  await admin.disconnect();
}

/** Is the tool installed? If PAYSTREAM_REQUIRE_TOOLS=1 a missing one is an error, else its tests are skipped. */
export function hasTool(command: string, args: readonly string[]): boolean {
  const isThere = spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  if (!isThere && process.env.PAYSTREAM_REQUIRE_TOOLS === '1') {
    throw new Error(`${command} is missing, and PAYSTREAM_REQUIRE_TOOLS=1 demands it`);
  }
  if (!isThere) console.warn(`${command} is not installed: its tests are skipped`);
  return isThere;
}

const execute = promisify(execFile);

/** Runs a command with text on its standard input; returns its standard output. */
export async function run(command: string, args: readonly string[], input?: string): Promise<string> {
  const running = execute(command, args, { timeout: 60_000, maxBuffer: 256 * 1024 * 1024 });
  running.child.stdin?.end(input ?? '');
  return (await running).stdout;
}

/** Waits until `check` gives something other than undefined or false and does not fail; for a minute at most. */
export async function eventually<T>(check: () => T | Promise<T>): Promise<NonNullable<T>> {
  const end = Date.now() + 60_000;
  for (;;) {
    let failure: unknown;
    try {
      const result = await check();
      if (result !== undefined && result !== false && result !== null) return result as NonNullable<T>;
    } catch (error) {
      // A cluster may need a moment until all of it knows of a change.
      failure = error;
    }
    if (Date.now() > end) throw new Error('It did not happen within a minute', { cause: failure });
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
