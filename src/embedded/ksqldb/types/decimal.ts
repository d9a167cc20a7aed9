import { EvaluationError } from './evaluation-error.js';
import { formatJavaDouble } from './java-double.js';

export type RoundingMode =
  | 'UP'
  | 'DOWN'
  | 'CEILING'
  | 'FLOOR'
  | 'HALF_UP'
  | 'HALF_DOWN'
  | 'HALF_EVEN'
  | 'UNNECESSARY';

const POWERS: readonly bigint[] = Array.from({ length: 80 }, (_, i) => 10n ** BigInt(i));
const NUMBER_POWERS: readonly number[] = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));
const MAX_SAFE = BigInt(Number.MAX_SAFE_INTEGER);
const MIN_SAFE = -MAX_SAFE;

/** Returns 10^n as a bigint. */
export function powerOfTen(n: number): bigint {
  return n < POWERS.length ? POWERS[n]! : 10n ** BigInt(n);
}

/** Counts the digits of `n`; 0 has one. */
export function digitCount(n: bigint): number {
  const magnitude = n < 0n ? -n : n;
  let low = 1;
  let high = POWERS.length - 1;
  if (magnitude >= POWERS[high]!) return magnitude.toString().length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (magnitude >= POWERS[middle]!) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * An exact decimal, `unscaled` / 10^`scale`, like Java's BigDecimal.
 *
 * The scale is part of the value (1.0 prints with one decimal place), but `compare` ignores it.
 * It may be negative (1E+3 has scale -3) until a value is fitted to a column's type.
 */
export class Decimal {
  readonly unscaled: bigint;
  readonly scale: number;

  constructor(unscaled: bigint, scale: number) {
    this.unscaled = unscaled;
    this.scale = scale;
  }

  static readonly ZERO = new Decimal(0n, 0);

  /**
   * Parses what Java's `new BigDecimal(text)` accepts: a sign, digits with at most one point, and an exponent. No blanks.
   *
   * @throws EvaluationError NUMBER_FORMAT
   */
  static parse(text: string): Decimal {
    const parsed = Decimal.tryParse(text);
    if (parsed === null) throw new EvaluationError('NUMBER_FORMAT', `Not a decimal number: "${text}"`);
    return parsed;
  }

  /** Parses like `parse`, but returns null for a text that is not a number. */
  static tryParse(text: string): Decimal | null {
    const length = text.length;
    let at = 0;
    const first = text.charCodeAt(0);
    const negative = first === 45;
    if (negative || first === 43) at = 1;
    let small = 0;
    let digits = 0;
    let point = -1;
    const start = at;
    for (; at < length; at++) {
      const code = text.charCodeAt(at);
      if (code >= 48 && code <= 57) {
        small = small * 10 + (code - 48);
        digits++;
      } else if (code === 46 && point < 0) {
        point = at;
      } else break;
    }
    if (digits === 0) return null;
    let scale = point < 0 ? 0 : at - point - 1;
    const end = at;
    if (at < length) {
      const mark = text.charCodeAt(at);
      if (mark !== 101 && mark !== 69) return null;
      const exponent = parseExponent(text, at + 1);
      if (exponent === null) return null;
      scale -= exponent;
    }
    let unscaled: bigint;
    if (digits <= 15) {
      unscaled = BigInt(negative ? -small : small);
    } else {
      const whole =
        point < 0 ? text.slice(start, end) : text.slice(start, point) + text.slice(point + 1, end);
      unscaled = negative ? -BigInt(whole) : BigInt(whole);
    }
    return new Decimal(unscaled, scale);
  }

  static fromBigInt(value: bigint): Decimal {
    return new Decimal(value, 0);
  }

  /**
   * Converts like Java's `BigDecimal.valueOf(double)`, from the double's shortest text (0.1 is 0.1).
   *
   * @throws EvaluationError NUMBER_FORMAT for NaN and the infinities
   */
  static fromNumber(value: number): Decimal {
    if (!Number.isFinite(value)) throw new EvaluationError('NUMBER_FORMAT', 'Infinite or NaN');
    return Decimal.parse(formatJavaDouble(value));
  }

  /**
   * Converts like Java's `new BigDecimal(double)`, exactly (0.1 is 0.1000000000000000055511151231257827...).
   *
   * @throws EvaluationError NUMBER_FORMAT for NaN and the infinities
   */
  static fromNumberExactly(value: number): Decimal {
    if (!Number.isFinite(value)) throw new EvaluationError('NUMBER_FORMAT', 'Infinite or NaN');
    if (Number.isInteger(value)) return new Decimal(BigInt(value), 0);
    let scale = 0;
    let scaled = value;
    // Doubling is exact, and a fraction has at most 1074 binary places.
    while (!Number.isInteger(scaled)) {
      scaled *= 2;
      scale++;
    }
    return new Decimal(BigInt(scaled) * 5n ** BigInt(scale), scale);
  }

  /** The number of digits of the unscaled value; 0 has one. */
  precision(): number {
    return digitCount(this.unscaled);
  }

  signum(): -1 | 0 | 1 {
    return this.unscaled > 0n ? 1 : this.unscaled < 0n ? -1 : 0;
  }

  negate(): Decimal {
    return new Decimal(-this.unscaled, this.scale);
  }

  abs(): Decimal {
    return this.unscaled < 0n ? this.negate() : this;
  }

  add(other: Decimal): Decimal {
    const shift = this.scale - other.scale;
    if (shift === 0) return new Decimal(this.unscaled + other.unscaled, this.scale);
    return shift > 0
      ? new Decimal(this.unscaled + other.unscaled * powerOfTen(shift), this.scale)
      : new Decimal(this.unscaled * powerOfTen(-shift) + other.unscaled, other.scale);
  }

  subtract(other: Decimal): Decimal {
    const shift = this.scale - other.scale;
    if (shift === 0) return new Decimal(this.unscaled - other.unscaled, this.scale);
    return shift > 0
      ? new Decimal(this.unscaled - other.unscaled * powerOfTen(shift), this.scale)
      : new Decimal(this.unscaled * powerOfTen(-shift) - other.unscaled, other.scale);
  }

  multiply(other: Decimal): Decimal {
    return new Decimal(this.unscaled * other.unscaled, this.scale + other.scale);
  }

  /**
   * Divides, with `scale` decimal places in the result.
   *
   * @throws EvaluationError ARITHMETIC for a zero divisor, or if rounding is needed and the mode is UNNECESSARY
   */
  divide(other: Decimal, scale: number, mode: RoundingMode): Decimal {
    if (other.unscaled === 0n) {
      throw new EvaluationError(
        'ARITHMETIC',
        this.unscaled === 0n ? 'Division undefined' : 'Division by zero',
      );
    }
    const shift = scale - this.scale + other.scale;
    const dividend = shift > 0 ? this.unscaled * powerOfTen(shift) : this.unscaled;
    const divisor = shift < 0 ? other.unscaled * powerOfTen(-shift) : other.unscaled;
    return new Decimal(divideRounded(dividend, divisor, mode), scale);
  }

  /**
   * Returns the remainder of the division by `other`, with the sign of the dividend.
   *
   * @throws EvaluationError ARITHMETIC for a zero divisor
   */
  remainder(other: Decimal): Decimal {
    if (other.unscaled === 0n) {
      throw new EvaluationError(
        'ARITHMETIC',
        this.unscaled === 0n ? 'Division undefined' : 'Division by zero',
      );
    }
    const shift = this.scale - other.scale;
    if (shift === 0) return new Decimal(this.unscaled % other.unscaled, this.scale);
    return shift > 0
      ? new Decimal(this.unscaled % (other.unscaled * powerOfTen(shift)), this.scale)
      : new Decimal((this.unscaled * powerOfTen(-shift)) % other.unscaled, other.scale);
  }

  /**
   * Returns the same number with `scale` decimal places.
   *
   * @throws EvaluationError ARITHMETIC if digits would be lost and the mode is UNNECESSARY
   */
  setScale(scale: number, mode: RoundingMode = 'UNNECESSARY'): Decimal {
    const shift = scale - this.scale;
    if (shift === 0) return this;
    if (shift > 0) return new Decimal(this.unscaled * powerOfTen(shift), scale);
    return new Decimal(divideRounded(this.unscaled, powerOfTen(-shift), mode), scale);
  }

  /** Rounds to at most `precision` significant digits. */
  round(precision: number, mode: RoundingMode): Decimal {
    let result: Decimal = this;
    // Rounding 99.9 up adds a digit, so it has to be rounded again.
    for (let excess = result.precision() - precision; excess > 0; excess = result.precision() - precision) {
      result = result.setScale(result.scale - excess, mode);
    }
    return result;
  }

  /** Compares by number: 1.0 equals 1.00. */
  compare(other: Decimal): -1 | 0 | 1 {
    const shift = this.scale - other.scale;
    let a = this.unscaled;
    let b = other.unscaled;
    if (shift > 0) b *= powerOfTen(shift);
    else if (shift < 0) a *= powerOfTen(-shift);
    return a < b ? -1 : a > b ? 1 : 0;
  }

  /** Compares by number and scale like Java's `equals`: 1.0 and 1.00 differ. */
  equals(other: Decimal): boolean {
    return this.scale === other.scale && this.unscaled === other.unscaled;
  }

  /** Tests whether the number fits: at most `precision - scale` integer digits, and no decimal place lost. */
  fits(precision: number, scale: number): boolean {
    if (this.scale > scale && this.unscaled % powerOfTen(this.scale - scale) !== 0n) return false;
    return this.integerPartBelow(precision - scale);
  }

  /** Tests whether the absolute value is less than 10^`digits`. */
  integerPartBelow(digits: number): boolean {
    const places = digits + this.scale;
    const magnitude = this.unscaled < 0n ? -this.unscaled : this.unscaled;
    return places >= 0 ? magnitude < powerOfTen(places) : magnitude === 0n;
  }

  /** Strips trailing zeros: 1.500 becomes 1.5, and 100 becomes 1E+2. */
  stripTrailingZeros(): Decimal {
    if (this.unscaled === 0n) return Decimal.ZERO;
    let unscaled = this.unscaled;
    let scale = this.scale;
    while (unscaled % 10n === 0n) {
      unscaled /= 10n;
      scale--;
    }
    return new Decimal(unscaled, scale);
  }

  /** Returns the nearest double. */
  toNumber(): number {
    const { unscaled, scale } = this;
    // Both operands are exact doubles, so one division rounds once, correctly.
    if (unscaled <= MAX_SAFE && unscaled >= MIN_SAFE && scale >= 0 && scale <= 22) {
      return Number(unscaled) / NUMBER_POWERS[scale]!;
    }
    return Number(`${unscaled}e${-scale}`);
  }

  /** Returns the integer part, truncated. */
  toBigInt(): bigint {
    if (this.scale === 0) return this.unscaled;
    return this.scale > 0 ? this.unscaled / powerOfTen(this.scale) : this.unscaled * powerOfTen(-this.scale);
  }

  /** Formats without an exponent, like Java's `toPlainString`. */
  toString(): string {
    const { scale, unscaled } = this;
    if (scale === 0) return unscaled.toString();
    if (scale < 0) return unscaled === 0n ? '0' : unscaled.toString() + '0'.repeat(-scale);
    const negative = unscaled < 0n;
    let digits = (negative ? -unscaled : unscaled).toString();
    if (digits.length <= scale) digits = digits.padStart(scale + 1, '0');
    const point = digits.length - scale;
    const text = `${digits.slice(0, point)}.${digits.slice(point)}`;
    return negative ? `-${text}` : text;
  }

  /** Formats like Java's `toString`, with an exponent for negative scales and for numbers below 10^-6. */
  toScientificString(): string {
    const digits = (this.unscaled < 0n ? -this.unscaled : this.unscaled).toString();
    const adjusted = digits.length - 1 - this.scale;
    if (this.scale >= 0 && adjusted >= -6) return this.toString();
    const sign = this.unscaled < 0n ? '-' : '';
    const mantissa = digits.length === 1 ? digits : `${digits[0]}.${digits.slice(1)}`;
    return adjusted === 0 ? sign + mantissa : `${sign}${mantissa}E${adjusted > 0 ? '+' : ''}${adjusted}`;
  }
}

function parseExponent(text: string, from: number): number | null {
  let at = from;
  const sign = text.charCodeAt(at);
  if (sign === 45 || sign === 43) at++;
  const digits = text.length - at;
  if (digits < 1 || digits > 10) return null;
  let value = 0;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return null;
    value = value * 10 + (code - 48);
  }
  if (value > 0x7fffffff) return null;
  return sign === 45 ? -value : value;
}

/** Divides two integers and rounds the quotient by `mode`. */
export function divideRounded(a: bigint, b: bigint, mode: RoundingMode): bigint {
  const quotient = a / b;
  const rest = a - quotient * b;
  if (rest === 0n) return quotient;
  const away = a < 0n === b < 0n ? 1n : -1n;
  switch (mode) {
    case 'DOWN':
      return quotient;
    case 'UP':
      return quotient + away;
    case 'CEILING':
      return away > 0n ? quotient + 1n : quotient;
    case 'FLOOR':
      return away < 0n ? quotient - 1n : quotient;
    case 'UNNECESSARY':
      throw new EvaluationError('ARITHMETIC', 'Rounding necessary');
    default: {
      const twice = (rest < 0n ? -rest : rest) * 2n;
      const size = b < 0n ? -b : b;
      if (twice > size) return quotient + away;
      if (twice < size || mode === 'HALF_DOWN') return quotient;
      return mode === 'HALF_UP' || quotient % 2n !== 0n ? quotient + away : quotient;
    }
  }
}
