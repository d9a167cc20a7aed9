import { randomUUID } from 'node:crypto';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KafkaConsumer } from '../kafka/consumer.js';
import type { PartitionOffsets, TopicOffsets } from '../kafka/offsets.js';
import { claimPartition, initOffset, moveOffset, type PartitionClaim } from '../store/index.js';
import { BatchAbandoned } from './batch-abandoned.js';
import type { SinkContext } from './sink-context.js';
import { currentTopicId, verifiedPosition } from './topic-incarnation.js';

function offsetGone(claim: PartitionClaim, wanted: bigint, has: PartitionOffsets): PaystreamError {
  const why =
    has.low > wanted
      ? `the first offset that the broker still has is ${has.low}: ${has.low - wanted} offsets were deleted before they were stored`
      : `the broker's last one is ${has.high - 1n}: the topic was recreated or has lost records`;
  return new PaystreamError('SINK_OFFSET_GONE', `The next offset in the store is ${wanted}, but ${why}.`, {
    where: `group ${claim.group}, ${claim.topic} partition ${claim.partition}`,
    hint: 'Rebuild the aggregate or restore the topic. To accept the gap, start the sink once with --on-gap skip.',
  });
}

/**
 * Skips to the first offset that the broker has, and stores it, if the sink runs with `--on-gap skip`.
 *
 * @returns the offset to resume at
 * @throws SINK_OFFSET_GONE by default
 */
export async function acrossGap(
  sink: SinkContext,
  claim: PartitionClaim,
  stored: bigint,
  has: PartitionOffsets,
): Promise<bigint> {
  const error = offsetGone(claim, stored, has);
  if (sink.onGap === 'fail') throw error;
  sink.logger.warn(`${error.message} Skipping the gap because of --on-gap skip.`, {
    partition: claim.partition,
    from: String(has.low),
  });
  await sink.store.transaction((tx) => moveOffset(tx, claim, stored, has.low));
  if (has.low > stored) sink.metrics.gaps.inc(Number(has.low - stored));
  return has.low;
}

/** Asks the broker for the offsets of each partition, and retries until it answers. */
export async function brokerOffsets(
  sink: SinkContext,
  consumer: KafkaConsumer,
  isWanted: () => boolean,
): Promise<TopicOffsets> {
  return await sink.retry.run('reading the offsets of the topic', () => consumer.offsets(), isWanted);
}

/**
 * Claims the assigned partitions in the store. From then on, the previous owner can no longer write.
 *
 * @param isWanted returns false once a newer assignment has arrived
 * @returns the offset at which to resume each partition
 * @throws BatchAbandoned when the claim is no longer wanted, SINK_OFFSET_GONE, SINK_TOPIC_RECREATED
 */
export async function claimPartitions(
  sink: SinkContext,
  consumer: KafkaConsumer,
  assigned: readonly number[],
  isWanted: () => boolean,
): Promise<ReadonlyMap<number, bigint>> {
  const { store, groupId, topic } = sink;
  const { partitions } = sink.state;
  const positions = new Map<number, bigint>();
  partitions.clear();
  const offsets = assigned.length === 0 ? new Map() : await brokerOffsets(sink, consumer, isWanted);
  const topicId = assigned.length === 0 ? null : await currentTopicId(sink, consumer, isWanted);
  if (topicId === null && assigned.length > 0) {
    sink.logger.warn('The broker reports no topic ids: a topic that is recreated would not be noticed', {
      topic,
    });
  }
  for (const partition of assigned) {
    // A claim for an outdated assignment would fence the partition's new owner.
    if (!isWanted()) throw new BatchAbandoned();
    const claim: PartitionClaim = { group: groupId, topic, partition, claim: randomUUID() };
    let has: PartitionOffsets = offsets.get(partition) ?? { low: 0n, high: 0n };
    const stored = await sink.retry.run(
      `claiming partition ${partition}`,
      async () => {
        for (;;) {
          const found = await claimPartition(store, claim);
          if (found !== null) {
            const next = await verifiedPosition(sink, claim, found, topicId, has.low);
            const isThere = () => next >= has.low && next <= has.high;
            // The previous owner may have stored records after these offsets were read. Since the claim it cannot.
            if (!isThere()) has = (await consumer.offsets()).get(partition) ?? has;
            return isThere() ? next : await acrossGap(sink, claim, next, has);
          }
          if (await initOffset(store, claim, has.low)) {
            return await verifiedPosition(sink, claim, has.low, topicId, has.low);
          }
        }
      },
      isWanted,
    );
    if (!isWanted()) throw new BatchAbandoned();
    positions.set(partition, stored);
    partitions.own(partition, {
      claim,
      topicId,
      stored,
      next: stored,
      high: has.high,
      committed: -1n,
      progressAt: Date.now(),
    });
  }
  sink.logger.info('Partitions assigned', {
    partitions: assigned.join(','),
    offsets: [...positions.values()].join(','),
  });
  return positions;
}
