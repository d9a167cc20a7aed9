import { arrayType, type SqlType } from '../../../../sql/sql-type.js';
import { type Comparator, comparatorOf } from '../../types/compare.js';
import type { Value } from '../../types/value.js';
import {
  aggregate,
  arrayOf,
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
import { KsqlFunctionException } from '../function-error.js';

type Present = Exclude<Value, null>;
type State = readonly Present[];

/** Inserts `value` before index `at`, and truncates the list to `k` items. */
export function insertAt(state: State, at: number, value: Present, k: number): Present[] {
  const kept = state.length < k || k < 0 ? state.length : k - 1;
  const next = new Array<Present>(kept + 1);
  for (let i = 0; i < at; i++) next[i] = state[i]!;
  next[at] = value;
  for (let i = at; i < kept; i++) next[i + 1] = state[i]!;
  return next;
}

/** For types that JavaScript's operators compare correctly. Most rows belong at the front or after the end. */
function addNatural(k: number) {
  return (state: Value, args: readonly Value[]): Value => {
    const value = args[0]!;
    if (value === null) return state;
    const list = state as State;
    const size = list.length;
    if (size === k && value <= list[size - 1]!) return state;
    let at = 0;
    while (at < size) {
      const item = list[at]!;
      if (value > item) break;
      if (value === item) return state;
      at++;
    }
    return insertAt(list, at, value, k);
  };
}

function addCompared(k: number, compare: Comparator) {
  return (state: Value, args: readonly Value[]): Value => {
    const value = args[0]!;
    if (value === null) return state;
    const list = state as State;
    const size = list.length;
    if (size === k && compare(value, list[size - 1]!) <= 0) return state;
    let at = 0;
    while (at < size) {
      const order = compare(value, list[at]!);
      if (order > 0) break;
      if (order === 0) return state;
      at++;
    }
    return insertAt(list, at, value, k);
  };
}

/** With k = 0, ksqlDB reads the last element of an empty list, which stops the query. */
export function addToNothing(state: Value, args: readonly Value[]): Value {
  if (args[0] === null) return state;
  throw new KsqlFunctionException('Index -1 out of bounds for length 0');
}

function mergeDistinct(a: State, b: State, k: number, compare: Comparator): Value {
  const merged: Present[] = [];
  let i = 0;
  let j = 0;
  while (merged.length !== k && (i < a.length || j < b.length)) {
    const order = i >= a.length ? -1 : j >= b.length ? 1 : compare(a[i]!, b[j]!);
    merged.push(order >= 0 ? a[i]! : b[j]!);
    if (order >= 0) i++;
    if (order <= 0) j++;
  }
  return merged;
}

const NATURAL = new Set(['STRING', 'BIGINT', 'INTEGER', 'DATE', 'TIME', 'TIMESTAMP']);
const EMPTY: readonly Value[] = [];

function topkDistinct(type: SqlType, k: number): BoundAggregate {
  const compare = comparatorOf(type)!;
  const list = arrayType(type);
  return {
    stateType: list,
    returnType: list,
    initial: () => EMPTY,
    add: k === 0 ? addToNothing : NATURAL.has(type.base) ? addNatural(k) : addCompared(k, compare),
    merge: (a, b) => mergeDistinct(a as State, b as State, k, compare),
    result: (state) => state,
  };
}

function signatureFor(type: typeof P_INT, what: string): AggregateSignature {
  return {
    parameters: [param('val1', type), param('k', P_INT)],
    constants: 1,
    returns: (args) => arrayType(sqlTypeOf(args[0])),
    documentedReturns: arrayOf(type),
    description: `The k largest different values of a ${what} column.`,
    bind: (site) => topkDistinct(sqlTypeOf(site.argumentTypes[0]), site.constants[1] as number),
  };
}

export const TOPKDISTINCT: AggregateFunction = aggregate(
  'TOPKDISTINCT',
  { description: 'The k largest different values of a group, largest first.' },
  signatureFor(P_BIGINT, 'BIGINT'),
  signatureFor(P_INT, 'INTEGER'),
  signatureFor(P_DOUBLE, 'DOUBLE'),
  signatureFor(P_DECIMAL, 'DECIMAL'),
  signatureFor(P_BYTES, 'BYTES'),
  signatureFor(P_DATE, 'DATE'),
  signatureFor(P_TIME, 'TIME'),
  signatureFor(P_TIMESTAMP, 'TIMESTAMP'),
  signatureFor(P_STRING, 'STRING'),
);
