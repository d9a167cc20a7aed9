/** What an expression needs to know of its surroundings to be typed and compiled. */
import type { ColumnReference } from '../../../sql/ast.js';
import type { SqlType } from '../../../sql/sql-type.js';
import type { FunctionRegistry } from '../functions/registry.js';
import type { Value } from '../types/value.js';

/**
 * A row as expressions see it: one flat array. Which slot holds which column is the scope's business; an operator
 * lays its rows out once (value columns, pseudo columns, key columns, window bounds) and hands them on.
 */
export type Slots = readonly Value[];

/** A compiled expression. */
export type Evaluator = (row: Slots) => Value;

export interface SlotColumn {
  readonly slot: number;
  readonly type: SqlType;
}

export interface Scope {
  /** Throws a KsqlException in ksqlDB's words if there is no such column. */
  resolve(reference: ColumnReference): SlotColumn;
  readonly functions: FunctionRegistry;
  readonly config: ReadonlyMap<string, string>;
  /** A function or an expression failed for a row: the message goes to the processing log, NULL is taken. */
  readonly onError: (message: string, cause: unknown) => void;
}
