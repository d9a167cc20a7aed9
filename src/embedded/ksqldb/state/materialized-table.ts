import type { Column, WindowInfo } from '../schema/schema.js';
import type { Value } from '../types/value.js';

/** The bounds of a window in milliseconds. `end` is exclusive for time windows and inclusive for sessions. */
export interface WindowBounds {
  readonly start: number;
  readonly end: number;
}

export interface MaterializedRow {
  /** The values of the key columns. */
  readonly key: readonly Value[];
  /** The values of the value columns, in the order of the schema. */
  readonly value: readonly Value[];
  /** ROWTIME. */
  readonly time: number;
  readonly partition: number;
  readonly window?: WindowBounds;
}

/**
 * A table's current state as pull queries read it. ksqlDB does not define an order of the rows. The windows of one
 * key are in the order of their starts.
 */
export interface MaterializedTable {
  readonly keyColumns: readonly Column[];
  readonly valueColumns: readonly Column[];
  readonly window?: WindowInfo;
  /** All rows of one key. At most one if the table is not windowed. */
  get(key: readonly Value[]): readonly MaterializedRow[];
  /** The rows whose key lies between two inclusive bounds. An undefined bound is open. Single-column keys only. */
  range(from: Value | undefined, to: Value | undefined): Iterable<MaterializedRow>;
  scan(): Iterable<MaterializedRow>;
}
