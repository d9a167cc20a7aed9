import type { ColumnReference, Comparison, Expression } from '../../../sql/ast.js';

/** Returns the operands of the ANDs in a disjunct. */
export function conjunctsOf(e: Expression): readonly Expression[] {
  return e.kind === 'Logical' && e.op === 'AND' ? [...conjunctsOf(e.left), ...conjunctsOf(e.right)] : [e];
}

/** Returns the side of a comparison that is a column. If both are, returns the right one. */
export function columnSide({ left, right }: Comparison): ColumnReference | undefined {
  if (right.kind === 'Column') return right;
  return left.kind === 'Column' ? left : undefined;
}

export function otherSide({ left, right }: Comparison): Expression {
  return right.kind === 'Column' ? left : right;
}

const names: Readonly<Record<Comparison['op'], string>> = {
  '=': 'EQUAL',
  '<>': 'NOT_EQUAL',
  '<': 'LESS_THAN',
  '<=': 'LESS_THAN_OR_EQUAL',
  '>': 'GREATER_THAN',
  '>=': 'GREATER_THAN_OR_EQUAL',
  'IS DISTINCT FROM': 'IS_DISTINCT_FROM',
  'IS NOT DISTINCT FROM': 'IS_NOT_DISTINCT_FROM',
};

export function comparisonName({ op }: Comparison): string {
  return names[op];
}
