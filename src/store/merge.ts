import { MERGE_STATEMENT } from './merge-statement.js';
import type { StoreConnection, TransactionOptions } from './store.js';

/** Between the values of a batch (as in RFC 7464): a value that holds it is not JSON. */
export const RECORD_SEPARATOR = '\u001e';

/** A key without window is like one that comes before all windows. */
const NO_WINDOW = -1n;

/** One record of PAYMENT-TRX-AGGR, its value still the JSON text that was on the topic. */
export interface AggregateRecord {
  readonly customerId: bigint;
  /** Start of the window, epoch milliseconds; `null` for a key without window. */
  readonly windowStart: bigint | null;
  readonly offset: bigint;
  /** The record's Kafka timestamp, epoch milliseconds. */
  readonly timestamp: bigint;
  readonly value: string;
}

export interface MergeResult {
  readonly inserted: number;
  readonly updated: number;
  readonly pruned: number;
}

/**
 * For transactions that merge: one plan for every size of batch, made without row estimates, since a plan made
 * while the table was empty would scan all of it later. And no values in the server's log should the merge fail,
 * whatever the server's own setting is.
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
 * Merges aggregate records into `customer_payment`, in the caller's transaction (see MERGE_TRANSACTION).
 * The result does not depend on the order, repetition or splitting of the records.
 *
 * All records are merged, not only the last one of a key and window: that one holds what the earlier ones held only
 * as long as they come in the order in which they were made, and a record in which one payment stands in two versions
 * has pushed out a payment that is still among the five newest.
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
      records.map(({ offset }) => offset),
      records.map(({ timestamp }) => timestamp),
      records.map(({ value }) => value).join(RECORD_SEPARATOR),
    ],
    { name: 'paystream_merge' },
  );
  return rows[0]!;
}
