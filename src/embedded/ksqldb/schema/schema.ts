import type { SqlType } from '../../../sql/sql-type.js';

export interface Column {
  /** As stored: upper-cased unless it was quoted. */
  readonly name: string;
  readonly type: SqlType;
}

/** A value column that is filled from the record's headers: all of them, or one by its name. */
export interface HeaderColumn extends Column {
  /** Absent: ARRAY<STRUCT<KEY STRING, VALUE BYTES>> of all headers. */
  readonly header?: string;
}

/** The columns of a source: those in the record's key and those in its value, each in the order declared. */
export interface LogicalSchema {
  readonly key: readonly Column[];
  readonly value: readonly Column[];
  readonly headers: readonly HeaderColumn[];
}

/** How a windowed key's window is to be read: by its start (time windows of a known size) or by both ends. */
export interface WindowInfo {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** Milliseconds; absent for sessions. */
  readonly sizeMs?: number;
}
