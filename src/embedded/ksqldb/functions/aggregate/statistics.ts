import { BIGINT, DOUBLE, structType } from '../../../../sql/sql-type.js';
import type { Value } from '../../types/value.js';
import { aggregate, P_BIGINT, P_DOUBLE, P_INT, param } from '../define.js';
import type { AggregateFunction, AggregateSignature, BoundAggregate } from '../function.js';
import { type Arithmetic, BIGINT_ARITHMETIC, DOUBLE_ARITHMETIC, INTEGER_ARITHMETIC } from './sum.js';

const NUMERIC: readonly (readonly [typeof P_INT, Arithmetic])[] = [
  [P_BIGINT, BIGINT_ARITHMETIC],
  [P_INT, INTEGER_ARITHMETIC],
  [P_DOUBLE, DOUBLE_ARITHMETIC],
];

/** [SUM, COUNT] */
type SumCount = readonly [Value, bigint];

function average({ type, zero, add, subtract }: Arithmetic): BoundAggregate {
  return {
    stateType: structType([
      { name: 'SUM', type },
      { name: 'COUNT', type: BIGINT },
    ]),
    returnType: DOUBLE,
    initial: () => [zero, 0n],
    add: (state, args) => {
      if (args[0] === null) return state;
      const [sum, count] = state as SumCount;
      return [add(sum, args[0]!), count + 1n];
    },
    undo: (state, args) => {
      if (args[0] === null) return state;
      const [sum, count] = state as SumCount;
      return [subtract(sum, args[0]!), count - 1n];
    },
    merge: (a, b) => {
      const [sumA, countA] = a as SumCount;
      const [sumB, countB] = b as SumCount;
      return [add(sumA, sumB), countA + countB];
    },
    result: (state) => {
      const [sum, count] = state as SumCount;
      return count === 0n ? 0 : Number(sum) / Number(count);
    },
  };
}

export const AVG: AggregateFunction = aggregate(
  'AVG',
  { description: 'The average of the numbers of a group; NULLs are left out.' },
  ...NUMERIC.map(
    ([type, arithmetic]): AggregateSignature => ({
      parameters: [param('val1', type)],
      returns: P_DOUBLE,
      description: `The average of a ${arithmetic.type.base} column`,
      bind: () => average(arithmetic),
    }),
  ),
);

/** [SUM, COUNT, M2]; M2 is the sum of the squared differences from the mean. */
type Moments = readonly [Value, bigint, number];

/** Computes n * value - sum in the arithmetic of the type. */
function delta(arithmetic: Arithmetic, sum: Value, value: Value, count: bigint): number {
  const total = arithmetic.add(sum, value);
  if (arithmetic === DOUBLE_ARITHMETIC) return (value as number) * Number(count) - (total as number);
  return Number(
    BigInt.asIntN(64, BigInt(value as bigint | number) * count - BigInt(total as bigint | number)),
  );
}

/** Computes the difference of two means. Like ksqlDB, STDDEV_SAMP truncates the means of integers first. */
function meanDifference(arithmetic: Arithmetic, whole: boolean, a: Moments, b: Moments): number {
  if (!whole || arithmetic === DOUBLE_ARITHMETIC) {
    return Number(a[0]) / Number(a[1]) - Number(b[0]) / Number(b[1]);
  }
  return Number(BigInt(a[0] as bigint | number) / a[1] - BigInt(b[0] as bigint | number) / b[1]);
}

