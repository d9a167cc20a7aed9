/**
 * Explicit CASTs.
 *
 * Source: https://docs.ksqldb.io/en/latest/developer-guide/ksqldb-reference/operators/ and ksqlDB's CastEvaluator.
 */
import { type SqlType, sameType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { DAY_MS } from './civil.js';
import { Decimal } from './decimal.js';
import { castDecimal, castIntegerToDecimal, castNumberToDecimal } from './decimal-type.js';
import { EvaluationError } from './evaluation-error.js';
import { formatSqlType } from './format-type.js';
import { parseJavaDouble } from './java-double.js';
import { parseBase64, textWriter } from './text.js';
import { parseDate, parseTime, parseTimestamp } from './time-text.js';
import type { Value } from './value.js';

/** Casts a value; NULL stays NULL. May throw for a value that the target type cannot represent. */
export type Cast = (value: Value) => Value;

const identity: Cast = (value) => value;

const INT_MAX = 0x7fffffff;
const INT_MIN = -0x80000000;
const LONG_MAX = 0x7fffffffffffffffn;
const LONG_MIN = -0x8000000000000000n;

/**
 * Returns the conversion between two types. Resolved once per query.
 *
 * @throws KsqlException if ksqlDB does not support the cast
 */
export function castFunction(from: SqlType | null, to: SqlType): Cast {
  if (from === null || sameType(from, to)) return identity;
  const cast = directCast(from, to);
  if (cast === undefined) throw unsupportedCast(from, to);
  return cast;
}

export function canCast(from: SqlType | null, to: SqlType): boolean {
  try {
    castFunction(from, to);
    return true;
  } catch (error) {
    if (error instanceof KsqlException) return false;
    throw error;
  }
}

function unsupportedCast(from: SqlType, to: SqlType, cause?: unknown): KsqlException {
  return new KsqlException(`Cast of ${formatSqlType(from)} to ${formatSqlType(to)} is not supported`, cause);
}

/** Converts a value other than NULL. */
function of<T extends Value>(convert: (value: T) => Value): Cast {
  return (value) => (value === null ? null : convert(value as T));
}

function directCast(from: SqlType, to: SqlType): Cast | undefined {
  if (to.base === 'STRING') {
    if (from.base === 'BYTES') return undefined;
    return of(textWriter(from));
  }
  switch (from.base) {
    case 'INTEGER':
      if (to.base === 'BIGINT') return of<number>(BigInt);
      if (to.base === 'DOUBLE') return identity;
      if (to.base === 'DECIMAL') {
        return of<number>((value) => castIntegerToDecimal(BigInt(value), to.precision, to.scale));
      }
      return undefined;
    case 'BIGINT':
      if (to.base === 'INTEGER') return of<bigint>((value) => Number(BigInt.asIntN(32, value)));
      if (to.base === 'DOUBLE') return of<bigint>(Number);
      if (to.base === 'DECIMAL') {
        return of<bigint>((value) => castIntegerToDecimal(value, to.precision, to.scale));
      }
      return undefined;
    case 'DECIMAL':
      if (to.base === 'INTEGER') return of<Decimal>((value) => Number(BigInt.asIntN(32, value.toBigInt())));
      if (to.base === 'BIGINT') return of<Decimal>((value) => BigInt.asIntN(64, value.toBigInt()));
      if (to.base === 'DOUBLE') return of<Decimal>((value) => value.toNumber());
      if (to.base === 'DECIMAL') {
        return of<Decimal>((value) => castDecimal(value, to.precision, to.scale));
      }
      return undefined;
    case 'DOUBLE':
      if (to.base === 'INTEGER') return of<number>(doubleToInteger);
      if (to.base === 'BIGINT') return of<number>(doubleToBigint);
      if (to.base === 'DECIMAL') {
        return of<number>((value) => castNumberToDecimal(value, to.precision, to.scale));
      }
      return undefined;
    case 'STRING':
      return castFromString(to);
    case 'TIMESTAMP':
      if (to.base === 'DATE') return of<number>((value) => Math.floor(value / DAY_MS));
      if (to.base === 'TIME') return of<number>((value) => value - Math.floor(value / DAY_MS) * DAY_MS);
      return undefined;
    case 'DATE':
      return to.base === 'TIMESTAMP' ? of<number>((value) => value * DAY_MS) : undefined;
    case 'ARRAY':
      return to.base === 'ARRAY'
        ? nested(from, to, () => {
            const element = castFunction(from.element, to.element);
            return of<readonly Value[]>((value) => value.map(element));
          })
        : undefined;
    case 'MAP':
      return to.base === 'MAP'
        ? nested(from, to, () => {
            const key = castFunction(from.key, to.key);
            const item = castFunction(from.value, to.value);
            return of<ReadonlyMap<Value, Value>>((value) => {
              const result = new Map<Value, Value>();
              for (const [k, v] of value) result.set(key(k), item(v));
              return result;
            });
          })
        : undefined;
    case 'STRUCT':
      return to.base === 'STRUCT'
        ? nested(from, to, () => {
            const fields = to.fields.map((field) => {
              const index = from.fields.findIndex((source) => source.name === field.name);
              const source = from.fields[index];
              return { index, cast: source === undefined ? identity : castFunction(source.type, field.type) };
            });
            return of<readonly Value[]>((value) =>
              fields.map(({ index, cast }) => (index < 0 ? null : cast(value[index]!))),
            );
          })
        : undefined;
    default:
      return undefined;
  }
}

/** Reports an unsupported cast of an element as one of the whole container. */
function nested(from: SqlType, to: SqlType, build: () => Cast): Cast {
  try {
    return build();
  } catch (error) {
    if (error instanceof KsqlException) throw unsupportedCast(from, to, error);
    throw error;
  }
}

function castFromString(to: SqlType): Cast | undefined {
  switch (to.base) {
    case 'BOOLEAN':
      return of<string>((value) => matchesWord(value.trim(), true));
    case 'INTEGER':
      return of<string>((value) => parseInteger(value.trim()));
    case 'BIGINT':
      return of<string>((value) => parseBigint(value.trim()));
    case 'DOUBLE':
      return of<string>((value) => parseFiniteDouble(value.trim()));
    case 'DECIMAL':
      return of<string>((value) => castDecimal(Decimal.parse(value.trim()), to.precision, to.scale));
    case 'TIMESTAMP':
      return of<string>((value) => parseTimestamp(value.trim()));
    case 'TIME':
      return of<string>((value) => parseTime(value.trim()));
    case 'DATE':
      return of<string>((value) => parseDate(value.trim()));
    case 'BYTES':
      return of<string>((value) => {
        const bytes = parseBase64(value.trim());
        if (bytes === null) throw new EvaluationError('TEXT_FORMAT', 'Illegal base64 character or length');
        return bytes;
      });
    default:
      return undefined;
  }
}

/** Java's (int) of a double: NaN is 0, out of range is the nearest bound. */
export function doubleToInteger(value: number): number {
  if (Number.isNaN(value)) return 0;
  return value >= INT_MAX ? INT_MAX : value <= INT_MIN ? INT_MIN : Math.trunc(value) + 0;
}

/** Java's (long) of a double: NaN is 0, out of range is the nearest bound. */
export function doubleToBigint(value: number): bigint {
  if (Number.isNaN(value)) return 0n;
  if (value >= 2 ** 63) return LONG_MAX;
  return value <= -(2 ** 63) ? LONG_MIN : BigInt(Math.trunc(value));
}

function invalidNumber(text: string): EvaluationError {
  return new EvaluationError('NUMBER_FORMAT', `For input string: "${text}"`);
}

/** True for digits with an optional sign, and nothing else. */
function isInteger(text: string): boolean {
  const first = text.charCodeAt(0);
  let at = first === 43 || first === 45 ? 1 : 0;
  if (at === text.length) return false;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code < 48 || code > 57) return false;
  }
  return true;
}

