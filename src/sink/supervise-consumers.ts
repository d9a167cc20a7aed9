import { PaystreamError } from '../errors/paystream-error.js';
import type { ConsumerSettings } from '../kafka/consumer.js';
import { classifyKafkaError } from '../kafka/errors.js';
import { delay } from '../kafka/wait.js';
import { backoffMs } from './backoff.js';
import { runConsumer } from './run-consumer.js';
import type { SinkContext } from './sink-context.js';

/** Restarts make the group rebalance, so their backoff starts at 400 to 800 ms. */
const FIRST_ATTEMPT = 4;

export interface SupervisorLimits {
  /** A consumer without progress is replaced after this long. */
  readonly stalledAfterMs: number;
  /** Replacements in a row, without a stored record, before the sink fails. */
  readonly maxRestarts: number;
}

/**
 * Runs consumers one after another until the sink stops.
 *
 * Ends the sink when Kafka refuses it, or after too many failures in a row. A missing topic and unreachable brokers
 * do not count as failures, so that the sink can keep serving payments from the store during an outage.
 */
export async function superviseConsumers(
  sink: SinkContext,
  settings: ConsumerSettings,
  { stalledAfterMs, maxRestarts }: SupervisorLimits,
): Promise<void> {
  const { state, metrics, logger } = sink;
  const { topic, groupId, brokers } = settings;
  const where = `${brokers.join(',')}, group ${groupId}, topic ${topic}`;
  while (!state.signal.aborted) {
    const reason = await runConsumer(sink, settings, stalledAfterMs);
    if (reason === undefined || state.signal.aborted) return;
    const failure = classifyKafkaError(reason);
    if (failure === 'login' || failure === 'forbidden') {
      state.fail(
        new PaystreamError('SINK_KAFKA_REFUSED', `Kafka refused the sink: ${reason.message}`, {
          where,
          hint: 'Check the user, password and mechanism, and that the user may read the topic and the group.',
          cause: reason,
        }),
      );
      return;
    }
    const isWaiting = failure === 'missing-topic' || failure === 'unreachable';
    const waitMs = backoffMs(state.failedInARow + FIRST_ATTEMPT);
    if (!isWaiting) state.failedInARow += 1;
    if (state.failedInARow > maxRestarts) {
      const message = `The consumer failed ${state.failedInARow} times in a row: ${reason.message}`;
      state.fail(
        new PaystreamError('SINK_CONSUMER_CRASHED', message, {
          where,
          hint: 'Check that the brokers are reachable and healthy, then start the sink again. It resumes where it stopped.',
          cause: reason,
        }),
      );
      return;
    }
    state.restarting();
    metrics.restarts.inc();
    logger.warn(
      failure === 'missing-topic'
        ? 'The topic does not exist yet. Waiting until it is created'
        : 'Restarting the consumer',
      { reason: reason.message, topic, restart: state.failedInARow, waitMs: Math.round(waitMs) },
    );
    await delay(waitMs, state.signal);
  }
}
