import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  arrayType,
  BIGINT,
  BOOLEAN,
  DOUBLE,
  decimalType,
  INTEGER,
  STRING,
  structType,
} from '../../../../sql/sql-type.js';
import { Decimal } from '../../types/decimal.js';
import type { Value } from '../../types/value.js';
import { aggregateOf, bindAggregate, fold } from '../call.test-util.js';

const rows = (...values: Value[]): readonly Value[][] => values.map((value) => [value]);

/** Returns the result after adding rows and undoing some. */
function undone(
  name: string,
  type: Parameters<typeof bindAggregate>[1][number],
  added: Value[],
  taken: Value[],
) {
  const bound = bindAggregate(name, [type]);
  return bound.result(
    taken.reduce<Value>((state, value) => bound.undo!(state, [value]), fold(bound, rows(...added))),
  );
}

/** Returns the result of merging two sessions. */
function merged(bound: ReturnType<typeof bindAggregate>, a: readonly Value[], b: readonly Value[]): Value {
  return bound.result(bound.merge(fold(bound, rows(...a)), fold(bound, rows(...b))));
}

describe('COUNT, SUM, AVG', () => {
  it('count and sum values other than NULL', () => {
    expect(aggregateOf(bindAggregate('COUNT', [STRING]), ['a', null, 'b'])).toBe(2n);
    expect(aggregateOf(bindAggregate('SUM', [INTEGER]), [1, null, 2])).toBe(3);
    expect(aggregateOf(bindAggregate('SUM', [BIGINT]), [])).toBe(0n);
    expect(aggregateOf(bindAggregate('AVG', [INTEGER]), [1, 2, null])).toBe(1.5);
    expect(aggregateOf(bindAggregate('AVG', [DOUBLE]), [])).toBe(0);
    expect(aggregateOf(bindAggregate('SUM_LIST', [arrayType(INTEGER)]), [[1, null, 2], null, [3]])).toBe(6);
  });

  it('wrap around as Java integers do', () => {
    expect(aggregateOf(bindAggregate('SUM', [INTEGER]), [2147483647, 1])).toBe(-2147483648);
    expect(aggregateOf(bindAggregate('SUM', [BIGINT]), [9223372036854775807n, 1n])).toBe(
      -9223372036854775808n,
    );
  });

  it('sum decimals exactly, and refuse overflows', () => {
    const sum = bindAggregate('SUM', [decimalType(4, 2)]);
    expect(sum.returnType).toStrictEqual(decimalType(4, 2));
    expect(aggregateOf(sum, [])).toStrictEqual(new Decimal(0n, 2));
    expect(aggregateOf(sum, [Decimal.parse('0.10'), null, Decimal.parse('0.20')])).toStrictEqual(
      Decimal.parse('0.30'),
    );
    expect(() => aggregateOf(sum, [Decimal.parse('99.99'), Decimal.parse('0.01')])).toThrow(
      'Numeric field overflow: A field with precision 4 and scale 2 must round to an absolute value less than 10^2. ' +
        'Got 100.00',
    );
  });

  it('undo rows', () => {
    expect(undone('COUNT', STRING, ['a', 'b', null], ['a', null])).toBe(1n);
    expect(undone('SUM', INTEGER, [1, 2], [2])).toBe(1);
    expect(undone('AVG', BIGINT, [1n, 2n, 6n], [6n])).toBe(1.5);
  });
});

describe('MIN and MAX', () => {
  it('return the smallest and largest value other than NULL', () => {
    expect(aggregateOf(bindAggregate('MIN', [INTEGER]), [3, null, 1, 2])).toBe(1);
    expect(aggregateOf(bindAggregate('MAX', [STRING]), ['a', null, 'B'])).toBe('a');
    expect(aggregateOf(bindAggregate('MAX', [INTEGER]), [null])).toBe(null);
  });

  it('cannot undo a row, so they do not support tables', () => {
    for (const name of ['MIN', 'MAX']) expect(bindAggregate(name, [INTEGER]).undo).toBeUndefined();
    for (const name of ['TOPKDISTINCT', 'TOPK']) {
      expect(bindAggregate(name, [STRING], [3]).undo).toBeUndefined();
    }
    for (const name of ['COLLECT_SET', 'COUNT_DISTINCT', 'LATEST_BY_OFFSET', 'EARLIEST_BY_OFFSET']) {
      expect(bindAggregate(name, [STRING]).undo).toBeUndefined();
    }
  });
});

