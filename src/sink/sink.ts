import { PaystreamError } from '../errors/paystream-error.js';
import { createKafkaConsumer, type KafkaConsumer } from '../kafka/consumer.js';
import { classifyKafkaError } from '../kafka/errors.js';
import { delay, withTimeout } from '../kafka/wait.js';
import { TOPICS } from '../pipeline/topics.js';
import { backoffMs } from './backoff.js';
import { handleBatch } from './handle-batch.js';
import { silentLogger } from './logger.js';
import { Partitions } from './partitions.js';
import { prepareStore } from './prepare-store.js';
import type { RunningSink, SinkStatus } from './running-sink.js';
import { BatchAbandoned, type SinkContext } from './sink-context.js';
import { type SinkHttpServer, startSinkHttp } from './sink-http.js';
import { createSinkMetrics } from './sink-metrics.js';
import type { SinkOptions } from './sink-options.js';
import { createStoreRetry } from './store-retry.js';
import { takeOver } from './take-over.js';

export type { SinkLogger } from './logger.js';
export type { RunningSink, SinkStatus } from './running-sink.js';
export type { OnGap, SinkHttpOptions, SinkOptions } from './sink-options.js';

const COMMIT_EVERY_MS = 500;
const LOOK_EVERY_MS = 2_000;
/** So long a batch may still take after the stop; then it is rolled back, and the group is left. */
const CUT_AFTER_MS = 2_000;
/** The group's offsets are for lag tools only: no broker that is slow to take them may hold up the end of a consumer. */
const COMMITTED_WITHIN_MS = 500;

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
  const notReadyAfterMs = options.notReadyAfterMs ?? 30_000;
  const stalledAfterMs = options.stalledAfterMs ?? 60_000;
  const maxRestarts = options.maxRestarts ?? 20;
  const partitions = new Partitions();
  const metrics = createSinkMetrics(
    () => partitions.lag(),
    () => partitions.positions(),
  );
  const stopping = new AbortController();
  const cut = new AbortController();
  const stopAsked = new Promise<void>((resolve) => {
    stopping.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const totals = { records: 0, deadLetters: 0, tombstones: 0, restarts: 0 };

  const retry = createStoreRetry(store, logger, metrics, stopping.signal);
  const context: SinkContext = {
    store,
    groupId,
    topic,
    onGap: options.onGap ?? 'fail',
    deadLetterTopic: options.deadLetterTopic,
    logger,
    metrics,
    partitions,
    retry,
    signal: stopping.signal,
    cut: cut.signal,
    totals,
  };

  let consumer: KafkaConsumer | undefined;
  let state: SinkStatus['state'] = 'starting';
  let joined = false;
  /** The last assignment of partitions; each has an object of its own. */
  let newest: object | undefined;
  /** The assignment whose partitions are being claimed, and since when. */
  let takingOver: { readonly assignment: object; readonly since: number } | undefined;
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
    const isCurrent = () => consumer === mine;
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
          const assignment = {};
          takingOver = { assignment, since: Date.now() };
          newest = assignment;
          try {
            const positions = await takeOver(
              context,
              mine,
              assigned,
              () => isCurrent() && newest === assignment,
            );
            joined = true;
            if (state === 'starting' || state === 'retrying') state = 'running';
            return positions;
          } catch (error) {
            onFailure(error);
            return new Map();
          } finally {
            if (takingOver?.assignment === assignment) takingOver = undefined;
          }
        },
        async batch(batch) {
          try {
            if (!isCurrent()) throw new BatchAbandoned();
            await handleBatch(context, mine, batch, () => {
              restartsInARow = 0;
              state = 'running';
            });
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
      void mine.start().catch((error: Error) => onFailure(error));
      return await ended;
    } finally {
      for (const timer of timers) clearInterval(timer);
      await withTimeout(commit(mine), COMMITTED_WITHIN_MS);
      await mine.stop();
      if (consumer === mine) consumer = undefined;
      joined = false;
      newest = undefined;
      takingOver = undefined;
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
    if (consumer !== from) return;
    const { ms, allowedMs } = from.silence();
    if (ms > Math.max(stalledAfterMs, allowedMs)) {
      restartAsked?.(new Error(`nothing was heard of the group for ${ms} ms`));
      return;
    }
    if (retry.troubles.size > 0) return;
    if (takingOver !== undefined && Date.now() - takingOver.since > stalledAfterMs) {
      restartAsked?.(new Error(`the partitions could not be taken over within ${stalledAfterMs} ms`));
      return;
    }
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
      const failureKind = classifyKafkaError(reason);
      if (failureKind === 'login' || failureKind === 'forbidden') {
        fail(
          new PaystreamError('SINK_KAFKA_REFUSED', `Kafka refused the sink: ${reason.message}`, {
            where: `${options.brokers.join(',')}, group ${groupId}, topic ${topic}`,
            hint: 'Check user, password and mechanism, and that the user may read the topic and the group.',
            cause: reason,
          }),
        );
        break;
      }
      const missing = failureKind === 'missing-topic';
      const away = failureKind === 'unreachable';
      const waitMs = backoffMs(restartsInARow + 4);
      // The reads of the customer service go on while Kafka is away, for as long as it is.
      if (!missing && !away && ++restartsInARow > maxRestarts) {
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
    const found = [...retry.troubles].map(([what, reason]) => `${what}: ${reason}`);
    if (takingOver !== undefined && Date.now() - takingOver.since > notReadyAfterMs) {
      found.push(`the partitions could not be taken over within ${notReadyAfterMs} ms`);
    }
    const silence = consumer?.silence();
    if (!joined) found.push('the sink has not joined its group');
    else if (silence !== undefined && silence.ms > Math.max(notReadyAfterMs, silence.allowedMs)) {
      found.push(`nothing was heard of the group for ${silence.ms} ms`);
    }
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

  const running = (async () => {
    try {
      // A store that does not answer must not hold up a stop.
      await Promise.race([prepareStore(store, retry, options.migrate === true), stopAsked]);
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

  stopping.signal.addEventListener('abort', () => {
    void withTimeout(running, CUT_AFTER_MS).then(() => cut.abort());
  });

  let stopped: Promise<void> | undefined;
  return {
    httpUrl: http?.url,
    done,
    status: () => ({
      state: retry.troubles.size > 0 && state === 'running' ? 'retrying' : state,
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
