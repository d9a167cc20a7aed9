import { randomUUID } from 'node:crypto';
import { PaystreamError } from '../errors/paystream-error.js';
import { TOPICS } from '../pipeline/topics.js';
import {
  claimPartition,
  classifyStoreFailure,
  type DeadLetter,
  describeStoreFailure,
  fatalStoreError,
  initOffset,
  migrateStore,
  moveOffset,
  type PartitionClaim,
  readOffset,
  storeSchemaStatus,
} from '../store/index.js';
import { backoffMs, delay, settled } from './backoff.js';
import { type WrittenBatch, writeBatch } from './batch-writer.js';
import {
  type ConsumedBatch,
  type ConsumedRecord,
  createKafkaConsumer,
  isFatalKafkaError,
  isMissingTopic,
  type KafkaConsumer,
  type PartitionOffsets,
} from './kafka-consumer.js';
import { silentLogger } from './logger.js';
import { type OwnedPartition, Partitions } from './partitions.js';
import { type SinkHttpServer, startSinkHttp } from './sink-http.js';
import { createSinkMetrics } from './sink-metrics.js';
import type { SinkOptions } from './sink-options.js';

export type { SinkLogger } from './logger.js';
export type { OnGap, SinkHttpOptions, SinkOptions } from './sink-options.js';

export interface SinkStatus {
  readonly state: 'starting' | 'running' | 'retrying' | 'stopped' | 'failed';
  /** Why `/readyz` would refuse; empty if the sink makes progress. */
  readonly problems: readonly string[];
  /** Next offset to be stored and lag of each partition that this sink owns. */
  readonly partitions: readonly {
    readonly partition: number;
    readonly nextOffset: bigint;
    readonly lag: bigint;
  }[];
  readonly records: number;
  readonly deadLetters: number;
  readonly tombstones: number;
  readonly restarts: number;
}

export interface RunningSink {
  /** Base URL of the HTTP server, if one was asked for. */
  readonly httpUrl: string | undefined;
  /** Resolves when the sink has been stopped; rejects, with what to do, when it has failed for good. */
  readonly done: Promise<void>;
  status(): SinkStatus;
  /** Finishes or rolls back the running batches, leaves the group; under 5 seconds. */
  stop(): Promise<void>;
}

/** Records merged in one transaction at most: bounds a batch's memory and the time until the next heartbeat. */
const MAX_BATCH = 1_000;
const COMMIT_EVERY_MS = 500;
const LOOK_EVERY_MS = 2_000;
const STOP_WITHIN_MS = 4_000;
const HEARTBEAT_EVERY_MS = 1_000;

/** Thrown to leave a batch that is not to be written any more; nothing has gone wrong. */
class BatchAbandoned extends Error {}

/**
 * Reads PAYMENT-TRX-AGGR and keeps the customer store up to date, each record exactly once.
 *
 * The next offset of each partition is a row of the store, moved in the transaction that stores the records.
 * Failures that may pass are retried without end and are visible in `status`, `/readyz` and the metrics; failures
 * that a person must mend reject, here if they show at once, else `done`.
 *
 * @example
 * const sink = await startSink({ brokers: ['localhost:9092'], store, groupId: 'paystream-sink' });
 * await sink.stop();
 */