describe('TOPKDISTINCT', () => {
  it.each(['TOPKDISTINCT', 'TOPK'])('stops the query of %s if k is 0, as in ksqlDB', (name) => {
    const bound = bindAggregate(name, [BIGINT], [0]);
    expect(bound.add(bound.initial(), [null])).toEqual([]);
    expect(() => bound.add(bound.initial(), [1n])).toThrow('Index -1 out of bounds for length 0');
  });

  const top = bindAggregate('TOPKDISTINCT', [STRING], [5]);

  it('keeps the k largest distinct values, largest first', () => {
    expect(aggregateOf(top, ['b', 'a', null, 'c', 'b', 'f', 'e', 'd', 'a'])).toStrictEqual([
      'f',
      'e',
      'd',
      'c',
      'b',
    ]);
    expect(top.returnType).toStrictEqual(arrayType(STRING));
  });

  it('does not depend on order, repetition or the merging of sessions', () => {
    const values = fc.array(fc.oneof(fc.string({ maxLength: 2 }), fc.constant(null)), { maxLength: 30 });
    fc.assert(
      fc.property(values, values, fc.integer({ min: 1, max: 6 }), (a, b, k) => {
        const all = [...a, ...b];
        const present = new Set(all.filter((value) => value !== null));
        const expected = [...present].sort((x, y) => (x < y ? 1 : -1)).slice(0, k);
        const bound = bindAggregate('TOPKDISTINCT', [STRING], [k]);
        expect(aggregateOf(bound, all)).toStrictEqual(expected);
        expect(aggregateOf(bound, [...all].reverse())).toStrictEqual(expected);
        expect(merged(bound, a, b)).toStrictEqual(expected);
      }),
    );
  });

  it('never modifies its input state', () => {
    const state = Object.freeze(['c', 'a']);
    expect(top.add(state, ['b'])).toStrictEqual(['c', 'b', 'a']);
    expect(top.add(state, ['a'])).toBe(state);
  });

  it('compares decimals by number', () => {
    const decimals = bindAggregate('TOPKDISTINCT', [decimalType(5, 1)], [2]);
    const values = ['9.5', '10.5', '9.5', '1.0'].map((text) => Decimal.parse(text));
    expect(aggregateOf(decimals, values)).toStrictEqual([Decimal.parse('10.5'), Decimal.parse('9.5')]);
  });
});

describe('TOPK', () => {
  it('keeps equal values', () => {
    expect(aggregateOf(bindAggregate('TOPK', [INTEGER], [3]), [5, 1, 5, null, 7])).toStrictEqual([7, 5, 5]);
    expect(merged(bindAggregate('TOPK', [INTEGER], [3]), [5, 1], [5, 4])).toStrictEqual([5, 5, 4]);
  });

  it('carries other columns', () => {
    const bound = bindAggregate('TOPK', [INTEGER, STRING, BOOLEAN], [2]);
    expect(bound.returnType).toStrictEqual(
      arrayType(
        structType([
          { name: 'sort_col', type: INTEGER },
          { name: 'col0', type: STRING },
          { name: 'col1', type: BOOLEAN },
        ]),
      ),
    );
    const state = fold(bound, [
      [1, 'a', true],
      [3, 'b', null],
      [3, 'c', false],
      [null, 'd', true],
      [3, 'late', true],
    ]);
    expect(bound.result(state)).toStrictEqual([
      [3, 'b', null],
      [3, 'c', false],
    ]);
  });
});

describe('EARLIEST_BY_OFFSET and LATEST_BY_OFFSET', () => {
  const values = [null, 'a', 'b', null, 'c', null];
  it.each([
    ['EARLIEST_BY_OFFSET', [], 'a'],
    ['EARLIEST_BY_OFFSET', [false], null],
    ['EARLIEST_BY_OFFSET', [2], ['a', 'b']],
    ['EARLIEST_BY_OFFSET', [2, false], [null, 'a']],
    ['LATEST_BY_OFFSET', [], 'c'],
    ['LATEST_BY_OFFSET', [false], null],
    ['LATEST_BY_OFFSET', [2], ['b', 'c']],
    ['LATEST_BY_OFFSET', [2, false], ['c', null]],
  ] as const)('%s(value, %o) is %o', (name, constants, expected) => {
    expect(aggregateOf(bindAggregate(name, [STRING], constants), values)).toStrictEqual(expected);
  });

  it('know which session came first, in any order of merging', () => {
    for (const [name, expected] of [
      ['EARLIEST_BY_OFFSET', 'a'],
      ['LATEST_BY_OFFSET', 'b'],
    ] as const) {
      const bound = bindAggregate(name, [STRING]);
      const first = fold(bound, rows('a'));
      const second = fold(bound, rows('b'));
      expect(bound.result(bound.merge(first, second))).toBe(expected);
      expect(bound.result(bound.merge(second, first))).toBe(expected);
      expect(bound.result(bound.merge(bound.initial(), first))).toBe('a');
    }
  });

  it('refuse a count below 1', () => {
    expect(() => bindAggregate('LATEST_BY_OFFSET', [STRING], [0])).toThrow('latestN must be 1 or greater');
    expect(() => bindAggregate('EARLIEST_BY_OFFSET', [STRING], [-1])).toThrow(
      'earliestN must be 1 or greater',
    );
  });
});

