/** ABS, SIGN, CEIL, FLOOR, ROUND and TRUNC. */

import { KsqlException } from '../../../errors.js';
import { doubleToBigint } from '../../../types/cast.js';
import { Decimal, type RoundingMode } from '../../../types/decimal.js';
import { checkedDecimalType } from '../../../types/decimal-type.js';
import {
  nullSafe,
  nullSafe2,
  P_BIGINT,
  P_DECIMAL,
  P_DOUBLE,
  P_INT,
  param,
  scalar,
  signature,
  sqlTypeOf,
} from '../../define.js';
import type { ReturnType, ScalarFunction, ScalarSignature } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

const CATEGORY = 'MATHEMATICAL';
const DOCUMENTED = { documented: P_DECIMAL };

/** Returns the decimal type of the first argument. */
const sameDecimal: ReturnType = (args) => sqlTypeOf(args[0]);

/** Returns the type without decimal places: DECIMAL(p, s) becomes DECIMAL(p - s, 0). */
const wholeDecimal: ReturnType = (args) => {
  const type = sqlTypeOf(args[0]);
  if (type.base !== 'DECIMAL') throw new KsqlException(`Expected a DECIMAL, but got ${type.base}.`);
  return checkedDecimalType(type.precision - type.scale, 0);
};

export const ABS: ScalarFunction = scalar(
  'ABS',
  { category: CATEGORY, description: 'A number without its sign.' },
  // As in Java, the smallest integer has no positive counterpart and stays unchanged.
  signature(
    [param('val', P_INT)],
    P_INT,
    nullSafe((val: number) => Math.abs(val) | 0),
  ),
  signature(
    [param('val', P_BIGINT)],
    P_BIGINT,
    nullSafe((val: bigint) => BigInt.asIntN(64, val < 0n ? -val : val)),
  ),
  signature([param('val', P_DOUBLE)], P_DOUBLE, nullSafe(Math.abs)),
  signature(
    [param('val', P_DECIMAL)],
    sameDecimal,
    nullSafe((val: Decimal) => val.abs()),
    DOCUMENTED,
  ),
);

export const SIGN: ScalarFunction = scalar(
  'SIGN',
  { category: CATEGORY, description: 'The sign of a number: 1, 0 or -1.' },
  ...[P_INT, P_BIGINT, P_DOUBLE].map((type) =>
    signature(
      [param('value', type, 'The number')],
      P_INT,
      nullSafe((value: number | bigint) => (value > 0 ? 1 : value < 0 ? -1 : 0)),
      'The sign: 1, 0 or -1',
    ),
  ),
);

const identity = <T>(val: T): T => val;

function toWhole(name: string, description: string, round: (val: number) => number, mode: RoundingMode) {
  return scalar(
    name,
    { category: CATEGORY, description },
    signature([param('val', P_INT)], P_INT, identity<number>),
    signature([param('val', P_BIGINT)], P_BIGINT, identity<bigint>),
    signature([param('val', P_DOUBLE)], P_DOUBLE, nullSafe(round)),
    signature(
      [param('val', P_DECIMAL)],
      sameDecimal,
      nullSafe((val: Decimal) => val.setScale(0, mode).setScale(val.scale)),
      DOCUMENTED,
    ),
  );
}

export const CEIL: ScalarFunction = toWhole(
  'CEIL',
  'The smallest whole number that is not less than the number.',
  Math.ceil,
  'CEILING',
);

export const FLOOR: ScalarFunction = toWhole(
  'FLOOR',
  'The largest whole number that is not more than the number.',
  Math.floor,
  'FLOOR',
);

type Rounder = (value: Decimal, places: number) => Decimal;

/** More digits than any double or decimal has on either side of the point. Beyond this, only the cost changes. */
const MOST_PLACES = 1100;
/** The limit of Java's numbers. */
const JAVA_PLACES = 646_456_993;

function bounded(value: Decimal, places: number): number {
  const size = Math.abs(places);
  if (size > JAVA_PLACES && value.unscaled !== 0n) {
    throw new KsqlFunctionException(`Cannot round to ${places} places`);
  }
  return Math.sign(places) * Math.min(size, MOST_PLACES);
}

function toPlaces(wholeDouble: (val: number) => bigint, round: Rounder): readonly ScalarSignature[] {
  const places = param('decimalPlaces', P_INT);
  return [
    signature([param('val', P_BIGINT)], P_BIGINT, identity<bigint>),
    signature(
      [param('val', P_INT)],
      P_BIGINT,
      nullSafe((val: number) => BigInt(val)),
    ),
    signature([param('val', P_DOUBLE)], P_BIGINT, nullSafe(wholeDouble)),
    signature(
      [param('val', P_DOUBLE), places],
      P_DOUBLE,
      nullSafe2((val: number, digits: number) => {
        const decimal = Decimal.fromNumber(val);
        return round(decimal, bounded(decimal, digits)).toNumber();
      }),
    ),
    signature(
      [param('val', P_DECIMAL)],
      wholeDecimal,
      nullSafe((val: Decimal) => round(val, 0)),
      DOCUMENTED,
    ),
    signature(
      [param('val', P_DECIMAL), places],
      sameDecimal,
      // The type keeps its scale for any number of places (ksqlDB issue 6235).
      nullSafe2((val: Decimal, digits: number) => round(val, bounded(val, digits)).setScale(val.scale)),
      DOCUMENTED,
    ),
  ];
}

/** Rounds half towards positive infinity: -1.5 becomes -1. */
const roundHalfUp: Rounder = (value, places) =>
  value.setScale(places, value.signum() > 0 ? 'HALF_UP' : 'HALF_DOWN');

export const ROUND: ScalarFunction = scalar(
  'ROUND',
  {
    category: CATEGORY,
    description:
      'Rounds a number to a number of decimal places, 0 if it is left out; a negative one rounds before the point. ' +
      'A half is rounded up, towards the positive numbers.',
  },
  ...toPlaces((val) => doubleToBigint(Math.round(val)), roundHalfUp),
);

export const TRUNC: ScalarFunction = scalar(
  'TRUNC',
  {
    category: CATEGORY,
    description:
      'Cuts a number off after a number of decimal places, 0 if it is left out; a negative one cuts before the point.',
  },
  ...toPlaces(doubleToBigint, (value, places) => value.setScale(places, 'DOWN')),
);
