import { arrayType, BIGINT, type SqlType, structType } from '../../../../sql/sql-type.js';
import type { Value } from '../../types/value.js';
import { aggregate, arrayOf, generic, P_BOOLEAN, P_INT, param, sqlTypeOf } from '../define.js';
import type { AggregateFunction, AggregateSignature, BoundAggregate } from '../function.js';
import { KsqlFunctionException } from '../function-error.js';

/** A value with its sequence number, which decides when two sessions are merged: [SEQ, VAL]. */
type Entry = readonly [bigint, Value];

// Starts from the clock, so that values from before a restart stay earlier than those after it.
let sequence = BigInt(Date.now()) * 1_000_000n;

function entry(value: Value): Entry {
  sequence += 1n;
  return [sequence, value];
}

function entryType(value: SqlType): SqlType {
  return structType([
    { name: 'SEQ', type: BIGINT },
    { name: 'VAL', type: value },
  ]);
}

const bySequence = (a: Entry, b: Entry): number => (a[0] < b[0] ? -1 : a[0] > b[0] ? 1 : 0);
const valueIn = (state: Value): Value => (state === null ? null : (state as Entry)[1]);
const valuesOf = (state: Value): Value => (state as readonly Entry[]).map((item) => item[1]);
const joined = (a: Value, b: Value, n: number): Value =>
  [...(a as readonly Entry[]), ...(b as readonly Entry[])].sort(bySequence).slice(0, n);

function earliest(type: SqlType, ignoreNulls: boolean): BoundAggregate {
  return {
    stateType: entryType(type),
    returnType: type,
    initial: () => null,
    add: (state, args) => (state !== null || (args[0] === null && ignoreNulls) ? state : entry(args[0]!)),
    merge: (a, b) => {
      if (a === null || b === null) return a ?? b;
      return bySequence(a as Entry, b as Entry) < 0 ? a : b;
    },
    result: valueIn,
  };
}

function latest(type: SqlType, ignoreNulls: boolean): BoundAggregate {
  return {
    stateType: entryType(type),
    returnType: type,
    initial: () => entry(null),
    add: (state, args) => (args[0] === null && ignoreNulls ? state : entry(args[0]!)),
    merge: (a, b) => {
      if (ignoreNulls && (valueIn(a) === null || valueIn(b) === null)) {
        return valueIn(b) === null ? a : b;
      }
      return bySequence(a as Entry, b as Entry) >= 0 ? a : b;
    },
    result: valueIn,
  };
}

function earliestN(type: SqlType, ignoreNulls: boolean, n: number): BoundAggregate {
  if (n <= 0)
    throw new KsqlFunctionException('Failed to invoke UDAF factory method: earliestN must be 1 or greater');
  return {
    stateType: arrayType(entryType(type)),
    returnType: arrayType(type),
    initial: () => [],
    add: (state, args) => {
      const items = state as readonly Entry[];
      return items.length >= n || (args[0] === null && ignoreNulls) ? state : [...items, entry(args[0]!)];
    },
    merge: (a, b) => joined(a, b, n),
    result: valuesOf,
  };
}

function latestN(type: SqlType, ignoreNulls: boolean, n: number): BoundAggregate {
  if (n <= 0)
    throw new KsqlFunctionException('Failed to invoke UDAF factory method: latestN must be 1 or greater');
  return {
    stateType: arrayType(entryType(type)),
    returnType: arrayType(type),
    initial: () => [],
    add: (state, args) => {
      if (args[0] === null && ignoreNulls) return state;
      const items = state as readonly Entry[];
      return [...(items.length < n ? items : items.slice(items.length - n + 1)), entry(args[0]!)];
    },
    // Keeps the oldest n of both sessions like ksqlDB, although the name suggests otherwise.
    merge: (a, b) => joined(a, b, n),
    result: valuesOf,
  };
}

type One = (type: SqlType, ignoreNulls: boolean) => BoundAggregate;
type Many = (type: SqlType, ignoreNulls: boolean, n: number) => BoundAggregate;

function signatures(which: string, one: One, many: Many): readonly AggregateSignature[] {
  const T = generic('T');
  const value = param('val1', T);
  const count = param(`${which}N`, P_INT);
  const ignoreNulls = param('ignoreNulls', P_BOOLEAN);
  return [
    {
      parameters: [value],
      returns: T,
      description: `The ${which} value that is not NULL`,
      bind: (site) => one(sqlTypeOf(site.argumentTypes[0]), true),
    },
    {
      parameters: [value, ignoreNulls],
      constants: 1,
      returns: T,
      description: `The ${which} value; NULLs count unless they are to be ignored`,
      bind: (site) => one(sqlTypeOf(site.argumentTypes[0]), site.constants[1] as boolean),
    },
    {
      parameters: [value, count],
      constants: 1,
      returns: arrayOf(T),
      description: `The ${which} N values that are not NULL`,
      bind: (site) => many(sqlTypeOf(site.argumentTypes[0]), true, site.constants[1] as number),
    },
    {
      parameters: [value, count, ignoreNulls],
      constants: 2,
      returns: arrayOf(T),
      description: `The ${which} N values; NULLs count unless they are to be ignored`,
      bind: (site) =>
        many(sqlTypeOf(site.argumentTypes[0]), site.constants[2] as boolean, site.constants[1] as number),
    },
  ];
}

export const EARLIEST_BY_OFFSET: AggregateFunction = aggregate(
  'EARLIEST_BY_OFFSET',
  { description: 'The value, or the N values, of a column that arrived first.' },
  ...signatures('earliest', earliest, earliestN),
);

export const LATEST_BY_OFFSET: AggregateFunction = aggregate(
  'LATEST_BY_OFFSET',
  { description: 'The value, or the N values, of a column that arrived last; oldest first.' },
  ...signatures('latest', latest, latestN),
);
