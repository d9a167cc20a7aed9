import type { Column, WindowInfo } from '../schema/schema.js';
import type { Value } from '../types/value.js';

/** Bounds of a window in milliseconds; `end` is exclusive for time windows, the last record's time for sessions. */
export interface WindowBounds {
  readonly start: number;
  readonly end: number;
}

export interface MaterializedRow {
  /** The key columns' values. */
  readonly key: readonly Value[];
  /** The value columns' values, in the order of the schema. */
  readonly value: readonly Value[];
  /** ROWTIME. */
  readonly time: number;
  readonly partition: number;
  readonly window?: WindowBounds;
}

/**
 * A table's current state as pull queries read it: a snapshot of what the query has processed. Rows come in no
 * order that ksqlDB promises; windows of one key come by start.
 */
export interface MaterializedTable {
  readonly keyColumns: readonly Column[];
  readonly valueColumns: readonly Column[];
  readonly window?: WindowInfo;
  /** All rows of one key: at most one where the table is not windowed. */
  get(key: readonly Value[]): readonly MaterializedRow[];
  /** Rows of single-column keys between two bounds, each inclusive, absent for open, in the key's byte order. */
  range(from: Value | undefined, to: Value | undefined): Iterable<MaterializedRow>;
  scan(): Iterable<MaterializedRow>;
}
