import type { Expression } from '../../../sql/ast.js';
import { columnsOf } from '../expressions/rewrite.js';

/** What the operator above asks of the ones below. */
export interface Demand {
  /** Changes must carry the row before. */
  readonly old: boolean;
  /** Rows must be looked up: a join above, or pull queries. */
  readonly view: boolean;
  /** The columns of the row that are read above; all of them, if absent. */
  readonly columns?: ReadonlySet<string>;
}

/** The demand of a step that reads only what its expressions name. */
export function demandFor(demand: Demand, expressions: readonly Expression[]): Demand {
  const columns = new Set(expressions.flatMap(columnsOf).map((column) => column.name));
  return { old: demand.old, view: demand.view, columns };
}

/** The demand of a step that hands the row on, and reads what its expressions name. */
export function demandAlso(demand: Demand, expressions: readonly Expression[]): Demand {
  const { columns } = demand;
  if (columns === undefined) return demand;
  return {
    ...demand,
    columns: new Set([...columns, ...expressions.flatMap(columnsOf).map((column) => column.name)]),
  };
}
