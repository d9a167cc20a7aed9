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
 * while the table was empty would scan all of it later.
 */
export const MERGE_TRANSACTION: TransactionOptions = {
  settings: { plan_cache_mode: 'force_generic_plan', enable_seqscan: 'off', jit: 'off' },
};

interface MergeRow extends MergeResult {
  readonly repeated: string;
}

async function execute(tx: StoreConnection, records: readonly AggregateRecord[]): Promise<MergeRow> {
  const customers = [...new Set(records.map(({ customerId }) => customerId))].sort((a, b) =>
    a < b ? -1 : 1,
  );
  const { rows } = await tx.query<MergeRow>(
    MERGE_STATEMENT,
    [
      records.map(({ customerId }) => customerId),
      records.map(({ windowStart }) => windowStart ?? NO_WINDOW),
      records.map(({ offset }) => offset),
      records.map(({ timestamp }) => timestamp),
      records.map(({ value }) => value).join(RECORD_SEPARATOR),
      customers,
    ],
    { name: 'paystream_merge' },
  );
  return rows[0]!;
}

/**
 * Merges aggregate records into `customer_payment`, in the caller's transaction (see MERGE_TRANSACTION).
 * The result does not depend on the order, repetition or splitting of the records.
 *
 * Of the records of one key and window only the last is merged: it holds all that the earlier ones held, or five
 * payments that are newer. The exception is a record in which one payment stands in two versions: it may have pushed
 * out a payment that is still among the five newest, so for that customer the earlier records are merged too.
 */
export async function mergeRecords(
  tx: StoreConnection,
  records: readonly AggregateRecord[],
): Promise<MergeResult> {
  if (records.length === 0) return { inserted: 0, updated: 0, pruned: 0 };
  const groups = new Map<string, AggregateRecord[]>();
  for (const record of records) {
    const key = `${record.customerId}/${record.windowStart}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [record]);
    else group.push(record);
  }
  const last = [...groups.values()].map((group) =>
    group.reduce((newest, record) => (record.offset >= newest.offset ? record : newest)),
  );
  const result = await execute(tx, last);
  // PostgreSQL's text of an integer array: {1,2,3}
  const repeated = new Set(result.repeated === '{}' ? [] : result.repeated.slice(1, -1).split(','));
  const merged = new Set(last);
  const history = records.filter(
    (record) => !merged.has(record) && repeated.has(record.customerId.toString()),
  );
  if (history.length === 0) return result;
  const more = await execute(tx, history);
  return {
    inserted: result.inserted + more.inserted,
    updated: result.updated + more.updated,
    pruned: result.pruned + more.pruned,
  };
}
