import { describe, expect, it } from 'vitest';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  INTEGER,
  mapType,
  type SqlType,
  STRING,
  structType,
} from '../../../../sql/sql-type.js';
import type { Value } from '../../types/value.js';
import { type Argument, bindScalar, call, lambda, typed } from '../call.test-util.js';

const ints = (...values: (number | null)[]) => typed(arrayType(INTEGER), values);
const texts = (...values: (string | null)[]) => typed(arrayType(STRING), values);
const none = (element: SqlType) => typed(arrayType(element), null);
const counts = (entries: readonly (readonly [string, number | null])[]) =>
  typed(mapType(STRING, INTEGER), new Map(entries));
const STRUCT = structType([{ name: 'A', type: INTEGER }]);

const CASES: readonly (readonly [string, readonly Argument[], Value])[] = [
  ['ARRAY_CONCAT', [ints(1, 2), ints(2, null)], [1, 2, 2, null]],
  ['ARRAY_CONCAT', [ints(1), none(INTEGER)], [1]],
  ['ARRAY_CONCAT', [none(INTEGER), none(INTEGER)], null],
  ['ARRAY_DISTINCT', [ints(1, 2, null, 1, null)], [1, 2, null]],
  ['ARRAY_DISTINCT', [typed(arrayType(STRUCT), [[1], [2], [1]])], [[1], [2]]],
  ['ARRAY_EXCEPT', [ints(1, 2, 3, 1, null), ints(2, null)], [1, 3]],
  ['ARRAY_INTERSECT', [ints(3, 1, 2, 1), ints(1, 3)], [3, 1]],
  ['ARRAY_UNION', [ints(1, 2), ints(2, 3, null)], [1, 2, 3, null]],
  ['ARRAY_UNION', [ints(1), none(INTEGER)], null],
  ['ARRAY_REMOVE', [ints(1, null, 2, 1), 1], [null, 2]],
  ['ARRAY_REMOVE', [ints(1, null), typed(INTEGER, null)], [1]],
  ['ARRAY_CONTAINS', [ints(1, 2), 2], true],
  ['ARRAY_CONTAINS', [ints(1, null), typed(INTEGER, null)], true],
  ['ARRAY_CONTAINS', [none(INTEGER), 2], false],
  ['ARRAY_LENGTH', [ints(1, null)], 2],
  ['ARRAY_JOIN', [typed(arrayType(DOUBLE), [1, null, 2.5])], '1.0,null,2.5'],
  ['ARRAY_JOIN', [texts('a', 'b'), '; '], 'a; b'],
  ['ARRAY_JOIN', [texts('a', 'b'), typed(STRING, null)], 'ab'],
  ['ARRAY_MAX', [ints(1, null, 3, 2)], 3],
  ['ARRAY_MIN', [ints(1, null, 3, 2)], 1],
  ['ARRAY_MAX', [ints(null)], null],
  ['ARRAY_MAX', [texts('a', 'B')], 'a'],
  ['ARRAY_SORT', [ints(3, null, 1, 2)], [1, 2, 3, null]],
  ['ARRAY_SORT', [ints(3, null, 1, 10), 'desc'], [10, 3, 1, null]],
  ['ARRAY_SORT', [ints(3, 1), 'sideways'], null],
  ['ARRAY_SORT', [typed(arrayType(STRUCT), [[1]])], [[1]]],
  ['SLICE', [ints(1, 2, 3, 4), 2, 3], [2, 3]],
  ['SLICE', [ints(1, 2, 3), typed(INTEGER, null), 2], [1, 2]],
  ['SLICE', [ints(1, 2, 3), 2, typed(INTEGER, null)], [2, 3]],
  ['SLICE', [ints(1, 2, 3), 2, 9], null],
  ['SLICE', [ints(1, 2, 3), 0, 2], null],
  ['GENERATE_SERIES', [1, 3], [1, 2, 3]],
  ['GENERATE_SERIES', [3, 1], [3, 2, 1]],
  ['GENERATE_SERIES', [0, 9, 4], [0, 4, 8]],
  ['GENERATE_SERIES', [5n, 1n, -2], [5n, 3n, 1n]],
  ['GENERATE_SERIES', [7, 7], [7]],
  [
    'MAP_KEYS',
    [
      counts([
        ['foo', 1],
        ['bar', 2],
      ]),
    ],
    ['bar', 'foo'],
  ],
  [
    'MAP_VALUES',
    [
      counts([
        ['foo', 1],
        ['bar', null],
      ]),
    ],
    [null, 1],
  ],
  [
    'MAP_UNION',
    [
      counts([
        ['a', 1],
        ['b', 2],
      ]),
      counts([['b', 3]]),
    ],
    new Map([
      ['a', 1],
      ['b', 3],
    ]),
  ],
  [
    'AS_MAP',
    [texts('a', 'b'), ints(1)],
    new Map<Value, Value>([
      ['a', 1],
      ['b', null],
    ]),
  ],
  [
    'ENTRIES',
    [
      counts([
        ['b', 1],
        ['a', 2],
      ]),
      true,
    ],
    [
      ['a', 2],
      ['b', 1],
    ],
  ],
  ['FILTER', [ints(5, 1, 4), lambda([INTEGER], BOOLEAN, (x) => (x as number) > 3)], [5, 4]],
  ['TRANSFORM', [ints(5, 1), lambda([INTEGER], STRING, (x) => `<${x}>`)], ['<5>', '<1>']],
  [
    'REDUCE',
    [ints(5, 1, 4), 10, lambda([INTEGER, INTEGER], INTEGER, (s, x) => (s as number) + (x as number))],
    20,
  ],
  ['REDUCE', [none(INTEGER), 10, lambda([INTEGER, INTEGER], INTEGER, () => 0)], 10],
];

