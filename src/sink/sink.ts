import { PaystreamError } from '../errors/paystream-error.js';
import { withTimeout } from '../kafka/wait.js';
import { TOPICS } from '../pipeline/topics.js';
import { BatchAbandoned } from './batch-abandoned.js';
import { silentLogger } from './logger.js';
import { prepareStore } from './prepare-store.js';
import type { RunningSink } from './running-sink.js';
import type { SinkContext } from './sink-context.js';
import { startSinkHttp } from './sink-http.js';
import { createSinkMetrics } from './sink-metrics.js';
import type { SinkOptions } from './sink-options.js';
import { SinkState } from './sink-state.js';
import { createStoreRetry } from './store-retry.js';
import { superviseConsumers } from './supervise-consumers.js';

export type { SinkLogger } from './logger.js';
export type { RunningSink, SinkStatus } from './running-sink.js';
export type { OnGap, OnRecreated, SinkHttpOptions, SinkOptions } from './sink-options.js';

/** A running batch gets this long to finish after a stop or a failure before it is rolled back. */
const ROLLBACK_AFTER_MS = 2_000;

/**
 * Starts a sink: it reads PAYMENT-TRX-AGGR and stores each record in the customer store exactly once.
 *
 * The store keeps the next offset of each partition and updates it in the transaction that stores the records.
 * Temporary failures are retried without limit and appear in `status()`, `/readyz` and the metrics. A failure that
 * a person must fix rejects `done`.
 *
 * @throws HTTP_LISTEN or SINK_PORT_TAKEN when the HTTP server cannot use its address
 * @example
 * const sink = await startSink({ brokers: ['localhost:9092'], store, groupId: 'paystream-sink' });
 * await sink.stop();
 */
export async function startSink(options: SinkOptions): Promise<RunningSink> {
  const { store, groupId } = options;
  const topic = options.topic ?? TOPICS.paymentTrxAggr;
  const logger = options.logger ?? silentLogger;
  const notReadyAfterMs = options.notReadyAfterMs ?? 30_000;
  const state = new SinkState(logger);
  const metrics = createSinkMetrics(state.partitions);
  const rollback = new AbortController();
  const context: SinkContext = {
    store,
    groupId,
    topic,
    onGap: options.onGap ?? 'fail',
    onRecreated: options.onRecreated ?? 'fail',
    deadLetterTopic: options.deadLetterTopic,
    logger,
    metrics,
    state,
    retry: createStoreRetry(store, logger, metrics, state),
    rollbackSignal: rollback.signal,
  };
  const consumerSettings = {
    brokers: options.brokers,
    ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
    ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
    clientId: options.clientId ?? 'paystream-sink',
    groupId,
    topic,
    concurrency: options.concurrency ?? (store.kind === 'pglite' ? 1 : 4),
    sessionTimeoutMs: options.sessionTimeoutMs ?? 10_000,
    logger,
  };
  const limits = {
    stalledAfterMs: options.stalledAfterMs ?? 60_000,
    maxRestarts: options.maxRestarts ?? 20,
  };

  const http =
    options.http === undefined
      ? undefined
      : await startSinkHttp(options.http, {
          store,
          problems: () => state.problems(notReadyAfterMs),
          metrics: async () => ({
            contentType: metrics.registry.contentType,
            text: await metrics.registry.metrics(),
          }),
        });

  const stopRequested = new Promise<void>((resolve) => {
    state.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const done = (async () => {
    try {
      // A stop does not wait for a store that does not answer.
      await Promise.race([prepareStore(context, options.migrate === true), stopRequested]);
      await superviseConsumers(context, consumerSettings, limits);
    } catch (error) {
      if (error instanceof PaystreamError) state.fail(error);
      else if (!(error instanceof BatchAbandoned)) {
        const message = `The sink failed: ${(error as Error).message}`;
        state.fail(new PaystreamError('SINK_FAILED', message, { cause: error }));
      }
    }
    state.ended();
    if (state.failure !== undefined) throw state.failure;
  })();
  // Callers that do not await `done` see the failure in `status()`.
  done.catch(() => {});
  void stopRequested.then(() => withTimeout(done, ROLLBACK_AFTER_MS)).then(() => rollback.abort());

  let stopped: Promise<void> | undefined;
  return {
    httpUrl: http?.url,
    done,
    status: () => state.status(notReadyAfterMs),
    stop() {
      stopped ??= (async () => {
        state.stop();
        await done.catch(() => {});
        // The HTTP server outlives a failure: payments stay readable until the process stops.
        await http?.close();
      })();
      return stopped;
    },
  };
}
