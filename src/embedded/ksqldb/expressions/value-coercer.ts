/**
 * Implicitly coerces values and types: literals in lists and constructors, and the values of INSERT.
 *
 * STRICT widens numbers and parses dates, times, timestamps and bytes from texts. LAX, for literals, also parses numbers
 * and booleans from texts, and formats them as text.
 *
 * Source: the rules of ksqlDB's DefaultSqlValueCoercer.
 */
import { arrayType, mapType, type SqlType, type StructField, structType } from '../../../sql/sql-type.js';
import { KsqlException } from '../errors.js';
import { parseBigint, parseBooleanExactly, parseFiniteDouble, parseInteger } from '../types/cast.js';
import { Decimal } from '../types/decimal.js';
import { fitDecimal, widestDecimalType } from '../types/decimal-type.js';
import { EvaluationError } from '../types/evaluation-error.js';
import { formatJavaDouble } from '../types/java-double.js';
import { parseBase64, textWriter } from '../types/text.js';
import { parseDate, parseTime, parseTimestamp } from '../types/time-text.js';
import type { Value } from '../types/value.js';

export type Laxity = 'STRICT' | 'LAX';

const STRICT_TARGETS: Readonly<Record<string, readonly string[]>> = {
  INTEGER: ['BIGINT', 'DECIMAL', 'DOUBLE'],
  BIGINT: ['DECIMAL', 'DOUBLE'],
  DECIMAL: ['DOUBLE'],
  STRING: ['TIMESTAMP', 'TIME', 'DATE', 'BYTES'],
};

const LAX_TARGETS: Readonly<Record<string, readonly string[]>> = {
  BOOLEAN: ['STRING'],
  INTEGER: ['STRING'],
  BIGINT: ['STRING'],
  DECIMAL: ['STRING'],
  DOUBLE: ['STRING'],
  STRING: ['BOOLEAN', 'INTEGER', 'BIGINT', 'DECIMAL', 'DOUBLE'],
  TIMESTAMP: ['STRING'],
  TIME: ['STRING'],
  DATE: ['STRING'],
};

/** Returns the type that holds values of both types, if `from` can be coerced to the kind of `to`. */
export function coercedType(from: SqlType, to: SqlType, laxity: Laxity): SqlType | undefined {
  if (from.base === 'ARRAY' && to.base === 'ARRAY') {
    const element = coercedType(from.element, to.element, laxity);
    return element && arrayType(element);
  }
  if (from.base === 'MAP' && to.base === 'MAP') {
    const key = coercedType(from.key, to.key, laxity);
    const value = coercedType(from.value, to.value, laxity);
    return key && value && mapType(key, value);
  }
  if (from.base === 'STRUCT' && to.base === 'STRUCT') {
    const fields: StructField[] = [];
    for (const name of fieldNames(from.fields, to.fields)) {
      const source = from.fields.find((field) => field.name === name);
      const target = to.fields.find((field) => field.name === name);
      const type =
        source && target ? coercedType(source.type, target.type, laxity) : (source ?? target)!.type;
      if (type === undefined) return undefined;
      fields.push({ name, type });
    }
    return structType(fields);
  }
  const known =
    from.base === to.base ||
    STRICT_TARGETS[from.base]?.includes(to.base) ||
    (laxity === 'LAX' && LAX_TARGETS[from.base]?.includes(to.base));
  if (!known) return undefined;
  return to.base === 'DECIMAL' && from.base !== 'STRING' ? widestDecimalType(from, to) : to;
}

/** Returns the union of both lists, with those of the first list first. */
export function fieldNames(a: readonly StructField[], b: readonly StructField[]): readonly string[] {
  return [...new Set([...a, ...b].map(({ name }) => name))];
}

