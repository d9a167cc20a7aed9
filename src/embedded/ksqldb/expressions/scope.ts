/** What typing and compiling an expression needs to know about its context. */
import type { ColumnReference } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { Value } from '../types/value.js';

/**
 * A row as expressions see it: one flat array. The scope knows which slot holds which column. An operator defines the
 * layout of its rows once: value columns, pseudo columns, key columns, window bounds.
 */
export type Slots = readonly Value[];

/** A compiled expression. */
export type Evaluator = (row: Slots) => Value;

export interface SlotColumn {
  readonly slot: number;
  readonly type: SqlType;
}

export interface Scope {
  /** Finds a column. Throws a KsqlException in ksqlDB's words if it does not exist. */
  resolve(reference: ColumnReference): SlotColumn;
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  /** Reports to the processing log that a function or an expression failed for a row and became NULL. */
  readonly onError: (message: string, cause: unknown) => void;
}
