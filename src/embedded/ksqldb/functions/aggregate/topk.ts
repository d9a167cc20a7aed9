import { arrayType, type SqlType, structType } from '../../../../sql/sql-type.js';
import { type Comparator, comparatorOf } from '../../types/compare.js';
import type { Value } from '../../types/value.js';
import {
  aggregate,
  arrayOf,
  generic,
  P_ANY,
  P_BIGINT,
  P_DOUBLE,
  P_INT,
  P_STRING,
  param,
  sqlTypeOf,
  variadic,
} from '../define.js';
import type { AggregateFunction, AggregateSignature, ArgumentType, BoundAggregate } from '../function.js';
import { addToNothing, insertAt } from './topk-distinct.js';

type Present = Exclude<Value, null>;
type State = readonly Present[];

/** Returns the type of an item: that of the column, or a struct of it and the other columns. */
function itemType(columns: readonly ArgumentType[]): SqlType {
  const first = sqlTypeOf(columns[0]);
  if (columns.length === 1) return first;
  return structType(
    columns.map((column, i) => ({ name: i === 0 ? 'sort_col' : `col${i - 1}`, type: sqlTypeOf(column) })),
  );
}

/** Returns the index for a new item, which goes after equal ones. */
function placeOf(
  list: State,
  value: Present,
  sortOf: (item: Present) => Present,
  compare: Comparator,
): number {
  let at = list.length;
  while (at > 0 && compare(value, sortOf(list[at - 1]!)) > 0) at--;
  return at;
}

function topk(columns: readonly ArgumentType[], k: number): BoundAggregate {
  const compare = comparatorOf(sqlTypeOf(columns[0]))!;
  const width = columns.length;
  const sortOf = width === 1 ? (item: Present) => item : (item: Present) => (item as State)[0]!;
  const list = arrayType(itemType(columns));
  return {
    stateType: list,
    returnType: list,
    initial: () => [],
    add: (state, args) => {
      const value = args[0]!;
      if (value === null) return state;
      if (k === 0) return addToNothing(state, args);
      const items = state as State;
      const at = placeOf(items, value, sortOf, compare);
      if (at === items.length && items.length === k) return state;
      return insertAt(items, at, width === 1 ? value : args.slice(0, width), k);
    },
    merge: (a, b) => {
      const left = a as State;
      const right = b as State;
      const merged: Present[] = [];
      let i = 0;
      let j = 0;
      while (merged.length !== k && (i < left.length || j < right.length)) {
        const takeLeft =
          i < left.length && (j >= right.length || compare(sortOf(left[i]!), sortOf(right[j]!)) >= 0);
        merged.push(takeLeft ? left[i++]! : right[j++]!);
      }
      return merged;
    },
    result: (state) => state,
  };
}

function signatureFor(type: typeof P_INT, what: string): AggregateSignature {
  return {
    parameters: [param('val1', type), variadic('val2', P_ANY), param('k', P_INT)],
    constants: 1,
    returns: (args) => arrayType(itemType(args.slice(0, -1))),
    documentedReturns: arrayOf(generic('S')),
    description: `The k largest values of a ${what} column, with other values of their rows.`,
    bind: (site) => topk(site.argumentTypes.slice(0, -1), site.constants.at(-1) as number),
  };
}

export const TOPK: AggregateFunction = aggregate(
  'TOPK',
  {
    description:
      'The k largest values of a group, largest first; with further columns, structs of the value (sort_col) and ' +
      'theirs (col0, col1, ...).',
  },
  signatureFor(P_INT, 'INTEGER'),
  signatureFor(P_BIGINT, 'BIGINT'),
  signatureFor(P_DOUBLE, 'DOUBLE'),
  signatureFor(P_STRING, 'STRING'),
);
