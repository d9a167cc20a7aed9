import { BIGINT, mapType, STRING } from '../../../../sql/sql-type.js';
import type { Value } from '../../types/value.js';
import { aggregate, mapOf, P_BIGINT, P_STRING, param } from '../define.js';
import type { AggregateFunction, BoundAggregate } from '../function.js';

/** ksqlDB's limit; further values are ignored. */
const LIMIT = 1000;
const COUNTS = mapType(STRING, BIGINT);

type Counts = ReadonlyMap<Value, Value>;

function count(counts: Map<Value, Value>, value: Value, times: bigint): void {
  const before = counts.get(value) as bigint | undefined;
  if (before !== undefined || counts.size < LIMIT) counts.set(value, (before ?? 0n) + times);
}

const BOUND: BoundAggregate = {
  stateType: COUNTS,
  returnType: COUNTS,
  initial: () => new Map(),
  add: (state, args) => {
    const counts = new Map(state as Counts);
    count(counts, args[0]!, 1n);
    return counts;
  },
  undo: (state, args) => {
    const before = (state as Counts).get(args[0]!) as bigint | undefined;
    if (before === undefined) return state;
    const counts = new Map(state as Counts);
    if (before <= 1n) counts.delete(args[0]!);
    else counts.set(args[0]!, before - 1n);
    return counts;
  },
  merge: (a, b) => {
    const counts = new Map(a as Counts);
    for (const [value, times] of b as Counts) count(counts, value, times as bigint);
    return counts;
  },
  result: (state) => state,
};

export const HISTOGRAM: AggregateFunction = aggregate(
  'HISTOGRAM',
  {
    description: `How often each string of a group occurs, as a map; at most ${LIMIT} different ones are counted.`,
  },
  {
    parameters: [param('val1', P_STRING)],
    returns: mapOf(P_STRING, P_BIGINT),
    description: 'A map of the values of a column and their counts',
    bind: () => BOUND,
  },
);
