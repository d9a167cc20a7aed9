import type { RecordHeader } from '../../kafka/records/record-batch.js';
import type { WindowBounds } from '../state/materialized-table.js';
import type { Value } from '../types/value.js';

/** The values of a step's columns, in the order of its schema. Immutable once passed on. */
export type Row = readonly Value[];

/** What flows between operators: a record of a stream, or a change of a table. */
export interface Rec {
  /** Null for a stream record without a key. */
  readonly key: readonly Value[] | null;
  readonly window: WindowBounds | null;
  /** Null for a stream record without a value, or a deleted table row. */
  readonly row: Row | null;
  /** For tables, the old row; null if there was none or no operator demands it. */
  readonly old: Row | null;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The partition that the record is processed in, which corresponds to a task of Kafka Streams. */
  readonly partition: number;
  readonly headers: readonly RecordHeader[];
}

export type Next = (record: Rec) => void;

/** A table's rows, for lookups by joins and pull queries. */
export interface TableView {
  get(partition: number, key: readonly Value[], window: WindowBounds | null): TableRow | undefined;
  /** Returns all rows of a partition, with a row per window if the key is windowed. */
  rows(partition: number): Iterable<TableRow>;
  /** Returns the rows of one key, ordered by window. */
  rowsOf(partition: number, key: readonly Value[]): Iterable<TableRow>;
}

export interface TableRow {
  readonly key: readonly Value[];
  readonly window: WindowBounds | null;
  readonly row: Row;
  readonly time: number;
}

/** Returns the record with another key, in the partition of that key. */
export function moveTo(record: Rec, key: Rec['key'], window: Rec['window'], partition: number): Rec {
  return {
    key,
    window,
    row: record.row,
    old: record.old,
    time: record.time,
    partition,
    headers: record.headers,
  };
}
