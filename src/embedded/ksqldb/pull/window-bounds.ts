import type { Expression } from '../../../sql/ast.js';
import { KsqlException } from '../errors.js';
import { expressionText } from '../expressions/expression-text.js';
import { isWindowBound } from '../schema/system-columns.js';
import type { Value } from '../types/value.js';
import { columnSide, comparisonName, conjunctsOf, otherSide } from './comparison.js';
import { invalidWhere } from './pull-query-errors.js';

/**
 * ksqlDB accepts one equality, or one lower and one upper bound, for each of WINDOWSTART and WINDOWEND. The bounds
 * themselves are applied by the filter.
 */
export function checkWindowBounds(
  disjunct: Expression,
  resolveBigint: (expression: Expression) => Value,
): void {
  const seen = new Map<string, Set<string>>();
  for (const part of conjunctsOf(disjunct)) {
    if (part.kind !== 'Comparison') continue;
    const column = columnSide(part);
    if (column === undefined || !isWindowBound(column.name)) continue;
    checkBound(otherSide(part), resolveBigint);
    const isInverted = part.right.kind === 'Column';
    const isLess = part.op.startsWith('<') !== isInverted;
    const bound = part.op === '=' ? 'EQUAL' : isLess ? 'LESS_THAN' : 'GREATER_THAN';
    const bounds = seen.get(column.name) ?? new Set();
    seen.set(column.name, bounds);
    if (bounds.has(bound)) {
      const shown = part.op === '=' ? comparisonName(part) : bound;
      throw invalidWhere(`Duplicate \`${column.name}\` bounds on: ${shown}`, true);
    }
    bounds.add(bound);
    if (bounds.has('EQUAL') && bounds.size > 1) {
      throw invalidWhere(
        `\`${expressionText(part)}\` cannot be combined with other \`${column.name}\` bounds`,
        true,
      );
    }
  }
}

function checkBound(bound: Expression, resolve: (expression: Expression) => Value): void {
  if (bound.kind === 'Integer' || bound.kind === 'Long' || bound.kind === 'String') return;
  try {
    resolve(bound);
  } catch (error) {
    if (!(error instanceof KsqlException)) throw error;
    throw invalidWhere(
      'Window bounds must resolve to an INT, BIGINT, or STRING containing a datetime.',
      true,
    );
  }
}
