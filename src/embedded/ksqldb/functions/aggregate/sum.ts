import { BIGINT, DOUBLE, INTEGER, type SqlType } from '../../../../sql/sql-type.js';
import { Decimal } from '../../types/decimal.js';
import type { Value } from '../../types/value.js';
import { aggregate, arrayOf, P_BIGINT, P_DECIMAL, P_DOUBLE, P_INT, param, sqlTypeOf } from '../define.js';
import type { AggregateFunction, AggregateSignature, BoundAggregate } from '../function.js';
import { KsqlFunctionException } from '../function-error.js';

/** Adds and subtracts values of one type. Integers wrap around as in Java. */
export interface Arithmetic {
  readonly type: SqlType;
  readonly zero: Value;
  readonly add: (a: Value, b: Value) => Value;
  readonly subtract: (a: Value, b: Value) => Value;
}

export const INTEGER_ARITHMETIC: Arithmetic = {
  type: INTEGER,
  zero: 0,
  add: (a, b) => ((a as number) + (b as number)) | 0,
  subtract: (a, b) => ((a as number) - (b as number)) | 0,
};

export const BIGINT_ARITHMETIC: Arithmetic = {
  type: BIGINT,
  zero: 0n,
  add: (a, b) => BigInt.asIntN(64, (a as bigint) + (b as bigint)),
  subtract: (a, b) => BigInt.asIntN(64, (a as bigint) - (b as bigint)),
};

export const DOUBLE_ARITHMETIC: Arithmetic = {
  type: DOUBLE,
  zero: 0,
  add: (a, b) => (a as number) + (b as number),
  subtract: (a, b) => (a as number) - (b as number),
};

function sumOf({ type, zero, add, subtract }: Arithmetic): BoundAggregate {
  return {
    stateType: type,
    returnType: type,
    initial: () => zero,
    add: (state, args) => (args[0] === null ? state : add(state, args[0]!)),
    undo: (state, args) => (args[0] === null ? state : subtract(state, args[0]!)),
    merge: add,
    result: (state) => state,
  };
}

/** As in ksqlDB, only adding a row checks for overflow; undoing a row and merging sessions do not. */
function decimalSum(type: SqlType): BoundAggregate {
  if (type.base !== 'DECIMAL')
    throw new KsqlFunctionException(`SUM of ${type.base} is not a sum of decimals.`);
  const { precision, scale } = type;
  const digits = precision - scale;
  const sum = sumOf({
    type,
    zero: new Decimal(0n, scale),
    add: (a, b) => (a as Decimal).add(b as Decimal),
    subtract: (a, b) => (a as Decimal).subtract(b as Decimal),
  });
  return {
    ...sum,
    add: (state, args) => {
      const value = args[0]!;
      if (value === null) return state;
      const total = (state as Decimal).add(value as Decimal);
      if (!total.integerPartBelow(digits)) {
        throw new KsqlFunctionException(
          `Numeric field overflow: A field with precision ${precision} and scale ${scale} ` +
            `must round to an absolute value less than 10^${digits}. Got ${total.toString()}`,
        );
      }
      return total;
    },
  };
}

const DESCRIPTION = 'The sum of the values of a group; NULLs are left out.';

export const SUM: AggregateFunction = aggregate(
  'SUM',
  { description: DESCRIPTION },
  {
    parameters: [param('val1', P_DECIMAL)],
    returns: (args) => sqlTypeOf(args[0]),
    documentedReturns: P_DECIMAL,
    description: 'The sum of decimals, with the precision and scale of the column',
    bind: (site) => decimalSum(site.returnType),
  },
  {
    parameters: [param('val1', P_DOUBLE)],
    returns: P_DOUBLE,
    description: DESCRIPTION,
    bind: () => sumOf(DOUBLE_ARITHMETIC),
  },
  {
    parameters: [param('val1', P_BIGINT)],
    returns: P_BIGINT,
    description: DESCRIPTION,
    bind: () => sumOf(BIGINT_ARITHMETIC),
  },
  {
    parameters: [param('val1', P_INT)],
    returns: P_INT,
    description: DESCRIPTION,
    bind: () => sumOf(INTEGER_ARITHMETIC),
  },
);

function sumOfLists({ type, zero, add, subtract }: Arithmetic): BoundAggregate {
  const total = (list: Value): Value => {
    let sum = zero;
    for (const item of list as readonly Value[]) if (item !== null) sum = add(sum, item);
    return sum;
  };
  return {
    stateType: type,
    returnType: type,
    initial: () => zero,
    add: (state, args) => (args[0] === null ? state : add(state, total(args[0]!))),
    undo: (state, args) => (args[0] === null ? state : subtract(state, total(args[0]!))),
    merge: add,
    result: (state) => state,
  };
}

function listSignature(element: typeof P_INT, arithmetic: Arithmetic): AggregateSignature {
  return {
    parameters: [param('val1', arrayOf(element))],
    returns: element,
    description: `The sum of the ${arithmetic.type.base} items of all lists`,
    bind: () => sumOfLists(arithmetic),
  };
}

export const SUM_LIST: AggregateFunction = aggregate(
  'SUM_LIST',
  { description: 'The sum of all items of all lists of a group.' },
  listSignature(P_DOUBLE, DOUBLE_ARITHMETIC),
  listSignature(P_INT, INTEGER_ARITHMETIC),
  listSignature(P_BIGINT, BIGINT_ARITHMETIC),
);
