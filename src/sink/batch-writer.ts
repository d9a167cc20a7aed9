import { isUtf8 } from 'node:buffer';
import { createHash } from 'node:crypto';
import type { ConsumedRecord } from '../kafka/consumer.js';
import {
  type AggregateRecord,
  badDataReason,
  classifyStoreFailure,
  type DeadLetter,
  MERGE_TRANSACTION,
  type MergeResult,
  mergeRecords,
  moveOffset,
  type PartitionClaim,
  RECORD_SEPARATOR,
  type Store,
  type StoreConnection,
  writeDeadLetter,
} from '../store/index.js';
import { decodeAggregateKey } from './aggregate-key.js';
import { splitPayments } from './split-payments.js';

/** Records of one partition and their range of offsets. */
export interface PartitionBatch {
  readonly claim: PartitionClaim;
  /** The next offset in the store, where this batch begins. */
  readonly from: bigint;
  /** The next offset after this batch. */
  readonly to: bigint;
  readonly records: readonly ConsumedRecord[];
}

export interface WrittenBatch extends MergeResult {
  readonly tombstones: number;
  readonly deadLetters: readonly DeadLetter[];
}

/** A record as the merge takes it, with the offset that a dead letter names. */
interface DecodedRecord extends AggregateRecord {
  readonly offset: bigint;
}

interface DecodedBatch {
  readonly records: readonly DecodedRecord[];
  readonly deadLetters: readonly DeadLetter[];
  readonly tombstones: number;
}

/** The SQLSTATE of a record that is rejected before it is sent to PostgreSQL. */
const NOT_SENT = 'PS000';

function decode(records: readonly ConsumedRecord[]): DecodedBatch {
  const decoded: DecodedRecord[] = [];
  const deadLetters: DeadLetter[] = [];
  let tombstones = 0;
  for (const { offset, timestamp, key, value } of records) {
    // A tombstone means that ksqlDB has dropped an expired window. The store keeps its payments.
    if (value === null) {
      tombstones += 1;
      continue;
    }
    const id = decodeAggregateKey(key);
    const wrong =
      id === undefined
        ? 'the key is not a BIGINT in KAFKA format, with or without a window'
        : isUtf8(value)
          ? value.includes(RECORD_SEPARATOR)
            ? 'the value contains a control character, so it is not JSON'
            : undefined
          : 'the value is not valid UTF-8';
    if (id !== undefined && wrong === undefined) {
      decoded.push({ ...id, offset, timestamp, value: value.toString('utf8') });
    } else {
      deadLetters.push({
        offset,
        timestamp,
        customerId: id?.customerId ?? null,
        reason: wrong!,
        sqlState: NOT_SENT,
        valueBytes: value.length,
      });
    }
  }
  return { records: decoded, deadLetters, tombstones };
}

const NOTHING: MergeResult = { inserted: 0, updated: 0, pruned: 0 };

const sum = (a: MergeResult, b: MergeResult): MergeResult => ({
  inserted: a.inserted + b.inserted,
  updated: a.updated + b.updated,
  pruned: a.pruned + b.pruned,
});

/** Does a step behind a savepoint; returns the error if PostgreSQL refuses the data. */
async function attempt<T>(
  tx: StoreConnection,
  step: () => Promise<T>,
): Promise<{ readonly result: T } | { readonly refused: unknown }> {
  await tx.script('SAVEPOINT part');
  try {
    const result = await step();
    await tx.script('RELEASE SAVEPOINT part');
    return { result };
  } catch (error) {
    if (classifyStoreFailure(error) !== 'bad-data') throw error;
    await tx.script('ROLLBACK TO SAVEPOINT part; RELEASE SAVEPOINT part');
    return { refused: error };
  }
}

/** Bisects the records until those that cannot be stored are found, and stores the others. */
async function mergeIsolating(
  tx: StoreConnection,
  records: readonly DecodedRecord[],
  deadLetters: DeadLetter[],
): Promise<MergeResult> {
  const [only] = records;
  if (only === undefined) return NOTHING;
  const merge = await attempt(tx, () => mergeRecords(tx, records));
  if ('result' in merge) return merge.result;
  if (records.length === 1) return await mergePayments(tx, only, merge.refused, deadLetters);
  const middle = records.length >> 1;
  const left = await mergeIsolating(tx, records.slice(0, middle), deadLetters);
  return sum(left, await mergeIsolating(tx, records.slice(middle), deadLetters));
}

/** Stores the payments of one record one by one: a bad payment does not cost its customer the others. */
async function mergePayments(
  tx: StoreConnection,
  record: DecodedRecord,
  refused: unknown,
  deadLetters: DeadLetter[],
): Promise<MergeResult> {
  const letter = { offset: record.offset, timestamp: record.timestamp, customerId: record.customerId };
  const payments = splitPayments(record.value);
  if (payments.length === 0) {
    deadLetters.push({ ...letter, valueBytes: Buffer.byteLength(record.value), ...badDataReason(refused) });
    return NOTHING;
  }
  let total = NOTHING;
  for (const [index, payment] of payments.entries()) {
    const merge = await attempt(tx, () =>
      mergeRecords(tx, [{ ...record, value: `{"payments":[${payment}]}` }]),
    );
    if ('result' in merge) {
      total = sum(total, merge.result);
      continue;
    }
    deadLetters.push({
      ...letter,
      valueBytes: Buffer.byteLength(payment),
      ...badDataReason(merge.refused),
      payment: { place: index + 1, digest: createHash('sha256').update(payment).digest('hex') },
    });
  }
  return total;
}

/**
 * Stores a batch and the partition's next offset in one transaction. Records that cannot be stored become dead
 * letters in the same transaction.
 *
 * @param beforeCommit called with the dead letters before the commit, if there are any
 * @param signal rolls the transaction back when aborted
 * @throws SINK_FENCED when another sink has claimed the partition
 */
export async function writeBatch(
  store: Store,
  batch: PartitionBatch,
  beforeCommit: (deadLetters: readonly DeadLetter[]) => Promise<void> = async () => {},
  signal?: AbortSignal,
): Promise<WrittenBatch> {
  const { records, deadLetters, tombstones } = decode(batch.records);

  const options = signal === undefined ? MERGE_TRANSACTION : { ...MERGE_TRANSACTION, signal };
  const write = (merge: typeof mergeIsolating) =>
    store.transaction(async (tx) => {
      await moveOffset(tx, batch.claim, batch.from, batch.to);
      const refused = [...deadLetters];
      const result = await merge(tx, records, refused);
      refused.sort((a, b) => (a.offset < b.offset ? -1 : 1));
      const fresh: DeadLetter[] = [];
      for (const letter of refused) if (await writeDeadLetter(tx, batch.claim, letter)) fresh.push(letter);
      if (fresh.length > 0) await beforeCommit(fresh);
      return { ...result, tombstones, deadLetters: fresh };
    }, options);

  try {
    return await write(mergeRecords);
  } catch (error) {
    if (classifyStoreFailure(error) !== 'bad-data') throw error;
    return await write(mergeIsolating);
  }
}
