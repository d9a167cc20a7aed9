import { needsAllRules, oldJavaDigits } from './java-double-digits.js';

/**
 * Formats a double as Java does: with at least one decimal place, as `1.0E7` from ten million on, and as `1.0E-4` below
 * one thousandth.
 *
 * Source: the rules of java.lang.Double.toString, up to Java 18: ksqlDB runs on Java 8, 11 or 17.
 */
export function formatJavaDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (value === Number.POSITIVE_INFINITY) return 'Infinity';
  if (value === Number.NEGATIVE_INFINITY) return '-Infinity';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const magnitude = value < 0 ? -value : value;
  if (magnitude >= 1e-3 && magnitude < 1e7) {
    const text = String(value);
    return Number.isInteger(value) ? `${text}.0` : text;
  }
  const text = needsAllRules(magnitude) ? oldJavaDigits(value) : value.toExponential();
  const mark = text.indexOf('e');
  const mantissa = text.slice(0, mark);
  const exponent = text.charCodeAt(mark + 1) === 43 ? text.slice(mark + 2) : text.slice(mark + 1);
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${exponent}`;
}

/**
 * Parses what Java's Double.parseDouble accepts, including surrounding blanks. Returns null if it is not a number.
 *
 * Hexadecimal floating point is not supported: no ksqlDB column is written that way.
 */
export function parseJavaDouble(text: string): number | null {
  let trimmed = text.trim();
  if (trimmed === 'NaN' || trimmed === '+NaN' || trimmed === '-NaN') return Number.NaN;
  if (trimmed === 'Infinity' || trimmed === '+Infinity') return Number.POSITIVE_INFINITY;
  if (trimmed === '-Infinity') return Number.NEGATIVE_INFINITY;
  const last = trimmed.charCodeAt(trimmed.length - 1);
  // A suffix f, F, d or D is allowed.
  if (last === 102 || last === 70 || last === 100 || last === 68) trimmed = trimmed.slice(0, -1);
  let digits = 0;
  let at = 0;
  const first = trimmed.charCodeAt(0);
  if (first === 43 || first === 45) at = 1;
  let point = false;
  for (; at < trimmed.length; at++) {
    const code = trimmed.charCodeAt(at);
    if (code >= 48 && code <= 57) digits++;
    else if (code === 46 && !point) point = true;
    else break;
  }
  if (digits === 0) return null;
  if (at < trimmed.length) {
    const mark = trimmed.charCodeAt(at++);
    if (mark !== 101 && mark !== 69) return null;
    const sign = trimmed.charCodeAt(at);
    if (sign === 43 || sign === 45) at++;
    if (at === trimmed.length) return null;
    for (; at < trimmed.length; at++) {
      const code = trimmed.charCodeAt(at);
      if (code < 48 || code > 57) return null;
    }
  }
  return Number(trimmed);
}
