import { PaystreamError } from '../errors/paystream-error.js';
import {
  type ConsumerHandlers,
  type ConsumerSettings,
  createKafkaConsumer,
  type KafkaConsumer,
} from '../kafka/consumer.js';
import { withTimeout } from '../kafka/wait.js';
import { BatchAbandoned } from './batch-abandoned.js';
import { claimPartitions } from './claim-partitions.js';
import { handleBatch } from './handle-batch.js';
import type { SinkContext } from './sink-context.js';
import { TOPIC_CHANGED } from './topic-incarnation.js';

const COMMIT_EVERY_MS = 500;
const WATCH_EVERY_MS = 2_000;
/** Each look opens a connection. */
const TOPIC_ID_EVERY_MS = 10_000;
/** The group's offsets only serve lag tools, so a slow broker must not delay the end of a consumer. */
const COMMITTED_WITHIN_MS = 500;

/**
 * Runs one consumer until it fails, stalls, or the sink stops.
 *
 * @param stalledAfterMs how long the consumer may make no progress
 * @returns why it ended; undefined if the sink is stopping
 */
export async function runConsumer(
  sink: SinkContext,
  settings: ConsumerSettings,
  stalledAfterMs: number,
): Promise<Error | undefined> {
  const { state } = sink;
  let end!: (reason?: Error) => void;
  const ended = new Promise<Error | undefined>((resolve) => {
    end = resolve;
  });
  const onStop = () => end();
  state.signal.addEventListener('abort', onStop, { once: true });

  const consumer: KafkaConsumer = createKafkaConsumer(
    settings,
    handlersOf(sink, () => consumer, end),
  );
  state.consumerStarted(consumer);
  const watch = async () => {
    const reason = await stallReason(sink, consumer, stalledAfterMs);
    if (reason !== undefined) end(new Error(reason));
  };
  const watchTopic = async () => {
    if (await hasTopicChanged(sink, consumer)) end(new Error(TOPIC_CHANGED));
  };
  const timers = [
    setInterval(() => void commitOffsets(sink, consumer), COMMIT_EVERY_MS),
    setInterval(() => void watch(), WATCH_EVERY_MS),
    setInterval(() => void watchTopic(), TOPIC_ID_EVERY_MS),
  ];
  try {
    consumer.start().catch(end);
    return await ended;
  } finally {
    state.signal.removeEventListener('abort', onStop);
    for (const timer of timers) clearInterval(timer);
    await withTimeout(commitOffsets(sink, consumer), COMMITTED_WITHIN_MS);
    await consumer.stop();
    state.consumerEnded();
  }
}

function handlersOf(
  sink: SinkContext,
  current: () => KafkaConsumer,
  end: (reason: Error) => void,
): ConsumerHandlers {
  const { state } = sink;

  function onFailure(error: unknown): void {
    if (error instanceof BatchAbandoned) return;
    if (error instanceof PaystreamError) {
      // Another sink has claimed the partition. Rejoin the group to get a valid assignment.
      if (error.code === 'SINK_FENCED') {
        sink.metrics.fenced.inc();
        state.logError(error);
      } else {
        state.fail(error);
      }
    }
    end(error instanceof Error ? error : new Error(String(error)));
  }

  return {
    async assigned(partitions) {
      const claim = state.startClaim();
      try {
        const isWanted = () => state.isClaiming(claim);
        const positions = await claimPartitions(sink, current(), partitions, isWanted);
        state.claimSucceeded();
        return positions;
      } catch (error) {
        onFailure(error);
        return new Map();
      } finally {
        state.endClaim(claim);
      }
    },
    async batch(batch) {
      try {
        if (!state.isCurrent(current())) throw new BatchAbandoned();
        await handleBatch(sink, current(), batch);
      } catch (error) {
        onFailure(error);
        // Do not pass the original error on: the Kafka client would log it, and it may contain parts of the record.
        throw new BatchAbandoned('not stored');
      }
    },
    passed(partition, next) {
      const owned = state.partitions.get(partition);
      if (owned === undefined || next <= owned.next) return;
      owned.next = next;
      owned.progressAt = Date.now();
    },
    crashed: onFailure,
  };
}

async function commitOffsets({ state, logger }: SinkContext, consumer: KafkaConsumer): Promise<void> {
  const offsets = state.partitions.uncommitted();
  if (offsets.size === 0) return;
  try {
    await consumer.commit(offsets);
    state.partitions.committed(offsets);
  } catch (error) {
    // Not a problem: the store's rows decide where to resume, and the next round commits again.
    logger.debug('Cannot commit the offsets to the group', { reason: (error as Error).message });
  }
}

/** Compares the topic's id with the one under which its partitions were claimed. */
async function hasTopicChanged({ state, logger }: SinkContext, consumer: KafkaConsumer): Promise<boolean> {
  const claimed = state.partitions.topicId();
  if (claimed === null) return false;
  try {
    const now = await consumer.topicId();
    return state.isCurrent(consumer) && now !== null && now !== claimed;
  } catch (error) {
    logger.debug('Cannot read the id of the topic', { reason: (error as Error).message });
    return false;
  }
}

/** Refreshes the end offsets of the topic, and returns why the consumer must be replaced, if it must. */
async function stallReason(
  { state, logger }: SinkContext,
  consumer: KafkaConsumer,
  stalledAfterMs: number,
): Promise<string | undefined> {
  try {
    state.partitions.heard(await consumer.offsets());
  } catch (error) {
    logger.debug('Cannot read the end offsets of the topic', { reason: (error as Error).message });
  }
  if (!state.isCurrent(consumer)) return undefined;
  const { ms, allowedMs } = consumer.silence();
  if (ms > Math.max(stalledAfterMs, allowedMs)) return `the group coordinator has not answered for ${ms} ms`;
  // While the store is unavailable, a new consumer would not help.
  if (state.troubles.size > 0) return undefined;
  if (state.isClaimOverdue(stalledAfterMs)) {
    return `the assigned partitions could not be claimed within ${stalledAfterMs} ms`;
  }
  const stalled = state.partitions.stalled(stalledAfterMs);
  if (stalled.length === 0) return undefined;
  return `partitions ${stalled.join(', ')} have lag and no progress for ${stalledAfterMs} ms`;
}
