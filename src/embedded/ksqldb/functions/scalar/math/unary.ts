/** Functions of one number that return a DOUBLE. */
import { nullSafe, P_BIGINT, P_DOUBLE, P_INT, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';
import { naturalLogarithm } from './natural-logarithm.js';

function unary(
  name: string,
  description: string,
  compute: (value: number) => number,
  parameter = 'value',
): ScalarFunction {
  // A BIGINT is first converted to the nearest double, like Java's doubleValue.
  const implementation = nullSafe((value: number | bigint) => compute(Number(value)));
  return scalar(
    name,
    { category: 'MATHEMATICAL', description },
    ...[P_INT, P_BIGINT, P_DOUBLE].map((type) =>
      signature([param(parameter, type, 'The number')], P_DOUBLE, implementation, description),
    ),
  );
}

export const UNARY_MATH: readonly ScalarFunction[] = [
  unary('ACOS', 'The arc cosine of a number, in radians.', Math.acos),
  unary('ASIN', 'The arc sine of a number, in radians.', Math.asin),
  unary('ATAN', 'The arc tangent of a number, in radians.', Math.atan),
  unary('CBRT', 'The cube root of a number.', Math.cbrt),
  unary('COS', 'The cosine of an angle in radians.', Math.cos),
  unary('COSH', 'The hyperbolic cosine of a number.', Math.cosh),
  unary('COT', 'The cotangent of an angle in radians.', (value) => 1 / Math.tan(value)),
  unary('DEGREES', 'An angle in radians as degrees.', (value) => value * 57.29577951308232),
  unary('EXP', 'e to the power of a number.', Math.exp, 'exponent'),
  unary('LN', 'The natural logarithm of a number.', naturalLogarithm),
  unary('RADIANS', 'An angle in degrees as radians.', (value) => value * 0.017453292519943295),
  unary('SIN', 'The sine of an angle in radians.', Math.sin),
  unary('SINH', 'The hyperbolic sine of a number.', Math.sinh),
  unary('SQRT', 'The square root of a number.', Math.sqrt),
  unary('TAN', 'The tangent of an angle in radians.', Math.tan),
  unary('TANH', 'The hyperbolic tangent of a number.', Math.tanh),
];
