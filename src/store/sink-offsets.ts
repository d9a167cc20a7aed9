import { PaystreamError } from '../errors/paystream-error.js';
import type { StoreConnection } from './store.js';

/** A partition as one consumer group reads it. */
export interface SinkPartition {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

/** The right to store a partition's records until another consumer claims the partition. */
export interface PartitionClaim extends SinkPartition {
  readonly claim: string;
}

/**
 * Claims a partition for the consumer that it was assigned to. From now on, a consumer with an older claim cannot
 * write.
 *
 * @returns the next offset to store; `null` if nothing was ever stored for the partition (see `initOffset`)
 */
export async function claimPartition(
  connection: StoreConnection,
  partition: PartitionClaim,
): Promise<bigint | null> {
  const { rows } = await connection.query<{ next_offset: string }>(
    `UPDATE sink_offset SET claim = $4 WHERE consumer_group = $1 AND topic = $2 AND partition = $3
     RETURNING next_offset`,
    [partition.group, partition.topic, partition.partition, partition.claim],
  );
  return rows[0] === undefined ? null : BigInt(rows[0].next_offset);
}

/** Reads the partition's stored offset and claim. Returns undefined if there is none. */
export async function readOffset(
  connection: StoreConnection,
  partition: SinkPartition,
): Promise<{ readonly nextOffset: bigint; readonly claim: string } | undefined> {
  const { rows } = await connection.query<{ next_offset: string; claim: string }>(
    'SELECT next_offset, claim FROM sink_offset WHERE consumer_group = $1 AND topic = $2 AND partition = $3',
    [partition.group, partition.topic, partition.partition],
  );
  const [row] = rows;
  return row === undefined ? undefined : { nextOffset: BigInt(row.next_offset), claim: row.claim };
}

/** Creates and claims the partition's row. Returns false if another consumer was faster. */
export async function initOffset(
  connection: StoreConnection,
  partition: PartitionClaim,
  offset: bigint,
): Promise<boolean> {
  const { rowCount } = await connection.query(
    `INSERT INTO sink_offset (consumer_group, topic, partition, next_offset, claim) VALUES ($1, $2, $3, $4, $5)
     ON CONFLICT DO NOTHING RETURNING 1 AS made`,
    [partition.group, partition.topic, partition.partition, offset, partition.claim],
  );
  return rowCount === 1;
}

/**
 * Moves a partition's next offset from `from` to `to`. Call this first in the transaction that stores the records.
 *
 * @throws SINK_FENCED if the offset is not `from` or the claim is no longer valid: another consumer owns the
 * partition, and nothing may be written
 */
export async function moveOffset(
  tx: StoreConnection,
  partition: PartitionClaim,
  from: bigint,
  to: bigint,
): Promise<void> {
  const { rowCount } = await tx.query(
    `UPDATE sink_offset SET next_offset = $6, moved_at = clock_timestamp()
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND claim = $4 AND next_offset = $5
     RETURNING 1 AS moved`,
    [partition.group, partition.topic, partition.partition, partition.claim, from, to],
    { name: 'paystream_move_offset' },
  );
  if (rowCount !== 1) {
    throw new PaystreamError(
      'SINK_FENCED',
      'Another consumer has claimed this partition, or its stored offset was changed. Nothing was written.',
      {
        where: `group ${partition.group}, ${partition.topic} partition ${partition.partition} offset ${from}`,
        hint: 'This is expected once, after a rebalance. If it repeats, look for two sinks with the same group on different clusters.',
      },
    );
  }
}

/** Reads the id of the topic that the partition's offset belongs to; `null` if it is not known. */
export async function readTopicId(
  connection: StoreConnection,
  partition: SinkPartition,
): Promise<string | null> {
  const { rows } = await connection.query<{ topic_id: string | null }>(
    'SELECT topic_id FROM sink_offset WHERE consumer_group = $1 AND topic = $2 AND partition = $3',
    [partition.group, partition.topic, partition.partition],
  );
  return rows[0]?.topic_id ?? null;
}

/** Stores the id of the topic that the partition's offset belongs to, if the claim is still valid. */
export async function writeTopicId(
  connection: StoreConnection,
  partition: PartitionClaim,
  topicId: string,
): Promise<void> {
  await connection.query(
    `UPDATE sink_offset SET topic_id = $5
     WHERE consumer_group = $1 AND topic = $2 AND partition = $3 AND claim = $4`,
    [partition.group, partition.topic, partition.partition, partition.claim, topicId],
  );
}

export interface DeadLetter {
  readonly offset: bigint;
  readonly customerId: bigint | null;
  /** Must not contain any value of the record. */
  readonly reason: string;
  readonly sqlState: string;
  readonly valueBytes: number | null;
  readonly timestamp: bigint;
  /** The payment that could not be stored, if the rest of its record could. */
  readonly payment?: {
    /** Its place in the record's list, from 1. */
    readonly place: number;
    /** Tells the same bad payment apart from others without repeating any of it. */
    readonly digest: string;
  };
}

/**
 * Writes a dead letter in the transaction that skips the record or payment.
 *
 * @returns false if it has been written before: a bad payment comes again with each later record of its customer
 */
export async function writeDeadLetter(
  tx: StoreConnection,
  partition: SinkPartition,
  letter: DeadLetter,
): Promise<boolean> {
  const { rowCount } = await tx.query(
    `INSERT INTO sink_dead_letter
       (consumer_group, topic, partition, source_offset, customer_id, reason, sql_state, value_bytes, place,
        payment_digest, event_at)
     VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'epoch'::timestamptz + $11::bigint * interval '1 millisecond')
     ON CONFLICT DO NOTHING RETURNING 1 AS written`,
    [
      partition.group,
      partition.topic,
      partition.partition,
      letter.offset,
      letter.customerId,
      letter.reason,
      letter.sqlState,
      letter.valueBytes,
      letter.payment?.place ?? 0,
      letter.payment?.digest ?? null,
      letter.timestamp,
    ],
  );
  return rowCount === 1;
}
