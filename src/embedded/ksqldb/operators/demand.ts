import type { Expression } from '../../../sql/ast.js';
import { columnsOf } from '../expressions/rewrite.js';

/** What an operator requires of its input. */
export interface Demand {
  /** Changes must carry the old row. */
  readonly old: boolean;
  /** Rows must be available for lookups by joins and pull queries. */
  readonly view: boolean;
  /** The columns that are read downstream (default: all). */
  readonly columns?: ReadonlySet<string>;
}

/** Returns the demand of a step that reads only the columns in its expressions. */
export function demandFor(demand: Demand, expressions: readonly Expression[]): Demand {
  const columns = new Set(expressions.flatMap(columnsOf).map((column) => column.name));
  return { old: demand.old, view: demand.view, columns };
}

/** Returns the demand of a step that passes rows on and also reads the columns in its expressions. */
export function demandAlso(demand: Demand, expressions: readonly Expression[]): Demand {
  const { columns } = demand;
  if (columns === undefined) return demand;
  return {
    ...demand,
    columns: new Set([...columns, ...expressions.flatMap(columnsOf).map((column) => column.name)]),
  };
}