describe('COLLECT_LIST and COLLECT_SET', () => {
  it('collect values, including NULLs', () => {
    expect(aggregateOf(bindAggregate('COLLECT_LIST', [INTEGER]), [1, null, 1])).toStrictEqual([1, null, 1]);
    expect(aggregateOf(bindAggregate('COLLECT_SET', [INTEGER]), [1, null, 1, null, 2])).toStrictEqual([
      1,
      null,
      2,
    ]);
    const lists = bindAggregate('COLLECT_SET', [arrayType(INTEGER)]);
    expect(aggregateOf(lists, [[1], [2], [1]])).toStrictEqual([[1], [2]]);
    expect(undone('COLLECT_LIST', INTEGER, [1, 2, 1], [1, 9])).toStrictEqual([1, 2]);
  });

  it('stop at the configured limits', () => {
    const list = new Map([['ksql.functions.collect_list.limit', '2']]);
    const set = new Map([['ksql.functions.collect_set.limit', '2']]);
    const limited = bindAggregate('COLLECT_LIST', [INTEGER], [], { config: list });
    expect(aggregateOf(limited, [1, 2, 3])).toStrictEqual([1, 2]);
    expect(merged(limited, [1], [2, 3])).toStrictEqual([1, 2]);
    expect(
      merged(bindAggregate('COLLECT_SET', [INTEGER], [], { config: set }), [1], [1, 2, 3]),
    ).toStrictEqual([1, 2]);
  });
});

describe('HISTOGRAM and ATTR', () => {
  it('count values', () => {
    const histogram = bindAggregate('HISTOGRAM', [STRING]);
    expect(aggregateOf(histogram, ['a', 'b', 'a'])).toStrictEqual(
      new Map([
        ['a', 2n],
        ['b', 1n],
      ]),
    );
    expect(undone('HISTOGRAM', STRING, ['a', 'b', 'a'], ['b', 'a'])).toStrictEqual(new Map([['a', 1n]]));
    const many = Array.from({ length: 1001 }, (_, i) => `v${i}`);
    const counted = aggregateOf(histogram, [...many, 'v0']) as ReadonlyMap<Value, Value>;
    expect([counted.size, counted.get('v0'), counted.has('v1000')]).toStrictEqual([1000, 2n, false]);
  });

  it('return the single value of a group', () => {
    const attr = bindAggregate('ATTR', [STRING]);
    expect(aggregateOf(attr, ['a', 'a'])).toBe('a');
    expect(aggregateOf(attr, ['a', 'b'])).toBe(null);
    expect(aggregateOf(attr, ['a', null])).toBe(null);
    expect(undone('ATTR', STRING, ['a', 'b'], ['b'])).toBe('a');
    expect(merged(attr, ['a'], ['a', 'b'])).toBe(null);
  });
});

describe('statistics', () => {
  const numbers = [600, 200, 350, 100, 250];

  it('compute deviation, variance and correlation', () => {
    expect(aggregateOf(bindAggregate('STDDEV_SAMPLE', [INTEGER]), numbers)).toBeCloseTo(190.394328, 5);
    expect(aggregateOf(bindAggregate('STDDEV_SAMP', [INTEGER]), numbers)).toBeCloseTo(36250, 6);
    expect(aggregateOf(bindAggregate('STDDEV_SAMPLE', [BIGINT]), [5n])).toBe(0);
    const correlation = bindAggregate('CORRELATION', [DOUBLE, DOUBLE]);
    const line = fold(correlation, [
      [1, 2],
      [2, 4],
      [null, 9],
      [3, 6],
    ]);
    expect(correlation.result(line)).toBeCloseTo(1, 9);
    expect(correlation.result(correlation.initial())).toBeNaN();
  });

  it('merge sessions and undo rows consistently', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 2, maxLength: 20 }),
        fc.array(fc.integer({ min: -1000, max: 1000 }), { minLength: 1, maxLength: 20 }),
        (a, b) => {
          const bound = bindAggregate('STDDEV_SAMPLE', [DOUBLE]);
          const all = aggregateOf(bound, [...a, ...b]) as number;
          expect(merged(bound, a, b)).toBeCloseTo(all, 6);
          expect(undone('STDDEV_SAMPLE', DOUBLE, [...a, ...b], b)).toBeCloseTo(
            aggregateOf(bound, a) as number,
            4,
          );
        },
      ),
    );
  });
});

describe('COUNT_DISTINCT', () => {
  const distinct = bindAggregate('COUNT_DISTINCT', [INTEGER]);

  it('counts hundreds of values exactly', () => {
    expect(aggregateOf(distinct, [])).toBe(0n);
    const values = Array.from({ length: 400 }, (_, i) => i);
    expect(aggregateOf(distinct, [...values, ...values, null])).toBe(400n);
    expect(merged(distinct, values.slice(0, 300), values.slice(100))).toBe(400n);
  });

  it('estimates many values within three percent, merged or not', () => {
    const values = Array.from({ length: 50_000 }, (_, i) => i * 7);
    const error = (count: Value) => Math.abs(Number(count) / 50_000 - 1);
    expect(error(aggregateOf(distinct, values))).toBeLessThan(0.03);
    expect(error(merged(distinct, values.slice(0, 30_000), values.slice(20_000)))).toBeLessThan(0.03);
    expect(error(merged(distinct, values, values.slice(0, 10)))).toBeLessThan(0.03);
  });
});