/** @throws EvaluationError NUMBER_FORMAT for anything but a 32-bit integer */
export function parseInteger(text: string): number {
  if (!isInteger(text)) throw invalidNumber(text);
  const value = Number(text);
  if (value > INT_MAX || value < INT_MIN) throw invalidNumber(text);
  return value + 0;
}

/** @throws EvaluationError NUMBER_FORMAT for anything but a 64-bit integer */
export function parseBigint(text: string): bigint {
  if (!isInteger(text)) throw invalidNumber(text);
  const value = BigInt(text.charCodeAt(0) === 43 ? text.slice(1) : text);
  if (value > LONG_MAX || value < LONG_MIN) throw invalidNumber(text);
  return value;
}

/** @throws EvaluationError NUMBER_FORMAT if the text is not a finite number */
export function parseFiniteDouble(text: string): number {
  const value = parseJavaDouble(text);
  if (value === null) {
    throw text === '' ? new EvaluationError('NUMBER_FORMAT', 'empty String') : invalidNumber(text);
  }
  if (!Number.isFinite(value)) throw new EvaluationError('NUMBER_FORMAT', `Invalid double value: ${text}`);
  return value;
}

/** Tests whether the text is a case-insensitive prefix of `true` or `yes` (or of `false` or `no`). */
function matchesWord(text: string, value: boolean): boolean {
  if (text === '') return false;
  const lower = text.toLowerCase();
  return (value ? 'true' : 'false').startsWith(lower) || (value ? 'yes' : 'no').startsWith(lower);
}

/** Returns null for a text that means neither. */
export function parseBooleanExactly(text: string): boolean | null {
  if (matchesWord(text, true)) return true;
  return matchesWord(text, false) ? false : null;
}
