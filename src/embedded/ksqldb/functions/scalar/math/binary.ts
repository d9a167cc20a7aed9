/** Functions of two numbers (logarithms, powers, angles), and the two without arguments. */
import { nullSafe, nullSafe2, P_BIGINT, P_DOUBLE, P_INT, param, scalar, signature } from '../../define.js';
import type { ParamType, ScalarFunction } from '../../function.js';
import { naturalLogarithm } from './natural-logarithm.js';

const CATEGORY = 'MATHEMATICAL';
const NUMERIC: readonly ParamType[] = [P_INT, P_BIGINT, P_DOUBLE];

type Numeric = number | bigint;

const power = nullSafe2((base: Numeric, exponent: Numeric) => Number(base) ** Number(exponent));

export const POWER: ScalarFunction = scalar(
  'POWER',
  { category: CATEGORY, description: 'A number raised to a power.' },
  ...NUMERIC.map((type) =>
    signature(
      [param('base', type, 'The number'), param('exponent', type, 'The power')],
      P_DOUBLE,
      power,
      'The base raised to the exponent',
    ),
  ),
);

const atan2 = nullSafe2((y: Numeric, x: Numeric) => Math.atan2(Number(y), Number(x)));

export const ATAN2: ScalarFunction = scalar(
  'ATAN2',
  {
    category: CATEGORY,
    description: 'The angle in radians of the point (x, y), seen from the origin: the arc tangent of y / x.',
  },
  ...NUMERIC.map((type) =>
    signature(
      [param('y', type, 'The ordinate'), param('x', type, 'The abscissa')],
      P_DOUBLE,
      atan2,
      'The arc tangent of y / x',
    ),
  ),
);

function logarithm(base: number, value: number): number {
  return base <= 0 || base === 1 ? Number.NaN : naturalLogarithm(value) / naturalLogarithm(base);
}

// With one argument, ksqlDB's LOG is the natural logarithm, although it is documented as the decimal one.
const naturalLog = nullSafe((value: Numeric) => naturalLogarithm(Number(value)));
const logOfBase = nullSafe2((base: Numeric, value: Numeric) => logarithm(Number(base), Number(value)));

export const LOG: ScalarFunction = scalar(
  'LOG',
  { category: CATEGORY, description: 'The logarithm of a number: natural, or to a given base.' },
  ...NUMERIC.map((type) =>
    signature([param('value', type, 'The number')], P_DOUBLE, naturalLog, 'The natural logarithm'),
  ),
  ...NUMERIC.map((type) =>
    signature(
      [param('base', type, 'The base'), param('value', type, 'The number')],
      P_DOUBLE,
      logOfBase,
      'The logarithm to a base; not a number for a base of 1 or below 0',
    ),
  ),
);

export const PI: ScalarFunction = scalar(
  'PI',
  { category: CATEGORY, description: 'The number pi, as exactly as a DOUBLE has it.' },
  signature([], P_DOUBLE, () => Math.PI, 'Pi'),
);

export const RANDOM: ScalarFunction = scalar(
  'RANDOM',
  { category: CATEGORY, description: 'A random number from 0 up to, but not including, 1.', author: '' },
  signature([], P_DOUBLE, () => Math.random()),
);
