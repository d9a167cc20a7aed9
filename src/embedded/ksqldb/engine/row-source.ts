/** The result of a query, independent of the format in which it is sent. */
import type { SqlType } from '../../../sql/sql-type.js';
import type { Column } from '../schema/schema.js';
import type { Value } from '../types/value.js';

export interface RowOutput {
  /** Sends a row. If it returns false, wait for `drained` before sending more; extra rows are buffered. */
  row(values: readonly Value[], isTombstone: boolean): boolean;
  /** Resolves when the output can take more rows or is closed. */
  drained(): Promise<void>;
  /** True if the client is gone. */
  readonly isClosed: boolean;
  onClose(listener: () => void): void;
}

/** Why a query ended, as reported to the client. `none` is not reported. */
export type Ending = 'Limit Reached' | 'Query Completed' | 'none';

export interface RowSource {
  readonly queryId: string;
  /** Push queries end only at their limit. */
  readonly kind: 'PULL_TABLE' | 'PULL_STREAM' | 'PUSH';
  readonly columns: readonly Column[];
  /** The types of a row's values, if their order differs from the columns'. */
  readonly rowTypes?: readonly SqlType[];
  /** The schema in the header of the `row` format, such as `` `K` STRING KEY, `V` BIGINT ``. */
  readonly schemaText: string;
  /** Sends rows until the query ends or the output is closed. Rejects if the query fails. */
  run(output: RowOutput): Promise<Ending>;
}
