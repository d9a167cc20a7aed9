import type { Value } from '../../types/value.js';
import { arrayOf, P_T, param, table } from '../define.js';
import type { TableFunction } from '../function.js';
import { KsqlFunctionException } from '../function-error.js';

/** ksqlDB's limit: 2^20 rows are a million. */
const MAX_COLUMNS = 20;

/** Returns all combinations of kept and blanked items. A NULL has only one option, so that no row occurs twice. */
function combinations(columns: readonly Value[]): readonly Value[] {
  if (columns.length > MAX_COLUMNS) {
    throw new KsqlFunctionException(
      `cube_explode: too many columns (${columns.length}); max is ${MAX_COLUMNS}`,
    );
  }
  let rows: Value[][] = [[]];
  // The first item changes most slowly: all rows without it come before all rows with it.
  for (const column of columns) {
    rows = rows.flatMap((row) =>
      column === null
        ? [[...row, null]]
        : [
            [...row, null],
            [...row, column],
          ],
    );
  }
  return rows;
}

export const CUBE_EXPLODE: TableFunction = table(
  'CUBE_EXPLODE',
  {
    description:
      'Makes a row of each combination of the given columns: 2^d rows for d columns, in which each column has its ' +
      'value or NULL. A column that is NULL does not double the rows.',
  },
  {
    parameters: [param('columns', arrayOf(P_T))],
    returns: arrayOf(P_T),
    bind: () => (columns) => (columns === null ? [] : combinations(columns as readonly Value[])),
  },
);