/** The one-pass, numerically stable algorithm of Youngs and Cramer. */
function deviation(arithmetic: Arithmetic, squareRoot: boolean): BoundAggregate {
  const { type, zero, add, subtract } = arithmetic;
  return {
    stateType: structType([
      { name: 'SUM', type },
      { name: 'COUNT', type: BIGINT },
      { name: 'M2', type: DOUBLE },
    ]),
    returnType: DOUBLE,
    initial: () => [zero, 0n, 0],
    add: (state, args) => {
      const value = args[0]!;
      if (value === null) return state;
      const [sum, count, m2] = state as Moments;
      const next = count + 1n;
      const d = count > 0n ? delta(arithmetic, sum, value, next) : 0;
      return [add(sum, value), next, m2 + (count > 0n ? (d * d) / Number(next * count) : 0)];
    },
    undo: (state, args) => {
      const value = args[0]!;
      if (value === null) return state;
      const [sum, count, m2] = state as Moments;
      const next = count - 1n;
      const d = next > 0n ? delta(arithmetic, sum, value, count + 1n) : 0;
      return [subtract(sum, value), next, m2 - (next > 0n ? (d * d) / Number(next * count) : 0)];
    },
    merge: (a, b) => {
      const one = a as Moments;
      const two = b as Moments;
      const count = one[1] + two[1];
      const sum = add(one[0], two[0]);
      if (one[1] === 0n || two[1] === 0n) return [sum, count, one[2] + two[2]];
      const d = meanDifference(arithmetic, !squareRoot, one, two);
      return [sum, count, one[2] + two[2] + (Number(one[1] * two[1]) * d * d) / Number(count)];
    },
    result: (state) => {
      const [, count, m2] = state as Moments;
      if (count < 2n) return 0;
      const variance = m2 / Number(count - 1n);
      return squareRoot ? Math.sqrt(variance) : variance;
    },
  };
}

function deviationFunction(name: string, squareRoot: boolean, description: string): AggregateFunction {
  return aggregate(
    name,
    { description },
    ...NUMERIC.map(
      ([type, arithmetic]): AggregateSignature => ({
        parameters: [param('val1', type)],
        returns: P_DOUBLE,
        description: `Of a ${arithmetic.type.base} column`,
        bind: () => deviation(arithmetic, squareRoot),
      }),
    ),
  );
}

export const STDDEV_SAMPLE: AggregateFunction = deviationFunction(
  'STDDEV_SAMPLE',
  true,
  'The sample standard deviation of the numbers of a group.',
);

export const STDDEV_SAMP: AggregateFunction = deviationFunction(
  'STDDEV_SAMP',
  false,
  'The sample variance of the numbers of a group: in spite of its name no root is taken. See STDDEV_SAMPLE.',
);

/** [X_SUM, Y_SUM, X_SQUARED_SUM, Y_SQUARED_SUM, XY_SUM, COUNT] */
type Sums = readonly [number, number, number, number, number, bigint];

function correlate(state: Value, args: readonly Value[], sign: 1 | -1): Value {
  if (args[0] === null || args[1] === null) return state;
  const x = Number(args[0]);
  const y = Number(args[1]);
  const s = state as Sums;
  return [
    s[0] + sign * x,
    s[1] + sign * y,
    s[2] + sign * (x * x),
    s[3] + sign * (y * y),
    s[4] + sign * (x * y),
    s[5] + BigInt(sign),
  ];
}

const CORRELATION_BOUND: BoundAggregate = {
  stateType: structType([
    { name: 'X_SUM', type: DOUBLE },
    { name: 'Y_SUM', type: DOUBLE },
    { name: 'X_SQUARED_SUM', type: DOUBLE },
    { name: 'Y_SQUARED_SUM', type: DOUBLE },
    { name: 'XY_SUM', type: DOUBLE },
    { name: 'COUNT', type: BIGINT },
  ]),
  returnType: DOUBLE,
  initial: () => [0, 0, 0, 0, 0, 0n],
  add: (state, args) => correlate(state, args, 1),
  undo: (state, args) => correlate(state, args, -1),
  merge: (a, b) => {
    const one = a as Sums;
    const two = b as Sums;
    return [
      one[0] + two[0],
      one[1] + two[1],
      one[2] + two[2],
      one[3] + two[3],
      one[4] + two[4],
      one[5] + two[5],
    ];
  },
  result: (state) => {
    const [x, y, xx, yy, xy, rows] = state as Sums;
    const n = Number(rows);
    return (n * xy - x * y) / Math.sqrt((n * xx - x * x) * (n * yy - y * y));
  },
};

export const CORRELATION: AggregateFunction = aggregate(
  'CORRELATION',
  { description: "Pearson's correlation coefficient of two columns; rows with a NULL are left out." },
  ...[P_DOUBLE, P_INT, P_BIGINT].map(
    (type): AggregateSignature => ({
      parameters: [param('val1', type), param('val2', type)],
      returns: P_DOUBLE,
      description: 'The correlation of two columns of one type',
      bind: () => CORRELATION_BOUND,
    }),
  ),
);