describe('functions of arrays and maps', () => {
  it.each(CASES)('%s %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toStrictEqual(expected);
  });

  it('transforms, filters and folds the entries of a map', () => {
    const map = counts([
      ['a', 1],
      ['b', 2],
    ]);
    const upper = lambda([STRING, INTEGER], STRING, (key) => (key as string).toUpperCase());
    const twice = lambda([STRING, INTEGER], INTEGER, (_key, value) => (value as number) * 2);
    expect(call('TRANSFORM', map, upper, twice)).toStrictEqual(
      new Map([
        ['A', 2],
        ['B', 4],
      ]),
    );
    const isA = lambda([STRING, INTEGER], BOOLEAN, (key) => key === 'a');
    expect(call('FILTER', map, isA)).toStrictEqual(new Map([['a', 1]]));
    const join = lambda([STRING, STRING, INTEGER], STRING, (state, key, value) => `${state}${key}${value}`);
    expect(call('REDUCE', map, '', join)).toBe('a1b2');
  });

  it('returns generic results with the types of the arguments', () => {
    const swap = lambda([INTEGER], STRING, String);
    expect(bindScalar('TRANSFORM', [ints(1), swap]).returnType).toStrictEqual(arrayType(STRING));
    expect(bindScalar('GENERATE_SERIES', [1n, 2n]).returnType).toStrictEqual(arrayType(BIGINT));
    expect(bindScalar('ENTRIES', [counts([]), true]).returnType).toStrictEqual(
      arrayType(
        structType([
          { name: 'K', type: STRING },
          { name: 'V', type: INTEGER },
        ]),
      ),
    );
  });

  it('does not modify its arguments', () => {
    const items = Object.freeze([3, 1, 2]);
    call('ARRAY_SORT', typed(arrayType(INTEGER), items));
    expect(items).toStrictEqual([3, 1, 2]);
  });

  it.each([
    ['GENERATE_SERIES', [1, 3, -1], 'GENERATE_SERIES step has wrong sign'],
    ['GENERATE_SERIES', [1, 3, 0], 'GENERATE_SERIES step cannot be zero'],
    ['GENERATE_SERIES', [1n, 2n ** 62n], 'too long'],
    ['GENERATE_SERIES', [1, 5_000_000], 'too long'],
    ['ARRAY_SORT', [typed(arrayType(STRUCT), [[1], [2]])], 'cannot be compared'],
    ['ARRAY_JOIN', [typed(arrayType(STRUCT), [[1]])], 'currently not supported'],
  ] as const)('%s %o refuses', (name, args, message) => {
    expect(() => call(name, ...args)).toThrow(message);
  });

  it.each([
    ['COALESCE', [typed(STRING, null), 'a', 'b'], 'a'],
    ['COALESCE', [typed(STRING, null)], null],
    ['IFNULL', [typed(INTEGER, null), 7], 7],
    ['NULLIF', ['a', 'a'], null],
    ['NULLIF', ['a', 'b'], 'a'],
    ['NULLIF', [ints(1, 2), ints(1, 2)], null],
    ['AS_VALUE', [5], 5],
  ] as const)('%s %o is %o', (name, args, expected) => {
    expect(call(name, ...args)).toStrictEqual(expected);
  });
});
