/** Equality, order and map keys of values. Callers handle NULL; here it equals only itself and sorts first. */
import type { SqlType } from '../../../sql/sql-type.js';
import { Decimal } from './decimal.js';
import type { Value } from './value.js';

export type Comparator = (a: Exclude<Value, null>, b: Exclude<Value, null>) => number;

function compareNatural(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Returns the comparator for values of a type other than NULL; undefined for types without an order (MAP, STRUCT). */
export function comparatorOf(type: SqlType): Comparator | undefined {
  switch (type.base) {
    case 'INTEGER':
    case 'DATE':
    case 'TIME':
    case 'TIMESTAMP':
      return (a, b) => (a as number) - (b as number);
    case 'BOOLEAN':
    case 'BIGINT':
    case 'STRING':
      return compareNatural;
    case 'DOUBLE':
      return compareDoubles;
    case 'DECIMAL':
      return (a, b) => (a as Decimal).compare(b as Decimal);
    case 'BYTES':
      return compareBytes;
    case 'ARRAY': {
      const element = comparatorOf(type.element);
      return element && arrayComparator(element);
    }
    default:
      return undefined;
  }
}

/** Compares like Java's Double.compare: NaN is the largest value, and -0.0 sorts before 0.0. */
function compareDoubles(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
  if (a < b) return -1;
  if (a > b) return 1;
  if (Number.isNaN(a) || Number.isNaN(b)) return Number.isNaN(a) ? (Number.isNaN(b) ? 0 : 1) : -1;
  return Object.is(a, b) ? 0 : Object.is(a, -0) ? -1 : 1;
}

/** Compares like Java's ByteBuffer.compareTo: bytes are signed, so 0x80 sorts before 0x00. */
export function compareBytes(a: Exclude<Value, null>, b: Exclude<Value, null>): number {
  const left = a as Buffer;
  const right = b as Buffer;
  const shared = Math.min(left.length, right.length);
  for (let i = 0; i < shared; i++) {
    const difference = ((left[i]! << 24) >> 24) - ((right[i]! << 24) >> 24);
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}

function arrayComparator(element: Comparator): Comparator {
  return (a, b) => {
    const left = a as readonly Value[];
    const right = b as readonly Value[];
    const shared = Math.min(left.length, right.length);
    for (let i = 0; i < shared; i++) {
      const order = compareNullsFirst(left[i]!, right[i]!, element);
      if (order !== 0) return order;
    }
    return left.length - right.length;
  };
}

export function compareNullsFirst(a: Value, b: Value, compare: Comparator): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? -1 : 1;
  return compare(a, b);
}

/** Compares two values of one type like Java's `equals`: deeply, with NULL equal to NULL, and decimals by number and scale. */
export function equalValues(a: Value, b: Value): boolean {
  if (a === b) return true;
  if (a === null || b === null || typeof a !== 'object' || typeof b !== 'object') {
    return typeof a === 'number' && typeof b === 'number' && Number.isNaN(a) && Number.isNaN(b);
  }
  if (a instanceof Decimal) return b instanceof Decimal && a.equals(b);
  if (Buffer.isBuffer(a)) return Buffer.isBuffer(b) && a.equals(b);
  if (a instanceof Map) {
    if (!(b instanceof Map) || a.size !== b.size) return false;
    for (const [key, value] of a) {
      if (!b.has(key) || !equalValues(value, b.get(key) as Value)) return false;
    }
    return true;
  }
  const left = a as readonly Value[];
  const right = b as readonly Value[];
  return (
    Array.isArray(b) &&
    left.length === right.length &&
    left.every((value, i) => equalValues(value, right[i]!))
  );
}

/**
 * Returns a key for a JavaScript Map or Set that is equal exactly for equal values of one type.
 * Simple values serve as their own keys.
 */
export function valueKey(value: Value): Value {
  return value !== null && typeof value === 'object' ? textKey(value) : value;
}

/** Returns one key for several values, such as the columns of a GROUP BY. */
export function valuesKey(values: readonly Value[]): string {
  let key = '';
  for (let i = 0; i < values.length; i++) key += textKey(values[i]!);
  return key;
}

/** Tags each part with its kind, and with its length if it has no fixed end, so that no two values share a text. */
function textKey(value: Value): string {
  if (value === null) return '~';
  switch (typeof value) {
    case 'string':
      return `s${value.length}:${value}`;
    case 'number':
      return `n${Object.is(value, -0) ? '-0' : value};`;
    case 'bigint':
      return `b${value};`;
    case 'boolean':
      return value ? 't' : 'f';
    default:
      break;
  }
  if (value instanceof Decimal) return `d${value.unscaled}e${value.scale};`;
  if (Buffer.isBuffer(value)) return `x${value.toString('base64')};`;
  if (value instanceof Map) {
    const entries = [...value].map(([k, v]) => textKey(k as Value) + textKey(v as Value));
    return `m${entries.length}:${entries.sort().join('')}`;
  }
  const items = value as readonly Value[];
  return `a${items.length}:${valuesKey(items)}`;
}
