import { STRING, structType } from '../../../../../sql/sql-type.js';
import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { javaMapOrder } from '../../../types/java-hash.js';
import type { Value } from '../../../types/value.js';
import {
  arrayOf,
  exact,
  mapOf,
  nullSafe,
  nullSafe2,
  P_BIGINT,
  P_BOOLEAN,
  P_DOUBLE,
  P_INT,
  P_STRING,
  P_T,
  param,
  scalar,
  signature,
} from '../../define.js';
import type { ScalarFunction } from '../../function.js';

type Entries = ReadonlyMap<Value, Value>;

const CATEGORY = 'MAP';
const MAP = mapOf(P_STRING, P_T);

export const MAP_KEYS: ScalarFunction = scalar(
  'MAP_KEYS',
  { category: CATEGORY, description: 'The keys of a map as an array.', author: '' },
  signature(
    [param('input', MAP)],
    arrayOf(P_STRING),
    nullSafe((map: Entries) => javaMapOrder(STRING, map).map(([key]) => key)),
  ),
);

export const MAP_VALUES: ScalarFunction = scalar(
  'MAP_VALUES',
  { category: CATEGORY, description: 'The values of a map as an array.', author: '' },
  signature(
    [param('input', MAP)],
    arrayOf(P_T),
    nullSafe((map: Entries) => javaMapOrder(STRING, map).map(([, value]) => value)),
  ),
);

export const MAP_UNION: ScalarFunction = scalar(
  'MAP_UNION',
  {
    category: CATEGORY,
    description:
      'The entries of two maps; where both have a key, the second has the say. NULL if both are NULL.',
    author: '',
  },
  signature(
    [param('map1', MAP, 'The first map'), param('map2', MAP, 'The second map')],
    MAP,
    (first: Entries | null, second: Entries | null) =>
      first === null || second === null ? (first ?? second) : new Map([...first, ...second]),
  ),
);

export const AS_MAP: ScalarFunction = scalar(
  'AS_MAP',
  { category: CATEGORY, description: 'A map of an array of keys and an array of their values.' },
  signature(
    [param('keys', arrayOf(P_STRING)), param('values', arrayOf(P_T))],
    MAP,
    nullSafe2(
      (keys: readonly Value[], values: readonly Value[]) =>
        new Map(keys.map((key, i): [Value, Value] => [key, values[i] ?? null])),
    ),
  ),
);

function entries(map: Entries | null, sorted: boolean | null): Value {
  if (sorted === null) throw NULL_OPERAND;
  if (map === null) return null;
  const list = [...javaMapOrder(STRING, map)];
  if (sorted) list.sort(([a], [b]) => (a! < b! ? -1 : a! > b! ? 1 : 0));
  return list;
}

export const ENTRIES: ScalarFunction = scalar(
  'ENTRIES',
  {
    category: CATEGORY,
    description:
      'The entries of a map as an array of structs of key (K) and value (V), sorted by key if asked for.',
  },
  ...[P_INT, P_BIGINT, P_DOUBLE, P_BOOLEAN, P_STRING].map((value) => {
    if (value.kind !== 'exact') throw new TypeError('Expected a simple type for the values of the entries.');
    const entry = structType([
      { name: 'K', type: STRING },
      { name: 'V', type: value.type },
    ]);
    return signature(
      [
        param('map', mapOf(P_STRING, value), 'The map'),
        param('sorted', P_BOOLEAN, 'Whether to sort the entries by key'),
      ],
      exact({ base: 'ARRAY', element: entry }),
      entries,
    );
  }),
);
