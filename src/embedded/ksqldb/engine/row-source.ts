/** A query's answer before it is written in any format: its columns, and a way to get its rows. */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';

export interface RowOutput {
  /** False: enough for now, wait for `drained`. Rows after that are still taken. */
  row(values: readonly Value[], isTombstone: boolean): boolean;
  /** Resolves when more rows may come, or nobody waits for them any more. */
  drained(): Promise<void>;
  /** Nobody waits for rows any more. */
  readonly isClosed: boolean;
  onClose(listener: () => void): void;
}

/** How a query ended by itself. `none` is said nothing about. */
export type Ending = 'Limit Reached' | 'Query Completed' | 'none';

export interface RowSource {
  readonly queryId: string;
  /** A push query runs on until its limit; the others end. */
  readonly kind: 'PULL_TABLE' | 'PULL_STREAM' | 'PUSH';
  readonly columns: readonly Column[];
  /** The types of a row's values, where they do not come in the order of the columns. */
  readonly rowTypes?: readonly SqlType[];
  /** As in the header of the `row` format: `` `K` STRING KEY, `V` BIGINT ``. */
  readonly schemaText: string;
  /** Rows until the end, the limit or the close of the output. Rejects if the query fails half way. */
  run(output: RowOutput): Promise<Ending>;
}
