import { MERGE_STATEMENT } from './merge-statement.js';
import type { StoreConnection, TransactionOptions } from './store.js';

/** Separates the values of a batch, as in RFC 7464. A value that contains it is not JSON. */
export const RECORD_SEPARATOR = '\u001e';

/** A key without a window sorts before all windows. */
const NO_WINDOW = -1n;

/** One record of PAYMENT-TRX-AGGR. The value is the JSON text from the topic, unparsed. */
export interface AggregateRecord {
  readonly customerId: bigint;
  /** Start of the window in epoch milliseconds; `null` for a key without a window. */
  readonly windowStart: bigint | null;
  /** The record's Kafka timestamp in epoch milliseconds. */
  readonly timestamp: bigint;
  readonly value: string;
}

export interface MergeResult {
  readonly inserted: number;
  readonly updated: number;
  readonly pruned: number;
}

/**
 * Settings for transactions that merge. They force one index-based plan for every batch size: a plan made while the
 * table was empty would scan the whole table later. They also keep values out of the server's log if the merge
 * fails, whatever the server's own setting is.
 */
export const MERGE_TRANSACTION: TransactionOptions = {
  settings: {
    plan_cache_mode: 'force_generic_plan',
    enable_seqscan: 'off',
    jit: 'off',
    log_parameter_max_length_on_error: '0',
  },
};

/**
 * Merges aggregate records into `customer_payment` in the caller's transaction (see MERGE_TRANSACTION). The result
 * does not depend on the order of the records, on duplicates, or on how they are split into batches.
 *
 * Pass all records, not only the last one per key and window: the last record covers the earlier ones only if they
 * arrive in order.
 */
export async function mergeRecords(
  tx: StoreConnection,
  records: readonly AggregateRecord[],
): Promise<MergeResult> {
  if (records.length === 0) return { inserted: 0, updated: 0, pruned: 0 };
  const { rows } = await tx.query<MergeResult>(
    MERGE_STATEMENT,
    [
      records.map(({ customerId }) => customerId),
      records.map(({ windowStart }) => windowStart ?? NO_WINDOW),
      records.map(({ timestamp }) => timestamp),
      records.map(({ value }) => value).join(RECORD_SEPARATOR),
    ],
    { name: 'paystream_merge' },
  );
  return rows[0]!;
}
