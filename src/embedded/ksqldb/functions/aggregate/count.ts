import { BIGINT } from '../../../../sql/sql-type.js';
import { aggregate, generic, P_BIGINT, param } from '../define.js';
import type { AggregateFunction, BoundAggregate } from '../function.js';

const BOUND: BoundAggregate = {
  stateType: BIGINT,
  returnType: BIGINT,
  initial: () => 0n,
  add: (state, args) => (args[0] === null ? state : (state as bigint) + 1n),
  undo: (state, args) => (args[0] === null ? state : (state as bigint) - 1n),
  merge: (a, b) => (a as bigint) + (b as bigint),
  result: (state) => state,
};

export const COUNT: AggregateFunction = aggregate(
  'COUNT',
  { description: 'How many rows there are in which the value is not NULL.' },
  {
    parameters: [param('val1', generic('T'))],
    returns: P_BIGINT,
    description: 'Counts the rows with a value',
    bind: () => BOUND,
  },
);
