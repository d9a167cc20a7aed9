import kafkajs from 'kafkajs';
import { delay, settled } from './backoff.js';
import { createClientSockets } from './client-sockets.js';
import { registerCodecs } from './codecs.js';
import type { SinkLogger } from './logger.js';

/**
 * The sink's whole view of Kafka, so that kafkajs can be exchanged for another client in this one file.
 */
export interface KafkaOptions {
  readonly brokers: readonly string[];
  readonly clientId: string;
  /** TLS: true for the system's certificate authorities, or what Node's `tls.connect` takes. */
  readonly ssl?: boolean | Readonly<Record<string, unknown>>;
  readonly sasl?: kafkajs.SASLOptions;
}

export interface ConsumedRecord {
  readonly offset: bigint;
  /** Epoch milliseconds. */
  readonly timestamp: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface ConsumedBatch {
  readonly partition: number;
  /** The offset that was asked for; the records start there or later. */
  readonly fetchedOffset: bigint;
  /** The offset of the last record that was read, filtered ones (markers, aborted) included. */
  readonly lastOffset: bigint;
  /** One past the last record of the partition. */
  readonly highWatermark: bigint;
  readonly records: readonly ConsumedRecord[];
  /** False once the consumer is to stop, or the batch is no longer wanted. */
  isActive(): boolean;
  /** Keeps the membership alive; rejects when the group rebalances. Cheap to call often. */
  heartbeat(): Promise<void>;
}

export interface ConsumerHandlers {
  /**
   * The group gave these partitions to this consumer. Nothing is read before this resolves, with the offsets to
   * read from; a partition left out stays paused. A later assignment makes an earlier one's answer void.
   */
  assigned(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>;
  /** Resolves when the batch is stored; if it rejects the batch is read again. */
  batch(batch: ConsumedBatch): Promise<void>;
  /** Reading went over records that are not for readers (markers, aborted ones), up to before `next`. */
  passed(partition: number, next: bigint): void;
  /** The consumer has ended by itself. It does not restart. */
  crashed(error: Error): void;
}

export interface ConsumerSettings extends KafkaOptions {
  readonly groupId: string;
  readonly topic: string;
  /** Batches of different partitions handled side by side. */
  readonly concurrency: number;
  readonly sessionTimeoutMs: number;
  readonly logger: SinkLogger;
}

export interface PartitionOffsets {
  /** The first offset that the broker still has. */
  readonly low: bigint;
  /** One past the last. */
  readonly high: bigint;
}

export interface KafkaConsumer {
  /** Connects and joins the group; resolves when it runs. */
  start(): Promise<void>;
  seek(partition: number, offset: bigint): void;
  /** Tells the group how far it is, for lag tools. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** What the broker has of each partition. */
  offsets(): Promise<ReadonlyMap<number, PartitionOffsets>>;
  /** Writes records to another topic. */
  send(
    topic: string,
    messages: readonly { readonly key: Buffer | null; readonly value: string }[],
  ): Promise<void>;
  /** How long the group may be silent at most while all is well, and since when it is, in milliseconds. */
  silence(): { readonly ms: number; readonly allowedMs: number };
  /**
   * Waits for the running batches, leaves the group and disconnects, all in under 4 s. However that goes, this
   * consumer has no connection afterwards and makes none.
   */
  stop(): Promise<void>;
}

/** A broker's long poll: also how long a stop may have to wait, and how often an idle consumer looks up. */
const MAX_WAIT_MS = 250;
const MAX_BYTES_PER_PARTITION = 393_216;
/** kafkajs may wait for 30 s, several times over, for an answer on a connection whose broker is gone. */
const OFFSETS_WITHIN_MS = 5_000;
/** A group waits so long for its members to join anew; its answer to one that joined early may take as long. */
const REBALANCE_WITHIN_MS = 30_000;
const JOIN_ANSWER_WITHIN_MS = 5_000;
/** At a stop: for a start that is under way, since kafkajs leaves no group that it is only joining. */
const STARTED_WITHIN_MS = 1_000;
const LEFT_WITHIN_MS = 2_800;

/** kafkajs logs each retry as an error; the sink says itself what matters. */
function logCreator(logger: SinkLogger) {
  return () =>
    (entry: kafkajs.LogEntry): void => {
      const { message, error, groupId, topic } = entry.log as unknown as Readonly<Record<string, unknown>>;
      const reason = typeof error === 'string' ? error : error instanceof Error ? error.message : undefined;
      logger.debug(`kafkajs ${entry.namespace}: ${String(message)}`, {
        error: reason,
        group: typeof groupId === 'string' ? groupId : undefined,
        topic: typeof topic === 'string' ? topic : undefined,
      });
    };
}

/** A consumer group member for one topic, over kafkajs. Single use: after a stop or crash, make another. */
export function createKafkaConsumer(settings: ConsumerSettings, handlers: ConsumerHandlers): KafkaConsumer {
  registerCodecs();
  const { topic, groupId } = settings;
  const sockets = createClientSockets();
  const rebalanceTimeout = Math.max(settings.sessionTimeoutMs, REBALANCE_WITHIN_MS);
  const kafka = new kafkajs.Kafka({
    clientId: settings.clientId,
    brokers: [...settings.brokers],
    socketFactory: sockets.factory,
    connectionTimeout: 3_000,
    requestTimeout: 30_000,
    // Restarts are the sink's own: kafkajs gives up for good on errors that pass, and it keeps what it broke.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => false },
    logCreator: logCreator(settings.logger),
    logLevel: kafkajs.logLevel.INFO,
    ...(settings.ssl === undefined ? {} : { ssl: settings.ssl as boolean }),
    ...(settings.sasl === undefined ? {} : { sasl: settings.sasl }),
  });
  const consumer = kafka.consumer({
    groupId,
    allowAutoTopicCreation: false,
    sessionTimeout: settings.sessionTimeoutMs,
    rebalanceTimeout,
    heartbeatInterval: Math.min(3_000, Math.floor(settings.sessionTimeoutMs / 4)),
    maxWaitTimeInMs: MAX_WAIT_MS,
    minBytes: 1,
    maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
    readUncommitted: false,
    metadataMaxAge: 60_000,
  });
  let admin = kafka.admin();
  let producer: kafkajs.Producer | undefined;
  let generation = 0;
  let stopped = false;
  let adminConnected: Promise<void> | undefined;
  let starting: Promise<void> = Promise.resolve();
  let isMember = false;
  let heardAt = Date.now();
  /** kafkajs ends a consumer before it says, by CRASH, that and why it did. */
  let clientEnded = false;

  consumer.on(consumer.events.STOP, () => {
    clientEnded = true;
  });
  consumer.on(consumer.events.HEARTBEAT, () => {
    heardAt = Date.now();
  });
  consumer.on(consumer.events.REBALANCING, () => {
    isMember = false;
    heardAt = Date.now();
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    isMember = true;
    heardAt = Date.now();
    if (stopped) return;
    const mine = ++generation;
    const partitions = payload.memberAssignment[topic] ?? [];
    if (partitions.length === 0) {
      void handlers.assigned([]);
      return;
    }
    // Synchronous: nothing has been fetched yet for this assignment, and nothing will be before the seeks.
    consumer.pause([{ topic, partitions }]);
    handlers.assigned(partitions).then(
      (positions) => {
        if (mine !== generation || stopped || clientEnded) return;
        for (const [partition, offset] of positions) {
          consumer.seek({ topic, partition, offset: offset.toString() });
        }
        consumer.resume([{ topic, partitions: [...positions.keys()] }]);
      },
      (error: Error) => {
        if (mine === generation && !stopped) handlers.crashed(error);
      },
    );
  });
  consumer.on(consumer.events.END_BATCH_PROCESS, ({ payload }) => {
    if (payload.batchSize === 0) handlers.passed(payload.partition, BigInt(payload.lastOffset) + 1n);
  });
  consumer.on(consumer.events.CRASH, ({ payload }) => {
    if (!stopped) handlers.crashed(payload.error);
  });

  async function start(): Promise<void> {
    heardAt = Date.now();
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    if (stopped) return;
    await consumer.run({
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: settings.concurrency,
      eachBatch,
    });
  }

  async function eachBatch(payload: kafkajs.EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
    if (isStale()) return;
    const mine = generation;
    const last = BigInt(batch.lastOffset());
    await handlers.batch({
      partition: batch.partition,
      fetchedOffset: BigInt((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset),
      lastOffset: last,
      highWatermark: BigInt(batch.highWatermark),
      records: batch.messages.map(({ offset, timestamp, key, value }) => ({
        offset: BigInt(offset),
        timestamp: BigInt(timestamp),
        key,
        value,
      })),
      isActive: () => isRunning() && !isStale() && mine === generation && !stopped,
      heartbeat,
    });
    resolveOffset(batch.lastOffset());
  }

  return {
    start() {
      starting = start();
      return starting;
    },
    seek(partition, offset) {
      consumer.seek({ topic, partition, offset: offset.toString() });
    },
    async commit(offsets) {
      await consumer.commitOffsets(
        [...offsets].map(([partition, offset]) => ({ topic, partition, offset: offset.toString() })),
      );
    },
    async offsets() {
      const asked = admin;
      adminConnected ??= asked.connect().catch((error: unknown) => {
        adminConnected = undefined;
        throw error;
      });
      const connected = adminConnected;
      const patience = new AbortController();
      const all = await Promise.race([
        connected.then(() => asked.fetchTopicOffsets(topic)),
        delay(OFFSETS_WITHIN_MS, patience.signal).then(() => {
          if (patience.signal.aborted) return [];
          if (admin === asked) {
            admin = kafka.admin();
            adminConnected = undefined;
            void connected.then(() => asked.disconnect()).catch(() => {});
          }
          throw new Error(`timeout: no offsets from the broker within ${OFFSETS_WITHIN_MS} ms`);
        }),
      ]).finally(() => patience.abort());
      return new Map(
        all.map(({ partition, low, high }) => [partition, { low: BigInt(low), high: BigInt(high) }] as const),
      );
    },
    async send(target, messages) {
      if (producer === undefined) {
        const next = kafka.producer({ allowAutoTopicCreation: false });
        await next.connect();
        producer = next;
      }
      await producer.send({
        topic: target,
        acks: -1,
        messages: messages.map(({ key, value }) => ({ key, value })),
      });
    },
    silence() {
      const allowedMs = isMember ? settings.sessionTimeoutMs : rebalanceTimeout + JOIN_ANSWER_WITHIN_MS;
      return { ms: Date.now() - heardAt, allowedMs };
    },
    async stop() {
      stopped = true;
      try {
        await settled(starting, STARTED_WITHIN_MS);
        // Not `disconnect` alone: it swallows the stop's error, and would leave the others connected.
        const left = Promise.allSettled([
          consumer.disconnect(),
          adminConnected?.then(() => admin.disconnect()),
          producer?.disconnect(),
        ]);
        await settled(left, LEFT_WITHIN_MS);
      } finally {
        sockets.close();
      }
    },
  };
}
