import kafkajs from 'kafkajs';
import { createAdminSession, fetchOffsets } from './admin.js';
import { createClient } from './client.js';
import { createClientSockets } from './client-sockets.js';
import { registerCodecs } from './codecs.js';
import type { KafkaConnection } from './connection.js';
import type { TopicOffsets } from './offsets.js';
import { type ProducerRecord, producerOf } from './producer.js';
import { fetchTopicId } from './topic-id.js';
import { withDeadline, withTimeout } from './wait.js';

export interface ConsumedRecord {
  readonly offset: bigint;
  /** Epoch milliseconds. */
  readonly timestamp: bigint;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
}

export interface ConsumedBatch {
  readonly partition: number;
  /** The requested offset. The records start there or later. */
  readonly fetchedOffset: bigint;
  /** The offset of the last record read, including transaction markers and aborted records. */
  readonly lastOffset: bigint;
  /** One past the last record of the partition. */
  readonly highWatermark: bigint;
  readonly records: readonly ConsumedRecord[];
  /** Returns false once the consumer is stopping or the partition has been reassigned. */
  isActive(): boolean;
  /** Keeps the group membership alive. Cheap to call often. Rejects when the group rebalances. */
  heartbeat(): Promise<void>;
}

export interface ConsumerHandlers {
  /**
   * Called when the group assigns partitions. Reading starts when this resolves, at the offsets that it returns.
   * A partition without an offset stays paused. The result is ignored if a newer assignment has arrived.
   */
  assigned(partitions: readonly number[]): Promise<ReadonlyMap<number, bigint>>;
  /** Resolves when the batch is stored. If it rejects, the batch is read again. */
  batch(batch: ConsumedBatch): Promise<void>;
  /** Called when only transaction markers or aborted records were read. `next` is the next offset. */
  passed(partition: number, next: bigint): void;
  /** Called when the consumer fails. It does not restart. */
  crashed(error: Error): void;
}

export interface ConsumerSettings extends KafkaConnection {
  readonly clientId: string;
  readonly groupId: string;
  readonly topic: string;
  /** How many partitions are processed concurrently. */
  readonly concurrency: number;
  readonly sessionTimeoutMs: number;
  /** Receives the log of kafkajs. */
  readonly logger: {
    debug(message: string, fields: Readonly<Record<string, string | undefined>>): void;
  };
}

export interface KafkaConsumer {
  /** Connects and joins the group. Resolves when the consumer runs. */
  start(): Promise<void>;
  seek(partition: number, offset: bigint): void;
  /** Commits offsets to the group, for tools that show its lag. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Asks the broker for the offsets of each partition. */
  offsets(): Promise<TopicOffsets>;
  /** Asks the broker for the topic's id; null if the broker reports no ids. See fetchTopicId. */
  topicId(): Promise<string | null>;
  /** Sends records to other topics. */
  send(records: readonly ProducerRecord[]): Promise<void>;
  /** Milliseconds since the group coordinator last answered, and how many are normal. */
  silence(): { readonly ms: number; readonly allowedMs: number };
  /**
   * Waits for the running batches, leaves the group and disconnects, in under 4 s. Afterwards this consumer has no
   * connection and opens none, even if leaving the group failed.
   */
  stop(): Promise<void>;
}

/** The broker's long poll. It also bounds how long a stop waits for a fetch. */
const MAX_WAIT_MS = 250;
const MAX_BYTES_PER_PARTITION = 393_216;
const OFFSETS_WITHIN_MS = 5_000;
/** How long the group waits for its members to rejoin. JoinGroup may take this long to answer. */
const REBALANCE_WITHIN_MS = 30_000;
const JOIN_ANSWER_WITHIN_MS = 5_000;
/** How long stop() waits for a start in progress. kafkajs cannot leave a group that it is still joining. */
const STARTED_WITHIN_MS = 1_000;
const LEFT_WITHIN_MS = 2_800;

/** kafkajs logs each retry as an error. The sink logs what matters itself, so all of it becomes debug output. */
function logCreator(logger: ConsumerSettings['logger']) {
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

/** Creates a member of a consumer group that reads one topic. Single use: create another after a stop or a crash. */
export function createKafkaConsumer(settings: ConsumerSettings, handlers: ConsumerHandlers): KafkaConsumer {
  registerCodecs();
  const { topic, groupId } = settings;
  const sockets = createClientSockets();
  const rebalanceTimeout = Math.max(settings.sessionTimeoutMs, REBALANCE_WITHIN_MS);
  const kafka = createClient(settings, {
    clientId: settings.clientId,
    socketFactory: sockets.factory,
    requestTimeout: 30_000,
    // The sink restarts its consumer itself: kafkajs gives up on some temporary errors and then keeps a broken state.
    retry: { initialRetryTime: 100, maxRetryTime: 2_000, retries: 5, restartOnFailure: async () => false },
    logCreator: logCreator(settings.logger),
    logLevel: kafkajs.logLevel.INFO,
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
  const admin = createAdminSession(kafka, OFFSETS_WITHIN_MS);
  const producer = producerOf(kafka);
  let generation = 0;
  let stopped = false;
  let starting: Promise<void> = Promise.resolve();
  let isMember = false;
  let heardAt = Date.now();
  /** kafkajs ends a consumer before it reports the reason in a CRASH event. */
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
    // Pause synchronously, before kafkajs fetches anything for this assignment.
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
    await handlers.batch({
      partition: batch.partition,
      fetchedOffset: BigInt((batch as unknown as { readonly fetchedOffset: string }).fetchedOffset),
      lastOffset: BigInt(batch.lastOffset()),
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
    offsets: () => admin.ask((client) => fetchOffsets(client, topic)),
    topicId: () =>
      withDeadline(
        fetchTopicId(kafka, topic),
        OFFSETS_WITHIN_MS,
        `timeout: no broker answered within ${OFFSETS_WITHIN_MS} ms`,
      ),
    send: (records) => producer.send(records),
    silence() {
      const allowedMs = isMember ? settings.sessionTimeoutMs : rebalanceTimeout + JOIN_ANSWER_WITHIN_MS;
      return { ms: Date.now() - heardAt, allowedMs };
    },
    async stop() {
      stopped = true;
      try {
        await withTimeout(starting, STARTED_WITHIN_MS);
        // All at once: one that fails must not leave the others connected.
        await withTimeout(
          Promise.allSettled([consumer.disconnect(), admin.close(), producer.close()]),
          LEFT_WITHIN_MS,
        );
      } finally {
        sockets.close();
      }
    },
  };
}
