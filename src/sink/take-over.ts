import { randomUUID } from 'node:crypto';
import { PaystreamError } from '../errors/paystream-error.js';
import type { KafkaConsumer } from '../kafka/consumer.js';
import type { PartitionOffsets, TopicOffsets } from '../kafka/offsets.js';
import { claimPartition, initOffset, moveOffset, type PartitionClaim } from '../store/index.js';
import { BatchAbandoned, type SinkContext } from './sink-context.js';

function offsetGone(claim: PartitionClaim, wanted: bigint, has: PartitionOffsets): PaystreamError {
  const why =
    has.low > wanted
      ? `the first one that the broker still has is ${has.low}: ${has.low - wanted} offsets were deleted before they were stored`
      : `the broker's last one is ${has.high - 1n}: the topic was made anew or has lost records`;
  return new PaystreamError('SINK_OFFSET_GONE', `The store stands at offset ${wanted}, but ${why}.`, {
    where: `group ${claim.group}, ${claim.topic} partition ${claim.partition}`,
    hint: 'Rebuild the aggregate or restore the topic; or accept the gap and start once with --on-gap skip.',
  });
}

/**
 * Where to read on when the broker does not have the stored offset: nowhere, unless gaps are to be skipped.
 *
 * @throws SINK_OFFSET_GONE
 */
export async function acrossGap(
  sink: SinkContext,
  claim: PartitionClaim,
  stored: bigint,
  has: PartitionOffsets,
): Promise<bigint> {
  const error = offsetGone(claim, stored, has);
  if (sink.onGap === 'fail') throw error;
  sink.logger.warn(`${error.message} Skipped, as --on-gap says.`, {
    partition: claim.partition,
    from: String(has.low),
  });
  await sink.store.transaction((tx) => moveOffset(tx, claim, stored, has.low));
  if (has.low > stored) sink.metrics.gaps.inc(Number(has.low - stored));
  return has.low;
}

/** What the broker has of each partition. */
export async function brokerOffsets(
  sink: SinkContext,
  consumer: KafkaConsumer,
  goOn: () => boolean,
): Promise<TopicOffsets> {
  return await sink.retry.run('asking the broker for its offsets', () => consumer.offsets(), goOn);
}

/** Claims the partitions just assigned, and says where to read on. */
export async function takeOver(
  sink: SinkContext,
  consumer: KafkaConsumer,
  assigned: readonly number[],
  goOn: () => boolean,
): Promise<ReadonlyMap<number, bigint>> {
  const { store, groupId, topic, partitions } = sink;
  const positions = new Map<number, bigint>();
  partitions.clear();
  const offsets = assigned.length === 0 ? new Map() : await brokerOffsets(sink, consumer, goOn);
  for (const partition of assigned) {
    // Overtaken by a newer assignment: a claim now would only push out whoever has the partition since.
    if (!goOn()) throw new BatchAbandoned();
    const claim: PartitionClaim = { group: groupId, topic, partition, claim: randomUUID() };
    let has: PartitionOffsets = offsets.get(partition) ?? { low: 0n, high: 0n };
    const stored = await sink.retry.run(
      `claiming partition ${partition}`,
      async () => {
        for (;;) {
          const next = await claimPartition(store, claim);
          if (next !== null) {
            const isThere = () => next >= has.low && next <= has.high;
            // Another sink may have stored what came after the broker was asked; it cannot any more, after the claim.
            if (!isThere()) has = (await consumer.offsets()).get(partition) ?? has;
            return isThere() ? next : await acrossGap(sink, claim, next, has);
          }
          if (await initOffset(store, claim, has.low)) return has.low;
        }
      },
      goOn,
    );
    if (!goOn()) throw new BatchAbandoned();
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
  sink.logger.info('Partitions assigned', {
    partitions: assigned.join(','),
    offsets: [...positions.values()].join(','),
  });
  return positions;
}
