import { LosslessNumber } from 'lossless-json';
import { Decimal } from '../../src/embedded/ksqldb/types/decimal.js';
import type { ExactJson } from '../../src/ksqldb/exact-json.js';

/** A value as it was read back from a topic; `Double` marks a floating point number, a bigint is an integer. */
export type ActualValue =
  | null
  | boolean
  | string
  | bigint
  | Double
  | Decimal
  | Buffer
  | readonly ActualValue[]
  | ReadonlyMap<string, ActualValue>;

export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

const TOLERANCE = 0.000001;
const LONG_BITS = 64;

/**
 * Compares a value with an expectation by the rules of ksqlDB's own test driver (by the type of the expectation:
 * decimals by digits and scale, doubles with tolerance, field names exactly or in upper case).
 *
 * @returns null if they match, else where and how they differ
 */
export function mismatch(actual: ActualValue, expected: ExactJson, path = '$'): string | null {
  const differ = () => `${path}: expected ${show(expected)}, got ${show(actual)}`;
  if (expected === null) return actual === null ? null : differ();
  if (typeof expected === 'boolean') return actual === expected ? null : differ();
  if (typeof expected === 'string') return matchesText(actual, expected) ? null : differ();
  if (expected instanceof LosslessNumber) return matchesNumber(actual, expected.value) ? null : differ();
  if (Array.isArray(expected)) {
    if (!Array.isArray(actual) || actual.length !== expected.length) return differ();
    return first(expected, (each, i) => mismatch(actual[i] ?? null, each, `${path}[${i}]`));
  }
  if (!(actual instanceof Map)) return differ();
  const fields = Object.entries(expected);
  if (actual.size !== fields.length) return differ();
  return first(fields, ([name, each]) => {
    const value = actual.get(name) ?? actual.get(name.toUpperCase()) ?? null;
    return mismatch(value as ActualValue, each as ExactJson, `${path}.${name}`);
  });
}

function first<T>(list: readonly T[], check: (each: T, index: number) => string | null): string | null {
  for (const [i, each] of list.entries()) {
    const found = check(each, i);
    if (found !== null) return found;
  }
  return null;
}

function matchesText(actual: ActualValue, expected: string): boolean {
  if (typeof actual === 'string') return actual === expected;
  if (Buffer.isBuffer(actual)) return actual.toString('base64') === expected;
  if (!(actual instanceof Decimal)) return false;
  const decimal = Decimal.tryParse(expected);
  return decimal != null && decimal.scale === actual.scale && decimal.unscaled === actual.unscaled;
}

function matchesNumber(actual: ActualValue, lexeme: string): boolean {
  const isInteger = /^-?\d+$/.test(lexeme);
  if (typeof actual === 'bigint') {
    return (
      actual === (isInteger ? BigInt.asIntN(LONG_BITS, BigInt(lexeme)) : BigInt(Math.trunc(Number(lexeme))))
    );
  }
  if (actual instanceof Double) return Math.abs(actual.value - Number(lexeme)) < TOLERANCE;
  if (!(actual instanceof Decimal)) return false;
  const expected = Decimal.tryParse(lexeme);
  if (expected == null) return false;
  if (isInteger) return actual.scale <= 0 && actual.compare(expected) === 0;
  return actual.scale === expected.scale && actual.unscaled === expected.unscaled;
}

/** A value of either side as text, for reports. */
export function show(value: ActualValue | ExactJson | undefined): string {
  if (value === undefined) return 'nothing';
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'bigint') return String(value);
  if (value instanceof LosslessNumber) return value.value;
  if (value instanceof Double) return `${value.value}d`;
  if (value instanceof Decimal) return `${value.toString()}m`;
  if (Buffer.isBuffer(value)) return `base64 ${value.toString('base64')}`;
  if (Array.isArray(value)) return `[${value.map((each) => show(each as ActualValue)).join(', ')}]`;
  const entries = value instanceof Map ? [...value.entries()] : Object.entries(value);
  return `{${entries.map(([name, each]) => `${String(name)}: ${show(each as ActualValue)}`).join(', ')}}`;
}

/** Reads JSON text as the test driver does: integers as integers, all other numbers as decimals with their scale. */
export function actualOfJson(value: ExactJson): ActualValue {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return value;
  if (value instanceof LosslessNumber) {
    return /^-?\d+$/.test(value.value) ? BigInt(value.value) : Decimal.parse(value.value);
  }
  if (Array.isArray(value)) return value.map(actualOfJson);
  return new Map(Object.entries(value).map(([name, each]) => [name, actualOfJson(each as ExactJson)]));
}
