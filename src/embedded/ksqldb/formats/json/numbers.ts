/** Converts the text of a number to the exact value of a column. */
import { Decimal, digitCount, powerOfTen } from '../../types/decimal.js';
import { redactDigits } from '../redact.js';
import { ConversionError } from './conversion-error.js';

const exactDigits = 15;
const powers = Array.from({ length: 23 }, (_, i) => Number(`1e${i}`));

/** Returns the lowest 64 bits of an integer. `bytes` from `start` to `end` are an optional sign and digits. */
export function wrappedLong(bytes: Uint8Array, text: string, start: number, end: number): bigint {
  const negative = bytes[start] === 45;
  const first = negative ? start + 1 : start;
  if (end - first > exactDigits) return BigInt.asIntN(64, BigInt(text.slice(start, end)));
  let n = 0;
  for (let i = first; i < end; i++) n = n * 10 + (bytes[i]! - 48);
  return BigInt(negative ? -n : n);
}

/** Returns the lowest 64 bits of the integer part of a decimal. */
export function wrappedLongOfDecimal(value: Decimal): bigint {
  const { unscaled, scale } = value;
  // 10^64 is a multiple of 2^64.
  if (scale <= -64) return 0n;
  if (scale <= 0) return BigInt.asIntN(64, unscaled * powerOfTen(-scale));
  return scale > digitCount(unscaled) ? 0n : BigInt.asIntN(64, unscaled / powerOfTen(scale));
}

/**
 * Converts a number without an exponent to the value of a decimal column; returns undefined if the exact, slower path
 * through `fitDecimalText` is needed.
 */
export function shortDecimal(
  bytes: Uint8Array,
  start: number,
  end: number,
  precision: number,
  scale: number,
): Decimal | undefined {
  const negative = bytes[start] === 45;
  let i = negative ? start + 1 : start;
  if (end - i > exactDigits) return undefined;
  let n = 0;
  let places = -1;
  for (; i < end; i++) {
    const c = bytes[i]!;
    if (c === 46) places = 0;
    else if (c <= 57) {
      n = n * 10 + (c - 48);
      if (places >= 0) places++;
    } else return undefined;
  }
  if (places < 0) places = 0;
  const shift = scale - places;
  const wholeDigits = precision - scale;
  if (shift < 0 || shift > 22) return undefined;
  const unscaled = n * powers[shift]!;
  if (unscaled > Number.MAX_SAFE_INTEGER) return undefined;
  if (wholeDigits < exactDigits && n >= powers[wholeDigits]! * powers[places]!) return undefined;
  return new Decimal(BigInt(negative ? -unscaled : unscaled), scale);
}

/**
 * Converts any text of a number to the value of a decimal column.
 *
 * @throws ConversionError if the text is not a number, or the number does not fit the column
 */
export function fitDecimalText(text: string, precision: number, scale: number): Decimal {
  const parsed = Decimal.tryParse(text);
  if (parsed === null) throw new ConversionError(notDecimal(text));
  const { unscaled } = parsed;
  if (unscaled === 0n) return new Decimal(0n, scale);
  const digits = digitCount(unscaled);
  // Compare lengths first, because the exponent of a hostile number must not be expanded.
  if (digits - parsed.scale > precision - scale || !parsed.integerPartBelow(precision - scale)) {
    throw new ConversionError(
      `Numeric field overflow: A field with precision ${precision} and scale ${scale} must round to an absolute value less than 10^${precision - scale}. Got ${shown(parsed, digits)}`,
    );
  }
  const excess = parsed.scale - scale;
  if (excess <= 0) return new Decimal(unscaled * powerOfTen(-excess), scale);
  if (excess < digits) {
    const divisor = powerOfTen(excess);
    if (unscaled % divisor === 0n) return new Decimal(unscaled / divisor, scale);
  }
  throw new ConversionError(
    `Cannot fit decimal '${shown(parsed, digits)}' into DECIMAL(${precision}, ${scale}) without rounding. (Requires ${digits},${parsed.scale})`,
  );
}

/** Returns the lowest 64 bits of a number's integer part, in any notation. */
export function wrappedLongOfText(text: string): bigint {
  const parsed = Decimal.tryParse(text);
  // Parsing only fails for exponents beyond 32 bits. Such a number has an integer part of 0, or low bits of 0.
  return parsed === null ? 0n : wrappedLongOfDecimal(parsed);
}

/** Parses a BIGINT like Java's Long.parseLong; returns undefined if the text is not one. */
export function parseLong(text: string): bigint | undefined {
  if (!/^[+-]?[0-9]{1,1000}$/.test(text)) return undefined;
  const value = BigInt(text);
  return BigInt.asIntN(64, value) === value ? value : undefined;
}

/** Parses an INTEGER like Java's Integer.parseInt; returns undefined if the text is not one. */
export function parseInt32(text: string): number | undefined {
  const value = parseLong(text);
  return value !== undefined && BigInt.asIntN(32, value) === value ? Number(value) : undefined;
}

function shown(value: Decimal, digits: number): string {
  return digits + Math.abs(value.scale) > 100 ? '...' : redactDigits(value.toString());
}

/** Returns the message of Java's BigDecimal for a text that is not a number. */
function notDecimal(text: string): string {
  const odd = /[^0-9.eE+-]/u.exec(text)?.[0];
  if (text === '') return `Character array is missing "exponent" mark 'e' or 'E'.`;
  if (odd !== undefined) {
    return `Character ${odd} is neither a decimal digit number, decimal point, nor "e" notation exponential mark.`;
  }
  return 'No digits found.';
}
