/**
 * Computes the precision and scale of decimal results, and fits values to a decimal type.
 *
 * Source: https://docs.ksqldb.io/en/latest/reference/sql/data-types/#decimal and ksqlDB's SqlDecimal, DecimalUtil.
 */
import { type DecimalType, decimalType, type SqlType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { Decimal } from './decimal.js';
import { EvaluationError } from './evaluation-error.js';

const INTEGER_AS_DECIMAL = decimalType(10, 0);
const BIGINT_AS_DECIMAL = decimalType(19, 0);

/** @throws KsqlException unless 1 <= precision and 0 <= scale <= precision */
export function checkedDecimalType(precision: number, scale: number): DecimalType {
  if (precision < 1)
    throw new KsqlException(`DECIMAL precision must be >= 1: DECIMAL(${precision},${scale})`);
  if (scale < 0) throw new KsqlException(`DECIMAL scale must be >= 0: DECIMAL(${precision},${scale})`);
  if (precision < scale) {
    throw new KsqlException(`DECIMAL precision must be >= scale: DECIMAL(${precision},${scale})`);
  }
  return decimalType(precision, scale);
}

/** Returns the decimal type that holds every value of a DECIMAL, INTEGER or BIGINT. */
export function asDecimalType(type: SqlType): DecimalType {
  switch (type.base) {
    case 'DECIMAL':
      return type;
    case 'INTEGER':
      return INTEGER_AS_DECIMAL;
    case 'BIGINT':
      return BIGINT_AS_DECIMAL;
    default:
      throw new KsqlException(`Cannot convert ${type.base} to DECIMAL.`);
  }
}

export function decimalResultType(
  op: '+' | '-' | '*' | '/' | '%',
  l: DecimalType,
  r: DecimalType,
): DecimalType {
  const wholeL = l.precision - l.scale;
  const wholeR = r.precision - r.scale;
  const widest = Math.max(l.scale, r.scale);
  switch (op) {
    case '+':
    case '-':
      return checkedDecimalType(widest + Math.max(wholeL, wholeR) + 1, widest);
    case '*':
      return checkedDecimalType(l.precision + r.precision + 1, l.scale + r.scale);
    case '/': {
      const scale = Math.max(6, l.scale + r.precision + 1);
      return checkedDecimalType(wholeL + r.scale + scale, scale);
    }
    case '%':
      return checkedDecimalType(Math.min(wholeL, wholeR) + widest, widest);
  }
}

/** Returns a decimal type that holds every value of both types. */
export function widestDecimalType(a: SqlType, b: SqlType): DecimalType {
  const l = asDecimalType(a);
  const r = asDecimalType(b);
  const scale = Math.max(l.scale, r.scale);
  return checkedDecimalType(Math.max(l.precision - l.scale, r.precision - r.scale) + scale, scale);
}

/** Tests whether every value of `from` fits into `to` without losing digits. */
export function decimalTypeFits(from: DecimalType, to: DecimalType): boolean {
  return from.scale <= to.scale && from.precision - from.scale <= to.precision - to.scale;
}

/** Returns the type of a literal. A number between -1 and 1 counts the zero before the point as a digit. */
export function decimalTypeOf(value: Decimal): DecimalType {
  const plain = value.scale < 0 ? value.setScale(0) : value;
  return plain.integerPartBelow(0)
    ? checkedDecimalType(plain.scale + 1, plain.scale)
    : checkedDecimalType(plain.precision(), plain.scale);
}

/** @throws EvaluationError ARITHMETIC if the integer part has more than `precision - scale` digits */
function checkMagnitude(value: Decimal, precision: number, scale: number): void {
  if (!value.integerPartBelow(precision - scale)) {
    const digits = precision - scale;
    throw new EvaluationError(
      'ARITHMETIC',
      `Numeric field overflow: A field with precision ${precision} and scale ${scale} ` +
        `must round to an absolute value less than 10^${digits}. Got ${value.toString()}`,
    );
  }
}

/**
 * Returns the value with the type's scale, without rounding.
 *
 * @throws KsqlException if a decimal place would be lost
 * @throws EvaluationError ARITHMETIC if it is too large
 */
export function fitDecimal(value: Decimal, precision: number, scale: number): Decimal {
  checkMagnitude(value, precision, scale);
  if (value.scale > scale && !value.fits(precision, scale)) {
    throw new KsqlException(
      `Cannot fit decimal '${value.toString()}' into DECIMAL(${precision}, ${scale}) without rounding. ` +
        `(Requires ${value.precision()},${value.scale})`,
    );
  }
  return value.setScale(scale);
}

/** Returns the value with the type's scale, rounded half up like CAST. */
export function castDecimal(value: Decimal, precision: number, scale: number): Decimal {
  checkMagnitude(value, precision, scale);
  return value.setScale(scale, 'HALF_UP');
}

/** Converts an integer to a decimal of the type. */
export function castIntegerToDecimal(value: bigint, precision: number, scale: number): Decimal {
  const decimal = new Decimal(value, 0);
  checkMagnitude(decimal, precision, scale);
  return decimal.setScale(scale);
}

/** Converts a double to a decimal of the type: rounds its exact binary value to the precision, then to the scale. */
export function castNumberToDecimal(value: number, precision: number, scale: number): Decimal {
  return castDecimal(Decimal.fromNumberExactly(value).round(precision, 'HALF_UP'), precision, scale);
}
