/** Concatenation of arrays, and set operations on arrays. */
import { equalValues, valueKey } from '../../../types/compare.js';
import type { Value } from '../../../types/value.js';
import { arrayOf, nullSafe, nullSafe2, P_T, param, scalar, signature } from '../../define.js';
import type { ScalarFunction } from '../../function.js';

type Items = readonly Value[];

const CATEGORY = 'ARRAY';
const ARRAY = arrayOf(P_T);
const LEFT = param('left', ARRAY, 'The first array');
const RIGHT = param('right', ARRAY, 'The second array');

/** Returns each distinct item whose key `wanted` accepts, in order of first occurrence. */
function distinct(items: Items, wanted: (key: Value) => boolean = () => true): Items {
  const seen = new Set<Value>();
  return items.filter((item) => {
    const key = valueKey(item);
    if (seen.has(key) || !wanted(key)) return false;
    seen.add(key);
    return true;
  });
}

const keysOf = (items: Items): Set<Value> => new Set(items.map(valueKey));

export const ARRAY_CONCAT: ScalarFunction = scalar(
  'ARRAY_CONCAT',
  {
    category: CATEGORY,
    description:
      'The items of two arrays of one type, one after the other. NULL only if both arrays are NULL.',
    author: '',
  },
  signature([LEFT, RIGHT], ARRAY, (left: Items | null, right: Items | null) =>
    left === null || right === null ? (left ?? right) : [...left, ...right],
  ),
);

export const ARRAY_DISTINCT: ScalarFunction = scalar(
  'ARRAY_DISTINCT',
  {
    category: CATEGORY,
    description: 'Each different item of an array once, NULL too, in the order of first occurrence.',
    author: '',
  },
  signature(
    [param('input', ARRAY, 'The array')],
    ARRAY,
    nullSafe((items: Items) => distinct(items)),
  ),
);

export const ARRAY_EXCEPT: ScalarFunction = scalar(
  'ARRAY_EXCEPT',
  {
    category: CATEGORY,
    description: 'Each different item of the first array that the second has not. NULL if either is NULL.',
    author: '',
  },
  signature(
    [LEFT, RIGHT],
    ARRAY,
    nullSafe2((left: Items, right: Items) => {
      const others = keysOf(right);
      return distinct(left, (key) => !others.has(key));
    }),
  ),
);

export const ARRAY_INTERSECT: ScalarFunction = scalar(
  'ARRAY_INTERSECT',
  {
    category: CATEGORY,
    description: 'Each different item of the first array that the second has too. NULL if either is NULL.',
    author: '',
  },
  signature(
    [LEFT, RIGHT],
    ARRAY,
    nullSafe2((left: Items, right: Items) => {
      const others = keysOf(right);
      return distinct(left, (key) => others.has(key));
    }),
  ),
);

export const ARRAY_UNION: ScalarFunction = scalar(
  'ARRAY_UNION',
  {
    category: CATEGORY,
    description: 'Each different item of two arrays once. NULL if either is NULL.',
    author: '',
  },
  signature(
    [LEFT, RIGHT],
    ARRAY,
    nullSafe2((left: Items, right: Items) => distinct([...left, ...right])),
  ),
);

export const ARRAY_REMOVE: ScalarFunction = scalar(
  'ARRAY_REMOVE',
  { category: CATEGORY, description: 'An array without the items that equal a value.', author: '' },
  signature(
    [param('array', ARRAY, 'The array'), param('victim', P_T, 'The value to leave out')],
    ARRAY,
    (items: Items | null, victim: Value) => items?.filter((item) => !equalValues(item, victim)) ?? null,
  ),
);

export const ARRAY_CONTAINS: ScalarFunction = scalar(
  'ARRAY_CONTAINS',
  {
    category: CATEGORY,
    description: 'Whether an array has a value among its items; false for a NULL array.',
  },
  signature(
    [param('array', ARRAY), param('val', P_T)],
    { kind: 'exact', type: { base: 'BOOLEAN' } },
    (items: Items | null, value: Value) => items?.some((item) => equalValues(item, value)) ?? false,
  ),
);
