import { nullSafe, P_BYTES, P_INT, P_STRING, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

export const LEN: ScalarFunction = scalar(
  'LEN',
  { category: 'STRING', description: 'The length of a string in UTF-16 units, or of bytes.', author: '' },
  signature(
    [param('input', P_STRING, 'The string')],
    P_INT,
    nullSafe((input: string) => input.length),
  ),
  signature(
    [param('input', P_BYTES, 'The bytes')],
    P_INT,
    nullSafe((input: Buffer) => input.length),
  ),
);
