/** ln 2 in two parts. The first has trailing zero bits, so that its product with an exponent is exact. */
const LN2_HIGH = 0.6931471803691238;
const LN2_LOW = 1.9082149292705877e-10;
const SPLITTER = 2 ** 27 + 1;

const bits = new DataView(new ArrayBuffer(8));

/** Returns the rounding error of `a * b` (Dekker's algorithm). */
function productError(a: number, b: number, product: number): number {
  const aHigh = a * SPLITTER - (a * SPLITTER - a);
  const bHigh = b * SPLITTER - (b * SPLITTER - b);
  const aLow = a - aHigh;
  const bLow = b - bHigh;
  return aLow * bLow - (product - aHigh * bHigh - aLow * bHigh - aHigh * bLow);
}

/**
 * Computes the natural logarithm, correctly rounded except in rare cases. JavaScript's own is sometimes off in the last
 * digit (ln 3) where Java's is not, which is visible in texts.
 */
export function naturalLogarithm(x: number): number {
  if (!(x > 0) || x === Number.POSITIVE_INFINITY || x < 2 ** -1022) return Math.log(x);
  bits.setFloat64(0, x);
  let exponent = ((bits.getUint16(0) >> 4) & 0x7ff) - 1023;
  bits.setUint16(0, (bits.getUint16(0) & 0x800f) | 0x3ff0);
  let m = bits.getFloat64(0);
  if (m > Math.SQRT2) {
    m /= 2;
    exponent++;
  }
  if (m === 1) return exponent * LN2_HIGH + exponent * LN2_LOW;
  // ln m = 2 artanh(s) for s = (m - 1) / (m + 1), which is small. s itself needs two parts, its powers only one.
  const numerator = m - 1;
  const denominator = m + 1;
  const denominatorError = m - (denominator - 1);
  const s = numerator / denominator;
  const product = s * denominator;
  const rest = numerator - product - productError(s, denominator, product) - s * denominatorError;
  const sLow = rest / denominator;
  const s2 = s * s;
  let series = 0;
  for (let n = 25; n >= 3; n -= 2) series = (series + 1 / n) * s2;
  const high = exponent * LN2_HIGH;
  const twice = 2 * s;
  const sum = high + twice;
  const lost = Math.abs(high) >= Math.abs(twice) ? twice - (sum - high) : high - (sum - twice);
  return sum + (lost + 2 * (sLow + s * series) + exponent * LN2_LOW);
}
