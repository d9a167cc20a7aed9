import type { SqlType } from '../../../sql/sql-type.js';

export interface Column {
  /** In upper case unless the statement quotes it. */
  readonly name: string;
  readonly type: SqlType;
}

/** A value column that holds the record's headers, or the one with a given name. */
export interface HeaderColumn extends Column {
  /** The header's name. Absent for all headers, as ARRAY<STRUCT<KEY STRING, VALUE BYTES>>. */
  readonly header?: string;
}

/** The key columns and value columns of a source, each in the order of their declaration. */
export interface LogicalSchema {
  readonly key: readonly Column[];
  readonly value: readonly Column[];
  readonly headers: readonly HeaderColumn[];
}

/** The windows of a windowed key. Keys of time windows hold the start; keys of sessions hold both bounds. */
export interface WindowInfo {
  readonly type: 'TUMBLING' | 'HOPPING' | 'SESSION';
  /** Window size in milliseconds. Absent for sessions. */
  readonly sizeMs?: number;
}