/** Converts the value to type `to`; returns undefined if that is impossible. NULL belongs to every type. */
export function coerceValue(value: Value, from: SqlType, to: SqlType, laxity: Laxity): Value | undefined {
  if (value === null) return null;
  switch (to.base) {
    case 'DECIMAL':
      return coerceToDecimal(value, from, to.precision, to.scale, laxity);
    case 'STRING':
      if (from.base === 'STRING') return value;
      return laxity === 'LAX' && LAX_TARGETS[from.base]?.includes('STRING')
        ? textWriter(from)(value)
        : undefined;
    case 'ARRAY': {
      if (from.base !== 'ARRAY') return undefined;
      const result: Value[] = [];
      for (const element of value as readonly Value[]) {
        const coerced = coerceValue(element, from.element, to.element, laxity);
        if (coerced === undefined) return undefined;
        result.push(coerced);
      }
      return result;
    }
    case 'MAP': {
      if (from.base !== 'MAP') return undefined;
      const result = new Map<Value, Value>();
      for (const [key, item] of value as ReadonlyMap<Value, Value>) {
        const coercedKey = coerceValue(key, from.key, to.key, laxity);
        const coercedItem = coerceValue(item, from.value, to.value, laxity);
        if (coercedKey === undefined || coercedItem === undefined) return undefined;
        result.set(coercedKey, coercedItem);
      }
      return result;
    }
    case 'STRUCT': {
      if (from.base !== 'STRUCT') return undefined;
      const result: Value[] = [];
      for (const field of to.fields) {
        const index = from.fields.findIndex(({ name }) => name === field.name);
        const source = from.fields[index];
        const coerced =
          source === undefined
            ? null
            : coerceValue((value as readonly Value[])[index]!, source.type, field.type, laxity);
        if (coerced === undefined) return undefined;
        result.push(coerced);
      }
      return result;
    }
    default:
      break;
  }
  if (from.base === to.base) return value;
  if (from.base === 'STRING') return coerceText((value as string).trim(), to, laxity);
  if (from.base === 'INTEGER' && to.base === 'BIGINT') return BigInt(value as number);
  if (to.base === 'DOUBLE') {
    if (from.base === 'INTEGER' || from.base === 'BIGINT') return Number(value);
    if (from.base === 'DECIMAL') return (value as Decimal).toNumber();
  }
  return undefined;
}

/** A text that cannot be parsed is not an error here: the caller reports what it expected. */
function attempt(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof KsqlException || error instanceof EvaluationError) return undefined;
    throw error;
  }
}

function coerceText(text: string, to: SqlType, laxity: Laxity): Value | undefined {
  switch (to.base) {
    case 'TIMESTAMP':
      return attempt(() => parseTimestamp(text));
    case 'TIME':
      return attempt(() => parseTime(text));
    case 'DATE':
      return attempt(() => parseDate(text));
    case 'BYTES':
      return parseBase64(text) ?? undefined;
    default:
      break;
  }
  if (laxity === 'STRICT') return undefined;
  switch (to.base) {
    case 'BOOLEAN':
      return parseBooleanExactly(text) ?? undefined;
    case 'INTEGER':
      return attempt(() => parseInteger(text));
    case 'BIGINT':
      return attempt(() => parseBigint(text));
    case 'DOUBLE':
      return attempt(() => parseFiniteDouble(text));
    default:
      return undefined;
  }
}

function coerceToDecimal(
  value: Exclude<Value, null>,
  from: SqlType,
  precision: number,
  scale: number,
  laxity: Laxity,
): Value | undefined {
  const decimal = decimalOf(value, from, laxity);
  return decimal === null ? undefined : attempt(() => fitDecimal(decimal, precision, scale));
}

function decimalOf(value: Exclude<Value, null>, from: SqlType, laxity: Laxity): Decimal | null {
  switch (from.base) {
    case 'DECIMAL':
      return value as Decimal;
    case 'INTEGER':
    case 'BIGINT':
      return new Decimal(BigInt(value as number | bigint), 0);
    case 'STRING':
      return laxity === 'LAX' ? Decimal.tryParse((value as string).trim()) : null;
    default:
      return null;
  }
}

/** Formats a value like Java's `toString`, for messages. */
export function shownValue(value: Value, type: SqlType): string {
  if (value === null) return 'null';
  if (type.base === 'DOUBLE') return formatJavaDouble(value as number);
  if (type.base === 'DECIMAL') return (value as Decimal).toScientificString();
  return type.base === 'BYTES' ? `${(value as Buffer).length} bytes` : textWriter(type)(value);
}
