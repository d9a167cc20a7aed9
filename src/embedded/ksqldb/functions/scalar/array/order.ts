/** ARRAY_MAX, ARRAY_MIN and ARRAY_SORT. */
import { type Comparator, comparatorOf } from '../../../types/compare.js';
import type { Value } from '../../../types/value.js';
import { arrayOf, boundSignature, P_STRING, P_T, param, scalar, sqlTypeOf } from '../../define.js';
import type { CallSite, ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

type Items = readonly Value[];

const CATEGORY = 'ARRAY';
const ARRAY = arrayOf(P_T);

/** Arrays, maps and structs have no order, so the first comparison fails like Java's cast to Comparable. */
function itemComparator(site: CallSite): Comparator {
  const type = sqlTypeOf(site.argumentTypes[0]);
  const element = type.base === 'ARRAY' ? type.element : type;
  const compare = element.base === 'ARRAY' ? undefined : comparatorOf(element);
  return (
    compare ??
    (() => {
      throw new KsqlFunctionException(`Items of type ${element.base} cannot be compared`);
    })
  );
}

function extreme(name: string, description: string, wanted: 1 | -1): ScalarFunction {
  return scalar(
    name,
    { category: CATEGORY, description, author: '' },
    boundSignature([param('input', ARRAY, 'The array')], P_T, (site) => {
      const compare = itemComparator(site);
      return (items: Items | null) => {
        let best: Value = null;
        for (const item of items ?? []) {
          if (item !== null && (best === null || compare(item, best) * wanted > 0)) best = item;
        }
        return best;
      };
    }),
  );
}

export const ARRAY_MAX: ScalarFunction = extreme(
  'ARRAY_MAX',
  'The largest item of an array of simple values; NULL if there is none but NULL.',
  1,
);
export const ARRAY_MIN: ScalarFunction = extreme(
  'ARRAY_MIN',
  'The smallest item of an array of simple values; NULL if there is none but NULL.',
  -1,
);

function sort(items: Items, compare: Comparator, sign: 1 | -1): Items {
  return [...items].sort((a, b) => {
    if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
    return sign * compare(a, b);
  });
}

function signOf(direction: string): 1 | -1 | null {
  switch (direction.toUpperCase()) {
    case 'ASC':
    case 'ASCENDING':
      return 1;
    case 'DESC':
    case 'DESCENDING':
      return -1;
    default:
      return null;
  }
}

export const ARRAY_SORT: ScalarFunction = scalar(
  'ARRAY_SORT',
  {
    category: CATEGORY,
    description: 'An array of simple values in their order, or the reverse; NULLs come last either way.',
    author: '',
  },
  boundSignature([param('input', ARRAY, 'The array')], ARRAY, (site) => {
    const compare = itemComparator(site);
    return (items: Items | null) => (items === null ? null : sort(items, compare, 1));
  }),
  boundSignature(
    [param('input', ARRAY, 'The array'), param('direction', P_STRING, 'ASC or DESC')],
    ARRAY,
    (site) => {
      const compare = itemComparator(site);
      return (items: Items | null, direction: string | null) => {
        if (items === null || direction === null) return null;
        const sign = signOf(direction);
        return sign === null ? null : sort(items, compare, sign);
      };
    },
  ),
);
