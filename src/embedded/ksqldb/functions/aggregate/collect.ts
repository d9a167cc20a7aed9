import { arrayType } from '../../../../sql/sql-type.js';
import { equalValues } from '../../types/compare.js';
import type { Value } from '../../types/value.js';
import { aggregate, arrayOf, generic, param, sqlTypeOf } from '../define.js';
import type { AggregateFunction, BoundAggregate, CallSite } from '../function.js';

type List = readonly Value[];

/** Returns the maximum number of items. Absent or negative means no limit. */
function limitOf(site: CallSite, property: string): number {
  const limit = Number.parseInt(site.config.get(property) ?? '-1', 10);
  return limit >= 0 ? limit : Number.POSITIVE_INFINITY;
}

function collectList(site: CallSite): BoundAggregate {
  const limit = limitOf(site, 'ksql.functions.collect_list.limit');
  const type = arrayType(sqlTypeOf(site.argumentTypes[0]));
  return {
    stateType: type,
    returnType: type,
    initial: () => [],
    add: (state, args) => ((state as List).length < limit ? [...(state as List), args[0]!] : state),
    undo: (state, args) => {
      const list = state as List;
      const at = list.findLastIndex((item) => equalValues(item, args[0]!));
      // Nothing was added beyond the limit, so there is nothing to undo.
      return at < 0 ? state : list.filter((_, i) => i !== at);
    },
    merge: (a, b) => [...(a as List), ...(b as List)].slice(0, Math.max(limit, (a as List).length)),
    result: (state) => state,
  };
}

function contains(list: List, value: Value): boolean {
  return value !== null && typeof value === 'object'
    ? list.some((item) => equalValues(item, value))
    : list.includes(value);
}

function collectSet(site: CallSite): BoundAggregate {
  const limit = limitOf(site, 'ksql.functions.collect_set.limit');
  const type = arrayType(sqlTypeOf(site.argumentTypes[0]));
  const add = (list: List, value: Value): List =>
    list.length < limit && !contains(list, value) ? [...list, value] : list;
  return {
    stateType: type,
    returnType: type,
    initial: () => [],
    add: (state, args) => add(state as List, args[0]!),
    merge: (a, b) => (b as List).reduce<List>(add, a as List),
    result: (state) => state,
  };
}

const T = generic('T');

export const COLLECT_LIST: AggregateFunction = aggregate(
  'COLLECT_LIST',
  {
    description:
      'All values of a group as an array, in the order of arrival; over a table the order is not defined. ' +
      'ksql.functions.collect_list.limit bounds its size: what comes later is left out.',
  },
  {
    parameters: [param('val1', T)],
    returns: arrayOf(T),
    description: 'The values of a column as an array',
    bind: collectList,
  },
);

export const COLLECT_SET: AggregateFunction = aggregate(
  'COLLECT_SET',
  {
    description:
      'All different values of a group as an array; not for tables. ' +
      'ksql.functions.collect_set.limit bounds its size: what comes later is left out.',
  },
  {
    parameters: [param('val1', T)],
    returns: arrayOf(T),
    description: 'The different values of a column as an array',
    bind: collectSet,
  },
);
