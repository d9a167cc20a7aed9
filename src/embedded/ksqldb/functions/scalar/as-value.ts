import type { Value } from '../../types/value.js';
import { P_T, param, scalar, signature } from '../define.js';
import type { ScalarFunction } from '../function.js';

export const AS_VALUE: ScalarFunction = scalar(
  'AS_VALUE',
  {
    category: 'OTHER',
    description:
      'Copies a key column into the value, in the projection of a query; elsewhere it changes nothing.',
  },
  signature([param('keyColumn', P_T)], P_T, (value: Value) => value),
);
