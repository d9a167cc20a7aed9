import { arrayType, INTEGER, type SqlType, structType } from '../../../../sql/sql-type.js';
import { equalValues } from '../../types/compare.js';
import type { Value } from '../../types/value.js';
import { aggregate, generic, param, sqlTypeOf } from '../define.js';
import type { AggregateFunction, BoundAggregate } from '../function.js';

/** A value and the number of rows with it: [VALUE, COUNT]. */
type Entry = readonly [Value, number];
type Entries = readonly Entry[];

function counted(entries: Entries, value: Value, change: number): Entries {
  const at = entries.findIndex((entry) => equalValues(entry[0], value));
  if (at < 0) return change > 0 ? [...entries, [value, change]] : entries;
  return entries.map((entry, i) => (i === at ? [value, Math.max(0, entry[1] + change)] : entry));
}

function attr(type: SqlType): BoundAggregate {
  return {
    stateType: arrayType(
      structType([
        { name: 'VALUE', type },
        { name: 'COUNT', type: INTEGER },
      ]),
    ),
    returnType: type,
    initial: () => [],
    add: (state, args) => counted(state as unknown as Entries, args[0]!, 1),
    undo: (state, args) => counted(state as unknown as Entries, args[0]!, -1),
    merge: (a, b) =>
      (b as unknown as Entries).reduce(
        (entries, [value, count]) => counted(entries, value, count),
        a as unknown as Entries,
      ),
    result: (state) => {
      const present = (state as unknown as Entries).filter((entry) => entry[1] > 0);
      return present.length === 1 ? present[0]![0] : null;
    },
  };
}

export const ATTR: AggregateFunction = aggregate(
  'ATTR',
  {
    description:
      'The value of a column that is expected to be the same in all rows of a group; NULL if there are several.',
    author: '',
  },
  {
    parameters: [param('val1', generic('T'))],
    returns: generic('T'),
    description: 'The one value of a group',
    bind: (site) => attr(sqlTypeOf(site.argumentTypes[0])),
  },
);
