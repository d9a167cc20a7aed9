import { describe, expect, it } from 'vitest';
import { recordsAfter, retainedRecords } from './offsets.js';

const offsets = new Map([
  [0, { low: 2n, high: 10n }],
  [1, { low: 0n, high: 9_007_199_254_740_993n }],
  [2, { low: 5n, high: 5n }],
]);

describe('retainedRecords', () => {
  it('adds up the partitions exactly beyond 2^53', () => {
    expect(retainedRecords(offsets)).toBe(9_007_199_254_741_001n);
    expect(retainedRecords(new Map())).toBe(0n);
  });
});

describe('recordsAfter', () => {
  it.each<[string, [number, bigint][], bigint]>([
    ['counts from the position to the end', [[0, 7n]], 3n],
    [
      'adds up partitions exactly beyond 2^53',
      [
        [0, 2n],
        [1, 0n],
      ],
      9_007_199_254_741_001n,
    ],
    ['counts nothing at the end', [[0, 10n]], 0n],
    ['counts nothing beyond the end of a recreated topic', [[0, 11n]], 0n],
    ['counts nothing without a position (offset -1)', [[0, -1n]], 0n],
    ['counts nothing for a partition that the broker does not have', [[7, 3n]], 0n],
    ['counts nothing for an empty partition', [[2, 5n]], 0n],
  ])('%s', (_, positions, lag) => {
    expect(recordsAfter(new Map(positions), offsets)).toBe(lag);
  });
});