export async function startSink(options: SinkOptions): Promise<RunningSink> {
  const { store, groupId } = options;
  const topic = options.topic ?? TOPICS.paymentTrxAggr;
  const logger = options.logger ?? silentLogger;
  const onGap = options.onGap ?? 'fail';
  const notReadyAfterMs = options.notReadyAfterMs ?? 30_000;
  const stalledAfterMs = options.stalledAfterMs ?? 60_000;
  const maxRestarts = options.maxRestarts ?? 20;
  const partitions = new Partitions();
  const metrics = createSinkMetrics(
    () => partitions.lag(),
    () => partitions.positions(),
  );
  const stopping = new AbortController();
  const totals = { records: 0, deadLetters: 0, tombstones: 0, restarts: 0 };

  let consumer: KafkaConsumer | undefined;
  let state: SinkStatus['state'] = 'starting';
  let joined = false;
  /** What is being retried now, by whom. */
  const troubles = new Map<string, string>();
  let restartsInARow = 0;
  let restartAsked: ((reason: Error) => void) | undefined;
  let failure: PaystreamError | undefined;

  let settle!: { resolve: () => void; reject: (error: Error) => void };
  const done = new Promise<void>((resolve, reject) => {
    settle = { resolve, reject };
  });
  // Whoever does not wait for `done` learns of a failure by `status`.
  done.catch(() => {});

  function fail(error: PaystreamError): void {
    if (failure !== undefined || stopping.signal.aborted) return;
    failure = error;
    logger.error(error.message, { code: error.code, where: error.where, hint: error.hint });
    stopping.abort();
  }

  /** Runs something against the store until it works, the sink stops, or it can never work. */
  async function retrying<T>(what: string, run: () => Promise<T>, goOn: () => boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        const result = await run();
        if (troubles.delete(what)) logger.info(`${what}: works again`, { tries: attempt + 1 });
        return result;
      } catch (error) {
        const kind = classifyStoreFailure(error);
        if (kind !== 'retry') {
          troubles.delete(what);
          throw kind === 'fatal' ? fatalStoreError(error, store.address) : error;
        }
        const waitMs = backoffMs(attempt);
        metrics.retries.inc();
        troubles.set(what, describeStoreFailure(error));
        logger.warn(`${what}: failed, will try again`, {
          reason: describeStoreFailure(error),
          attempt: attempt + 1,
          waitMs: Math.round(waitMs),
        });
        await delay(waitMs, stopping.signal);
        if (stopping.signal.aborted || !goOn()) {
          troubles.delete(what);
          throw new BatchAbandoned();
        }
      }
    }
  }

  function gone(partition: number, wanted: bigint, has: PartitionOffsets): PaystreamError {
    const why =
      has.low > wanted
        ? `the first one that the broker still has is ${has.low}: ${has.low - wanted} offsets were deleted before they were stored`
        : `the broker's last one is ${has.high - 1n}: the topic was made anew or has lost records`;
    return new PaystreamError('SINK_OFFSET_GONE', `The store stands at offset ${wanted}, but ${why}.`, {
      where: `group ${groupId}, ${topic} partition ${partition}`,
      hint: 'Rebuild the aggregate or restore the topic; or accept the gap and start once with --on-gap skip.',
    });
  }

  /** Where to read on when the broker does not have the stored offset. */
  async function acrossGap(claim: PartitionClaim, stored: bigint, has: PartitionOffsets): Promise<bigint> {
    const error = gone(claim.partition, stored, has);
    if (onGap === 'fail') throw error;
    logger.warn(`${error.message} Skipped, as --on-gap says.`, {
      partition: claim.partition,
      from: String(has.low),
    });
    await store.transaction((tx) => moveOffset(tx, claim, stored, has.low));
    if (has.low > stored) metrics.gaps.inc(Number(has.low - stored));
    return has.low;
  }

  async function brokerOffsets(from: KafkaConsumer, isCurrent: () => boolean) {
    return await retrying('asking the broker for its offsets', () => from.offsets(), isCurrent);
  }

  /** Claims the partitions just assigned, and says where to read on. */
  async function takeOver(
    from: KafkaConsumer,
    assigned: readonly number[],
  ): Promise<ReadonlyMap<number, bigint>> {
    const isCurrent = () => consumer === from;
    const positions = new Map<number, bigint>();
    partitions.clear();
    if (assigned.length > 0) {
      const offsets = await brokerOffsets(from, isCurrent);
      for (const partition of assigned) {
        const claim: PartitionClaim = { group: groupId, topic, partition, claim: randomUUID() };
        const has = offsets.get(partition) ?? { low: 0n, high: 0n };
        const stored = await retrying(
          `claiming partition ${partition}`,
          async () => {
            for (;;) {
              const next = await claimPartition(store, claim);
              if (next !== null)
                return next < has.low || next > has.high ? await acrossGap(claim, next, has) : next;
              if (await initOffset(store, claim, has.low)) return has.low;
            }
          },
          isCurrent,
        );
        positions.set(partition, stored);
        partitions.own(partition, {
          claim,
          stored,
          next: stored,
          high: has.high,
          committed: -1n,
          progressAt: Date.now(),
        });
      }
    }
    joined = true;
    if (state === 'starting') state = 'running';
    logger.info('Partitions assigned', {
      partitions: assigned.join(','),
      offsets: [...positions.values()].join(','),
    });
    return positions;
  }

  async function announce(letters: readonly DeadLetter[], partition: number): Promise<void> {
    const target = options.deadLetterTopic;
    if (target === undefined || consumer === undefined) return;
    await consumer.send(
      target,
      letters.map(({ offset, reason, sqlState }) => ({
        key: Buffer.from(`${topic}/${partition}/${offset}`),
        value: JSON.stringify({ group: groupId, topic, partition, offset: String(offset), reason, sqlState }),
      })),
    );
  }

  /** Writes one chunk; a commit whose answer was lost is recognised by the row that it left. */
  async function writeChunk(
    owned: OwnedPartition,
    to: bigint,
    records: readonly ConsumedRecord[],
  ): Promise<WrittenBatch> {
    const from = owned.stored;
    try {
      return await writeBatch(store, { claim: owned.claim, from, to, records }, (letters) =>
        announce(letters, owned.claim.partition),
      );
    } catch (error) {
      if (!(error instanceof PaystreamError) || error.code !== 'SINK_FENCED') throw error;
      const row = await readOffset(store, owned.claim);
      if (row?.claim === owned.claim.claim && row.nextOffset === to) {
        return { inserted: 0, updated: 0, pruned: 0, tombstones: 0, deadLetters: [] };
      }
      throw error;
    }
  }

  function count(written: WrittenBatch, records: readonly ConsumedRecord[], startedAt: number): void {
    const now = Date.now();
    totals.records += records.length;
    totals.deadLetters += written.deadLetters.length;
    totals.tombstones += written.tombstones;
    metrics.batches.inc();
    metrics.records.inc(records.length);
    metrics.tombstones.inc(written.tombstones);
    for (const change of ['inserted', 'updated', 'pruned'] as const)
      metrics.rows.inc({ change }, written[change]);
    for (const { sqlState } of written.deadLetters) metrics.deadLetters.inc({ sql_state: sqlState });
    metrics.batchSeconds.observe((performance.now() - startedAt) / 1_000);
    metrics.lastWrite.set(now / 1_000);
    const newest = records.at(-1);
    if (newest !== undefined) {
      const freshness = Math.max(0, now - Number(newest.timestamp)) / 1_000;
      metrics.freshness.observe(freshness);
      metrics.newestFreshness.set(freshness);
    }
  }

  async function onBatch(from: KafkaConsumer, batch: ConsumedBatch): Promise<void> {
    const owned = partitions.get(batch.partition);
    if (owned === undefined || consumer !== from) throw new BatchAbandoned();
    const startedAt = performance.now();
    owned.high = batch.highWatermark;
    // The client skips ahead by itself over markers, but also when the broker has deleted what it asked for.
    if (batch.fetchedOffset > owned.next || batch.highWatermark < owned.next) {
      const offsets = await brokerOffsets(from, () => batch.isActive());
      const has = offsets.get(batch.partition) ?? { low: 0n, high: 0n };
      if (has.low > owned.next || has.high < owned.next) {
        owned.stored = await acrossGap(owned.claim, owned.stored, has);
        owned.next = owned.stored;
        from.seek(batch.partition, owned.stored);
        throw new BatchAbandoned();
      }
    }
    const records = batch.records.filter(({ offset }) => offset >= owned.stored);
    let rebalancing = false;
    const heartbeat = setInterval(() => {
      batch.heartbeat().catch(() => {
        rebalancing = true;
      });
    }, HEARTBEAT_EVERY_MS);
    const isActive = () => batch.isActive() && !rebalancing && !stopping.signal.aborted;
    try {
      for (let at = 0; at < records.length; at += MAX_BATCH) {
        if (!isActive()) throw new BatchAbandoned();
        const chunk = records.slice(at, at + MAX_BATCH);
        const last = at + MAX_BATCH >= records.length;
        const to = (last ? batch.lastOffset : chunk.at(-1)!.offset) + 1n;
        const written = await retrying(
          `storing partition ${batch.partition}`,
          () => writeChunk(owned, to, chunk),
          isActive,
        );
        owned.stored = to;
        owned.next = to;
        owned.progressAt = Date.now();
        restartsInARow = 0;
        state = 'running';
        count(written, chunk, startedAt);
        for (const { offset, reason } of written.deadLetters) {
          logger.warn('A record could not be stored: dead letter', {
            topic,
            partition: batch.partition,
            offset: String(offset),
            reason,
          });
        }
      }
      if (batch.lastOffset + 1n > owned.next) owned.next = batch.lastOffset + 1n;
    } finally {
      clearInterval(heartbeat);
    }
  }

  /** Sorts out what goes wrong in the consumer's callbacks: fatal, a reason to join anew, or nothing. */
  function onFailure(error: unknown): void {
    if (error instanceof BatchAbandoned) return;
    if (error instanceof PaystreamError && error.code === 'SINK_FENCED') {
      metrics.fenced.inc();
      logger.error(error.message, { code: error.code, where: error.where, hint: error.hint });
      restartAsked?.(error);
      return;
    }
    if (error instanceof PaystreamError) {
      fail(error);
      restartAsked?.(error);
      return;
    }
    restartAsked?.(error instanceof Error ? error : new Error(String(error)));
  }

  /** One consumer from its start to its end; resolves with why it ended. */
  async function runConsumer(): Promise<Error | undefined> {
    const ended = new Promise<Error | undefined>((resolve) => {
      restartAsked = resolve;
      stopping.signal.addEventListener('abort', () => resolve(undefined), { once: true });
    });
    const mine: KafkaConsumer = createKafkaConsumer(
      {
        brokers: options.brokers,
        clientId: options.clientId ?? 'paystream-sink',
        ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
        ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
        groupId,
        topic,
        concurrency: options.concurrency ?? (store.kind === 'pglite' ? 1 : 4),
        sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
        logger,
      },
      {
        async assigned(assigned) {
          try {
            return await takeOver(mine, assigned);
          } catch (error) {
            onFailure(error);
            return new Map();
          }
        },
        async batch(batch) {
          try {
            await onBatch(mine, batch);
          } catch (error) {
            onFailure(error);
            // The original stays here: a driver's error may carry parts of the record.
            throw new BatchAbandoned('not stored');
          }
        },
        passed(partition, next) {
          const owned = partitions.get(partition);
          if (owned === undefined || next <= owned.next) return;
          owned.next = next;
          owned.progressAt = Date.now();
        },
        crashed: (error) => onFailure(error),
      },
    );
    consumer = mine;
    const timers = [
      setInterval(() => void commit(mine), COMMIT_EVERY_MS),
      setInterval(() => void look(mine), LOOK_EVERY_MS),
    ];
    try {
      const started = mine.start().catch((error: Error) => onFailure(error));
      const reason = await ended;
      await settled(started, 500);
      return reason;
    } finally {
      for (const timer of timers) clearInterval(timer);
      await settled(
        commit(mine).then(() => mine.stop()),
        STOP_WITHIN_MS,
      );
      if (consumer === mine) consumer = undefined;
      joined = false;
      partitions.clear();
    }
  }

  async function commit(from: KafkaConsumer): Promise<void> {
    const offsets = partitions.uncommitted();
    if (offsets.size === 0) return;
    try {
      await from.commit(offsets);
      partitions.committed(offsets);
    } catch (error) {
      // The row in the store is what counts; the group's offset is for lag tools and comes with the next round.
      logger.debug('The group does not take the offsets', { reason: (error as Error).message });
    }
  }

  /** Looks how far the topic has gone, and whether the consumer sits idle beside it. */
  async function look(from: KafkaConsumer): Promise<void> {
    try {
      partitions.heard(await from.offsets());
    } catch (error) {
      logger.debug('The broker does not tell its offsets', { reason: (error as Error).message });
    }
    if (troubles.size > 0 || consumer !== from) return;
    const stalled = partitions.stalled(stalledAfterMs);
    if (stalled.length > 0) {
      restartAsked?.(
        new Error(`partitions ${stalled.join(', ')} have lag and no progress for ${stalledAfterMs} ms`),
      );
    }
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      const reason = await runConsumer();
      if (reason === undefined || stopping.signal.aborted) break;
      if (isFatalKafkaError(reason)) {
        fail(
          new PaystreamError('SINK_KAFKA_REFUSED', `Kafka refused the sink: ${reason.message}`, {
            where: `${options.brokers.join(',')}, group ${groupId}, topic ${topic}`,
            hint: 'Check user, password and mechanism, and that the user may read the topic and the group.',
            cause: reason,
          }),
        );
        break;
      }
      const missing = isMissingTopic(reason);
      const waitMs = backoffMs(restartsInARow + 4);
      if (!missing && ++restartsInARow > maxRestarts) {
        fail(
          new PaystreamError(
            'SINK_CONSUMER_CRASHED',
            `The consumer crashed ${restartsInARow} times in a row: ${reason.message}`,
            {
              where: `${options.brokers.join(',')}, group ${groupId}, topic ${topic}`,
              hint: 'Check that the brokers can be reached and are healthy, then start the sink again: it goes on where it stood.',
              cause: reason,
            },
          ),
        );
        break;
      }
      totals.restarts += 1;
      metrics.restarts.inc();
      state = 'retrying';
      logger.warn(
        missing ? 'The topic does not exist yet, waiting for it' : 'The consumer ended, making a new one',
        {
          reason: reason.message,
          topic,
          restart: restartsInARow,
          waitMs: Math.round(waitMs),
        },
      );
      await delay(waitMs, stopping.signal);
    }
  }

  function problems(): readonly string[] {
    if (failure !== undefined) return [`${failure.code}: ${failure.message}`];
    if (stopping.signal.aborted) return ['stopping'];
    const found = [...troubles].map(([what, reason]) => `${what}: ${reason}`);
    if (!joined) found.push('the sink has not joined its group');
    for (const partition of partitions.stalled(notReadyAfterMs)) {
      found.push(`partition ${partition} has lag, and nothing was written for ${notReadyAfterMs} ms`);
    }
    return found;
  }

  let http: SinkHttpServer | undefined;
  if (options.http !== undefined) {
    http = await startSinkHttp(options.http, {
      store,
      problems,
      metrics: async () => ({
        contentType: metrics.registry.contentType,
        text: await metrics.registry.metrics(),
      }),
    });
  }

  /** The schema must be there before anything is read; a store that is not up yet is waited for. */
  async function prepareStore(): Promise<void> {
    await retrying(
      'preparing the store',
      async () => {
        if (options.migrate === true) await migrateStore(store);
        const { pending } = await storeSchemaStatus(store);
        if (pending.length === 0) return;
        throw new PaystreamError('STORE_SCHEMA_MISSING', `The store lacks ${pending.length} schema files.`, {
          where: store.address,
          hint: 'Run `paystream store migrate`, or start the sink with --migrate.',
        });
      },
      () => true,
    );
  }

  const running = (async () => {
    try {
      await prepareStore();
      await run();
    } catch (error) {
      if (error instanceof PaystreamError) fail(error);
      else if (!(error instanceof BatchAbandoned)) {
        fail(
          new PaystreamError('SINK_FAILED', `The sink failed: ${(error as Error).message}`, { cause: error }),
        );
      }
    }
    // The customer service's read goes on for as long as the process does; only a stop ends it.
    state = failure === undefined ? 'stopped' : 'failed';
    if (failure === undefined) settle.resolve();
    else settle.reject(failure);
  })();

  let stopped: Promise<void> | undefined;
  return {
    httpUrl: http?.url,
    done,
    status: () => ({
      state: troubles.size > 0 && state === 'running' ? 'retrying' : state,
      problems: problems(),
      partitions: [...partitions.lag()].map(([partition, lag]) => ({
        partition,
        nextOffset: partitions.get(partition)!.stored,
        lag,
      })),
      ...totals,
    }),
    stop() {
      stopped ??= (async () => {
        stopping.abort();
        await running;
        await http?.close();
      })();
      return stopped;
    },
  };
}
