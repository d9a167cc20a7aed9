import { isUtf8 } from 'node:buffer';
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

/** Records of one partition, and the offsets between which they lie. */
export interface PartitionBatch {
  readonly claim: PartitionClaim;
  /** The stored next offset, where this batch begins. */
  readonly from: bigint;
  /** The next offset after it. */
  readonly to: bigint;
  readonly records: readonly ConsumedRecord[];
}

export interface WrittenBatch extends MergeResult {
  readonly tombstones: number;
  readonly deadLetters: readonly DeadLetter[];
}

interface DecodedBatch {
  readonly records: readonly AggregateRecord[];
  readonly deadLetters: readonly DeadLetter[];
  readonly tombstones: number;
}

/** For reasons that are found before PostgreSQL sees the record. */
const NOT_SENT = 'PS000';

function decode(records: readonly ConsumedRecord[]): DecodedBatch {
  const decoded: AggregateRecord[] = [];
  const deadLetters: DeadLetter[] = [];
  let tombstones = 0;
  for (const { offset, timestamp, key, value } of records) {
    // A tombstone says that ksqlDB has forgotten a window. The store does not forget.
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
            ? 'the value holds a control character, so it is not JSON'
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

/** Merges what can be merged and finds, by halves, the records that cannot. */
async function mergeIsolating(
  tx: StoreConnection,
  records: readonly AggregateRecord[],
  deadLetters: DeadLetter[],
): Promise<MergeResult> {
  await tx.script('SAVEPOINT half');
  try {
    const result = await mergeRecords(tx, records);
    await tx.script('RELEASE SAVEPOINT half');
    return result;
  } catch (error) {
    if (classifyStoreFailure(error) !== 'bad-data') throw error;
    await tx.script('ROLLBACK TO SAVEPOINT half; RELEASE SAVEPOINT half');
    const [only] = records;
    if (only !== undefined && records.length === 1) {
      deadLetters.push({
        offset: only.offset,
        timestamp: only.timestamp,
        customerId: only.customerId,
        valueBytes: Buffer.byteLength(only.value),
        ...badDataReason(error),
      });
      return { inserted: 0, updated: 0, pruned: 0 };
    }
    const middle = records.length >> 1;
    const left = await mergeIsolating(tx, records.slice(0, middle), deadLetters);
    const right = await mergeIsolating(tx, records.slice(middle), deadLetters);
    return {
      inserted: left.inserted + right.inserted,
      updated: left.updated + right.updated,
      pruned: left.pruned + right.pruned,
    };
  }
}

/**
 * Stores a batch and moves the partition's offset in one transaction. Records that cannot be stored become dead
 * letters in the same transaction.
 *
 * @param beforeCommit called with the dead letters, if any, before they are committed
 * @param signal when aborted, rolls back what is not committed yet
 */
export async function writeBatch(
  store: Store,
  batch: PartitionBatch,
  beforeCommit: (deadLetters: readonly DeadLetter[]) => Promise<void> = async () => {},
  signal?: AbortSignal,
): Promise<WrittenBatch> {
  const { records, deadLetters, tombstones } = decode(batch.records);

  const options = signal === undefined ? MERGE_TRANSACTION : { ...MERGE_TRANSACTION, signal };
  const write = (merge: typeof mergeRecords | typeof mergeIsolating) =>
    store.transaction(async (tx) => {
      await moveOffset(tx, batch.claim, batch.from, batch.to);
      const refused = [...deadLetters];
      const result = await merge(tx, records, refused);
      refused.sort((a, b) => (a.offset < b.offset ? -1 : 1));
      for (const letter of refused) await writeDeadLetter(tx, batch.claim, letter);
      if (refused.length > 0) await beforeCommit(refused);
      return { ...result, tombstones, deadLetters: refused };
    }, options);

  try {
    return await write(mergeRecords);
  } catch (error) {
    if (classifyStoreFailure(error) !== 'bad-data') throw error;
    return await write(mergeIsolating);
  }
}
