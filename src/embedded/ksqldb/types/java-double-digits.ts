/**
 * The digits that Double.toString chose before Java 19 (JDK-4511638). They are mostly the shortest that identify the
 * double, like JavaScript's, but with exceptions.
 */

const bits = new DataView(new ArrayBuffer(8));
const mantissaBits = 52n;
const mantissaMask = (1n << mantissaBits) - 1n;
const smallestNormal = 2.2250738585072014e-308;
const firstInexact = 2 ** 53;
const longBits = 63;

/** Returns false if the digits are certainly JavaScript's. For numbers that Java prints with an exponent. */
export function needsAllRules(magnitude: number): boolean {
  if (magnitude >= firstInexact || magnitude < smallestNormal) return true;
  bits.setFloat64(0, magnitude);
  return bits.getInt32(4) === 0 && (bits.getInt32(0) & 0xfffff) === 0;
}

/** Returns the digits in the notation of Number.toExponential (`4.9e-324`). For finite numbers other than 0. */
export function oldJavaDigits(value: number): string {
  bits.setFloat64(0, Math.abs(value));
  const raw = bits.getBigInt64(0);
  const biased = raw >> mantissaBits;
  const isNormal = biased > 0n;
  const mantissa = (raw & mantissaMask) | (isNormal ? 1n << mantissaBits : 0n);
  const exponent = Number(isNormal ? biased : 1n) - 1075;
  const magnitude = Math.abs(value);
  const isLong = Number.isInteger(value) && magnitude < 2 ** longBits;
  const { digits, power } = isLong ? wholeDigits(magnitude) : freeDigits(mantissa, exponent);
  const fraction = digits.slice(1);
  const sign = value < 0 ? '-' : '';
  return `${sign}${digits[0]}${fraction === '' ? '' : `.${fraction}`}e${power < 0 ? '' : '+'}${power}`;
}

interface Digits {
  readonly digits: string;
  /** The power of ten of the first digit. */
  readonly power: number;
}

/** Prints all digits of an integer, except those below the spacing of doubles. */
function wholeDigits(magnitude: number): Digits {
  let whole = BigInt(magnitude);
  const power = whole.toString().length - 1;
  const spare = whole.toString(2).length - 55;
  if (spare > 1) {
    const unit = 10n ** BigInt((1n << BigInt(spare)).toString().length - 1);
    whole = (whole + unit / 2n) / unit;
  }
  const text = whole.toString();
  let end = text.length;
  while (end > 1 && text[end - 1] === '0') end--;
  return { digits: text.slice(0, end), power };
}

/**
 * Generates digits until the remainder is less than half the spacing to the next double, or rounding the last digit
 * up comes closer than that. Just above a power of two, the spacing below is used, and there are at least two digits.
 * Java uses 64-bit arithmetic if it can; then it is stricter at the bounds and may overflow.
 */
function freeDigits(mantissa: bigint, exponent: number): Digits {
  const trailing = (mantissa & -mantissa).toString(2).length - 1;
  const odd = mantissa >> BigInt(trailing);
  const oddBits = odd.toString(2).length;
  const significantBits = oddBits + trailing;
  const binaryPower = significantBits - 1 + exponent;
  let power = estimatedPower(mantissa, significantBits, binaryPower);

  const lowFives = Math.max(0, -power);
  const highFives = Math.max(0, power);
  const placesBelow = Math.max(0, oddBits - binaryPower - 1);
  let valueTwos = lowFives + placesBelow + binaryPower - (oddBits - 1);
  let reachTwos = lowFives + placesBelow + binaryPower - significantBits;
  let oneTwos = highFives + placesBelow;
  let common = Math.min(valueTwos, oneTwos);
  if (oddBits === 1) reachTwos--;
  common = Math.min(common, reachTwos);
  valueTwos -= common;
  reachTwos -= common;
  oneTwos -= common;

  const isShort =
    oddBits + valueTwos + bitsOfFives(lowFives) < 64 && oneTwos + 1 + bitsOfFives(highFives + 1) < 64;
  const one = (5n ** BigInt(highFives)) << BigInt(oneTwos);
  let rest = (odd * 5n ** BigInt(lowFives)) << BigInt(valueTwos);
  let reach = (5n ** BigInt(lowFives)) << BigInt(reachTwos);
  const overflows = (): boolean => isShort && BigInt.asIntN(64, 10n * reach) <= 0n;
  const reachesUp = isShort
    ? () => BigInt.asIntN(64, 10n * (rest + reach)) > 10n * one
    : () => rest + reach >= one;
  const differenceFromHalf = isShort
    ? () => BigInt.asIntN(64, 20n * rest - 10n * one)
    : () => 2n * rest - one;

  let digits = 0n;
  let count = 0;
  for (;;) {
    const digit = rest / one;
    rest %= one;
    const isLow = rest < reach || overflows();
    const isHigh = reachesUp() || overflows();
    // The estimated power was one too high. Unless the number counts as a power of ten, start again.
    if (count === 0 && digit === 0n && !isHigh) power--;
    else {
      digits = digits * 10n + digit;
      count++;
      if (count > 1 && (isLow || isHigh)) {
        const difference = isLow && isHigh ? differenceFromHalf() : 1n;
        if (isHigh && (difference > 0n || (difference === 0n && (digits & 1n) === 1n))) digits++;
        break;
      }
    }
    rest *= 10n;
    reach *= 10n;
  }
  const text = digits.toString();
  power += text.length - count;
  let end = text.length;
  while (end > 1 && text[end - 1] === '0') end--;
  return { digits: text.slice(0, end), power };
}

/** Estimates the power of ten of the first digit. May be one too high, because a tangent lies above the logarithm. */
function estimatedPower(mantissa: bigint, significantBits: number, binaryPower: number): number {
  const fraction = Number(mantissa) / 2 ** (significantBits - 1);
  return Math.floor((fraction - 1.5) * 0.289529654 + 0.176091259 + binaryPower * 0.301029995663981);
}

/** Returns the number of bits of a power of five, overestimated for large ones. */
function bitsOfFives(count: number): number {
  if (count >= 27) return count * 3;
  return count === 0 ? 0 : (5n ** BigInt(count)).toString(2).length;
}
