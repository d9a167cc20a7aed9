import { PaystreamError } from '../errors/paystream-error.js';
import type { KafkaConsumer } from '../kafka/consumer.js';
import { moveOffset, type PartitionClaim, readTopicId, writeTopicId } from '../store/index.js';
import type { SinkContext } from './sink-context.js';

/** Why a consumer ends when the topic's id has changed. The next one claims its partitions again. */
export const TOPIC_CHANGED = 'the topic was deleted and created again';

function recreated(claim: PartitionClaim, stored: bigint): PaystreamError {
  return new PaystreamError(
    'SINK_TOPIC_RECREATED',
    `${claim.topic} was deleted and created again. The next offset in the store, ${stored}, belongs to the old topic.`,
    {
      where: `group ${claim.group}, ${claim.topic} partition ${claim.partition}`,
      hint: 'To read the new topic from its beginning, start the sink with --on-recreated rebuild. Payments that are already stored do not change.',
    },
  );
}

/** Asks the broker for the id of the sink's topic, and retries until it answers. */
export async function currentTopicId(
  sink: SinkContext,
  consumer: KafkaConsumer,
  isWanted: () => boolean,
): Promise<string | null> {
  return await sink.retry.run('reading the id of the topic', () => consumer.topicId(), isWanted);
}

/**
 * Checks that a stored offset belongs to the topic as it is now, and not to an earlier topic of the same name. The
 * offset alone cannot tell: once the new topic is long enough, its records before the offset would be skipped.
 *
 * A broker without topic ids (before Kafka 2.8) cannot tell either; then the offset is trusted.
 *
 * @returns the offset at which to resume: `stored`, or `low` after a rebuild
 * @throws SINK_TOPIC_RECREATED by default
 */
export async function verifiedPosition(
  sink: SinkContext,
  claim: PartitionClaim,
  stored: bigint,
  topicId: string | null,
  low: bigint,
): Promise<bigint> {
  if (topicId === null) return stored;
  const known = await readTopicId(sink.store, claim);
  if (known === topicId) return stored;
  if (known === null) {
    await writeTopicId(sink.store, claim, topicId);
    return stored;
  }
  const error = recreated(claim, stored);
  if (sink.onRecreated === 'fail') throw error;
  sink.logger.warn(
    `${error.message} Reading the new topic from its beginning because of --on-recreated rebuild.`,
    {
      partition: claim.partition,
      from: String(low),
    },
  );
  await sink.store.transaction(async (tx) => {
    await moveOffset(tx, claim, stored, low);
    await writeTopicId(tx, claim, topicId);
  });
  return low;
}
