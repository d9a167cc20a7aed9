import { equalValues } from '../../../types/compare.js';
import type { Value } from '../../../types/value.js';
import { P_T, param, scalar, signature, variadic } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

const CATEGORY = 'CONDITIONAL';

export const COALESCE: ScalarFunction = scalar(
  'COALESCE',
  { category: CATEGORY, description: 'The first argument that is not NULL.' },
  signature([param('first', P_T), variadic('others', P_T)], P_T, (first: Value, ...others: Value[]) => {
    if (first !== null) return first;
    for (let i = 0; i < others.length; i++) {
      if (others[i] !== null) return others[i]!;
    }
    return null;
  }),
);

export const IFNULL: ScalarFunction = scalar(
  'IFNULL',
  { category: CATEGORY, description: 'The first argument, or the second if the first is NULL.' },
  signature(
    [param('expression', P_T, 'The value'), param('altValue', P_T, 'What stands for NULL')],
    P_T,
    (expression: Value, alternative: Value) => (expression === null ? alternative : expression),
  ),
);

export const NULLIF: ScalarFunction = scalar(
  'NULLIF',
  { category: CATEGORY, description: 'NULL if the two arguments are equal, else the first.' },
  signature(
    [param('expr1', P_T, 'The value'), param('expr2', P_T, 'What counts as NULL')],
    P_T,
    (expression: Value, nothing: Value) => (equalValues(expression, nothing) ? null : expression),
  ),
);
