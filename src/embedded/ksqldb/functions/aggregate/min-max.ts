import type { SqlType } from '../../../../sql/sql-type.js';
import { comparatorOf } from '../../types/compare.js';
import type { Value } from '../../types/value.js';
import {
  aggregate,
  P_BIGINT,
  P_BYTES,
  P_DATE,
  P_DECIMAL,
  P_DOUBLE,
  P_INT,
  P_STRING,
  P_TIME,
  P_TIMESTAMP,
  param,
  sqlTypeOf,
} from '../define.js';
import type { AggregateFunction, AggregateSignature, BoundAggregate } from '../function.js';

const ORDERED = [P_INT, P_BIGINT, P_DOUBLE, P_DECIMAL, P_DATE, P_TIME, P_TIMESTAMP, P_STRING, P_BYTES];

function extreme(type: SqlType, wanted: 1 | -1): BoundAggregate {
  const compare = comparatorOf(type)!;
  const better = (a: Value, b: Value): Value => {
    if (a === null) return b;
    if (b === null) return a;
    return compare(a, b) * wanted > 0 ? a : b;
  };
  return {
    stateType: type,
    returnType: type,
    initial: () => null,
    add: (state, args) => better(args[0]!, state),
    merge: better,
    result: (state) => state,
  };
}

function extremeFunction(name: string, wanted: 1 | -1, description: string): AggregateFunction {
  return aggregate(
    name,
    { description },
    ...ORDERED.map(
      (type): AggregateSignature => ({
        parameters: [param('val1', type)],
        returns: (args) => sqlTypeOf(args[0]),
        documentedReturns: type,
        description,
        bind: (site) => extreme(site.returnType, wanted),
      }),
    ),
  );
}

export const MIN: AggregateFunction = extremeFunction('MIN', -1, 'The smallest value of a group.');
export const MAX: AggregateFunction = extremeFunction('MAX', 1, 'The largest value of a group.');
