import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { arrayType, BIGINT, BYTES, DOUBLE, STRING } from '../../../sql/sql-type.js';
import { comparatorOf, equalValues, valueKey, valuesKey } from './compare.js';
import { Decimal } from './decimal.js';
import type { Value } from './value.js';

const simple: fc.Arbitrary<Value> = fc.oneof(
  fc.constant(null),
  fc.boolean(),
  fc.integer({ min: -3, max: 3 }),
  fc.bigInt({ min: -3n, max: 3n }),
  fc.string({ maxLength: 3, unit: fc.constantFrom('a', '1', ';', ':', '~', 's') }),
  fc
    .tuple(fc.bigInt({ min: -20n, max: 20n }), fc.integer({ min: 0, max: 2 }))
    .map(([n, s]) => new Decimal(n, s)),
  fc.uint8Array({ maxLength: 2 }).map((bytes) => Buffer.from(bytes)),
);
const value: fc.Arbitrary<Value> = fc.oneof(
  simple,
  fc.array(simple, { maxLength: 3 }),
  fc
    .array(fc.tuple(fc.constantFrom('a', 'b', 'c'), simple), { maxLength: 3 })
    .map((entries): Value => new Map(entries)),
  fc.array(fc.array(simple, { maxLength: 2 }), { maxLength: 2 }),
);

describe('keys', () => {
  test('are equal exactly for equal values', () => {
    fc.assert(
      fc.property(value, value, (a, b) => {
        if (equalValues(a, b)) expect(valueKey(a)).toBe(valueKey(b));
        expect(valuesKey([a]) === valuesKey([b])).toBe(equalValues(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  test('of several values are unambiguous', () => {
    fc.assert(
      fc.property(fc.array(simple, { maxLength: 3 }), fc.array(simple, { maxLength: 3 }), (a, b) => {
        expect(valuesKey(a) === valuesKey(b)).toBe(equalValues(a, b));
      }),
      { numRuns: 2000 },
    );
  });

  test('do not depend on the order of a map', () => {
    const [a, b] = [
      new Map<Value, Value>([
        ['x', 1],
        ['y', 2],
      ]),
      new Map<Value, Value>([
        ['y', 2],
        ['x', 1],
      ]),
    ];
    expect(valueKey(a)).toBe(valueKey(b));
    expect(equalValues(a, b)).toBe(true);
  });
});

describe('order', () => {
  test('of doubles is total', () => {
    const compare = comparatorOf(DOUBLE)!;
    const sorted = [Number.NaN, 1, -0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].sort(compare);
    expect(sorted.map((each) => (Object.is(each, -0) ? '-0' : String(each)))).toEqual([
      '-Infinity',
      '-0',
      '0',
      '1',
      'Infinity',
      'NaN',
    ]);
  });

  test('of bytes is by signed byte', () => {
    const compare = comparatorOf(BYTES)!;
    expect(compare(Buffer.from([0x80]), Buffer.from([0]))).toBeLessThan(0);
    expect(compare(Buffer.from([1]), Buffer.from([1, 0]))).toBeLessThan(0);
  });

  test('of arrays is by element, NULL first', () => {
    const compare = comparatorOf(arrayType(BIGINT))!;
    expect(compare([1n, 2n], [1n, 3n])).toBeLessThan(0);
    expect(compare([1n], [1n, 0n])).toBeLessThan(0);
    expect(compare([null], [0n])).toBeLessThan(0);
    expect(comparatorOf(STRING)!('a', 'B')).toBeGreaterThan(0);
  });
});
