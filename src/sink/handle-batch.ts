import { PaystreamError } from '../errors/paystream-error.js';
import type { ConsumedBatch, ConsumedRecord, KafkaConsumer } from '../kafka/consumer.js';
import { type DeadLetter, readOffset } from '../store/index.js';
import { BatchAbandoned } from './batch-abandoned.js';
import { type WrittenBatch, writeBatch } from './batch-writer.js';
import { acrossGap, brokerOffsets } from './claim-partitions.js';
import type { OwnedPartition } from './partitions.js';
import type { SinkContext } from './sink-context.js';
import { stateLabel } from './sink-metrics.js';
import { currentTopicId, TOPIC_CHANGED } from './topic-incarnation.js';

/** The most records in one transaction, which bounds its memory and duration. */
const MAX_BATCH = 1_000;
const HEARTBEAT_EVERY_MS = 1_000;

/** Publishes a notice of each dead letter, if a topic is configured for it. */
async function announce(
  sink: SinkContext,
  consumer: KafkaConsumer,
  partition: number,
  letters: readonly DeadLetter[],
): Promise<void> {
  const { deadLetterTopic, groupId, topic } = sink;
  if (deadLetterTopic === undefined) return;
  await consumer.send(
    letters.map(({ offset, reason, sqlState, payment }) => ({
      topic: deadLetterTopic,
      key: Buffer.from(
        [topic, partition, offset, payment?.place].filter((part) => part !== undefined).join('/'),
      ),
      value: JSON.stringify({
        group: groupId,
        topic,
        partition,
        offset: String(offset),
        ...(payment === undefined ? {} : { payment: payment.place }),
        reason,
        sqlState,
      }),
    })),
  );
}

/** Writes one chunk. If the answer to a commit was lost, the offset row shows whether it succeeded. */
async function writeChunk(
  sink: SinkContext,
  consumer: KafkaConsumer,
  owned: OwnedPartition,
  to: bigint,
  records: readonly ConsumedRecord[],
): Promise<WrittenBatch> {
  const { claim, stored: from } = owned;
  try {
    return await writeBatch(
      sink.store,
      { claim, from, to, records },
      (letters) => announce(sink, consumer, claim.partition, letters),
      sink.rollbackSignal,
    );
  } catch (error) {
    if (!(error instanceof PaystreamError) || error.code !== 'SINK_FENCED') throw error;
    const row = await readOffset(sink.store, claim);
    if (row?.claim === claim.claim && row.nextOffset === to) {
      return { inserted: 0, updated: 0, pruned: 0, tombstones: 0, deadLetters: [] };
    }
    // The group reassigned the partition while the batch was being written. There is no need to rejoin.
    if (sink.state.partitions.get(claim.partition) !== owned) throw new BatchAbandoned();
    throw error;
  }
}

function count(
  { metrics, state: { totals }, logger, topic }: SinkContext,
  partition: number,
  written: WrittenBatch,
  records: readonly ConsumedRecord[],
  startedAt: number,
): void {
  const now = Date.now();
  totals.records += records.length;
  totals.deadLetters += written.deadLetters.length;
  totals.tombstones += written.tombstones;
  metrics.batches.inc();
  metrics.records.inc(records.length);
  metrics.tombstones.inc(written.tombstones);
  for (const change of ['inserted', 'updated', 'pruned'] as const) {
    metrics.rows.inc({ change }, written[change]);
  }
  metrics.batchSeconds.observe((performance.now() - startedAt) / 1_000);
  metrics.lastWrite.set(now / 1_000);
  const newest = records.at(-1);
  if (newest !== undefined) {
    const freshness = Math.max(0, now - Number(newest.timestamp)) / 1_000;
    metrics.freshness.observe(freshness);
    metrics.newestFreshness.set(freshness);
  }
  for (const { offset, reason, sqlState, payment } of written.deadLetters) {
    metrics.deadLetters.inc({ sql_state: stateLabel(sqlState) });
    logger.warn(`A ${payment === undefined ? 'record' : 'payment'} became a dead letter`, {
      topic,
      partition,
      offset: String(offset),
      ...(payment === undefined ? {} : { payment: payment.place }),
      reason,
    });
  }
}

/**
 * Stores a batch in transactions of at most 1,000 records. Each also stores the offset that it reached.
 *
 * @throws BatchAbandoned when the partition is no longer assigned to this sink
 */
export async function handleBatch(
  sink: SinkContext,
  consumer: KafkaConsumer,
  batch: ConsumedBatch,
): Promise<void> {
  const { partition } = batch;
  const owned = sink.state.partitions.get(partition);
  if (owned === undefined) throw new BatchAbandoned();
  const startedAt = performance.now();
  owned.high = batch.highWatermark;
  // The client skips transaction markers, but it also skips records that the broker has deleted.
  if (batch.fetchedOffset > owned.next || batch.highWatermark < owned.next) {
    const offsets = await brokerOffsets(sink, consumer, () => batch.isActive());
    const has = offsets.get(partition) ?? { low: 0n, high: 0n };
    // A new consumer claims the partitions again, and finds that the topic was recreated.
    if ((await currentTopicId(sink, consumer, () => batch.isActive())) !== owned.topicId) {
      throw new Error(TOPIC_CHANGED);
    }
    if (has.low > owned.next || has.high < owned.next) {
      owned.stored = await acrossGap(sink, owned.claim, owned.stored, has);
      owned.next = owned.stored;
      consumer.seek(partition, owned.stored);
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
  const isActive = () => batch.isActive() && !rebalancing && !sink.state.signal.aborted;
  try {
    for (let at = 0; at < records.length; at += MAX_BATCH) {
      if (!isActive()) throw new BatchAbandoned();
      const chunk = records.slice(at, at + MAX_BATCH);
      const isLast = at + MAX_BATCH >= records.length;
      const to = (isLast ? batch.lastOffset : chunk.at(-1)!.offset) + 1n;
      const written = await sink.retry.run(
        `storing partition ${partition}`,
        () => writeChunk(sink, consumer, owned, to, chunk),
        isActive,
      );
      owned.stored = to;
      owned.next = to;
      owned.progressAt = Date.now();
      sink.state.batchStored();
      count(sink, partition, written, chunk, startedAt);
    }
    if (batch.lastOffset + 1n > owned.next) owned.next = batch.lastOffset + 1n;
  } finally {
    clearInterval(heartbeat);
  }
}
