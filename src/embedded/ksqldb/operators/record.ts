import type { RecordHeader } from '../../kafka/records/record-batch.js';
import type { WindowBounds } from '../state/materialized-table.js';
import type { Value } from '../types/value.js';

/** The values of a step's columns, in the order of its schema. Never changed once handed on. */
export type Row = readonly Value[];

/** What flows from operator to operator: a stream's record, or a table's change. */
export interface Rec {
  /** Null: a stream's record without key. */
  readonly key: readonly Value[] | null;
  readonly window: WindowBounds | null;
  /** Null: a stream's record without value, or a table's row that is gone. */
  readonly row: Row | null;
  /** Tables: the row before, null if there was none or nobody asked for it. */
  readonly old: Row | null;
  /** Milliseconds since 1970. */
  readonly time: number;
  /** The partition that the operator works for: Kafka Streams' task. */
  readonly partition: number;
  readonly headers: readonly RecordHeader[];
}

export type Next = (record: Rec) => void;

/** A table's rows as joins and pull queries look them up. */
export interface TableView {
  get(partition: number, key: readonly Value[], window: WindowBounds | null): TableRow | undefined;
  /** All rows of a partition; those of a windowed key with their windows. */
  rows(partition: number): Iterable<TableRow>;
  /** The rows of one key, in the order of their windows. */
  rowsOf(partition: number, key: readonly Value[]): Iterable<TableRow>;
}

export interface TableRow {
  readonly key: readonly Value[];
  readonly window: WindowBounds | null;
  readonly row: Row;
  readonly time: number;
}

/** The record under another key, in the partition where that key belongs. */
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
