/** ARRAY_LENGTH, ARRAY_JOIN, SLICE and GENERATE_SERIES. */
import { NULL_OPERAND } from '../../../types/evaluation-error.js';
import { textWriter } from '../../../types/text.js';
import type { Value } from '../../../types/value.js';
import {
  arrayOf,
  boundSignature,
  nullSafe,
  P_BIGINT,
  P_INT,
  P_STRING,
  P_T,
  param,
  scalar,
  signature,
  sqlTypeOf,
} from '../../define.js';
import type { CallSite, ScalarFunction } from '../../function.js';
import { KsqlFunctionException } from '../../function-error.js';

type Items = readonly Value[];

const CATEGORY = 'ARRAY';
const ARRAY = arrayOf(P_T);

export const ARRAY_LENGTH: ScalarFunction = scalar(
  'ARRAY_LENGTH',
  { category: CATEGORY, description: 'How many items an array has.' },
  signature(
    [param('array', ARRAY, 'The array')],
    P_INT,
    nullSafe((array: Items) => array.length),
  ),
);

const JOINABLE = new Set(['BOOLEAN', 'INTEGER', 'BIGINT', 'DOUBLE', 'DECIMAL', 'STRING']);

function joiner(site: CallSite): (items: Items, delimiter: string) => string {
  const type = sqlTypeOf(site.argumentTypes[0]);
  const element = type.base === 'ARRAY' ? type.element : type;
  const write = textWriter(element);
  const joinable = JOINABLE.has(element.base);
  return (items, delimiter) =>
    items
      .map((item) => {
        if (item === null) return 'null';
        if (joinable) return write(item);
        throw new KsqlFunctionException(
          `error: hit element of type ${element.base} which is currently not supported`,
        );
      })
      .join(delimiter);
}

export const ARRAY_JOIN: ScalarFunction = scalar(
  'ARRAY_JOIN',
  { category: CATEGORY, description: 'The items of an array of simple values as one string.' },
  boundSignature([param('array', ARRAY, "The array; its items are divided by ','")], P_STRING, (site) => {
    const join = joiner(site);
    return (items: Items | null) => (items === null ? null : join(items, ','));
  }),
  boundSignature(
    [param('array', ARRAY, 'The array'), param('delimiter', P_STRING, 'What divides the items')],
    P_STRING,
    (site) => {
      const join = joiner(site);
      return (items: Items | null, delimiter: string | null) =>
        items === null ? null : join(items, delimiter ?? '');
    },
  ),
);

function slice(items: Items | null, from: number | null, to: number | null): Items | null {
  if (items === null) return null;
  const start = from === null ? 0 : from - 1;
  const end = to ?? items.length;
  if (start < 0 || end > items.length) return null;
  if (start > end) throw new KsqlFunctionException(`fromIndex(${start}) > toIndex(${end})`);
  return items.slice(start, end);
}

export const SLICE: ScalarFunction = scalar(
  'SLICE',
  {
    category: CATEGORY,
    description: 'The items of an array from one place to another, both included; NULL beyond its ends.',
  },
  signature(
    [
      param('in', ARRAY, 'The array'),
      param('from', P_INT, 'The place of the first item, from 1; NULL is the start'),
      param('to', P_INT, 'The place of the last item; NULL is the end'),
    ],
    ARRAY,
    slice,
  ),
);

/** The limit for the size of one result. ksqlDB has none and would run out of memory. */
const MAX_ITEMS = 4_000_000;

/** Counts the steps from start to end. 32-bit and 64-bit differences wrap around as in Java. */
function stepsOf(difference: bigint, step: number): number {
  if (step === 0) throw new KsqlFunctionException('GENERATE_SERIES step cannot be zero');
  if ((difference > 0n && step < 0) || (difference < 0n && step > 0)) {
    throw new KsqlFunctionException('GENERATE_SERIES step has wrong sign');
  }
  const steps = Number(difference / BigInt(step)) + 1;
  if (steps > MAX_ITEMS) throw new KsqlFunctionException(`GENERATE_SERIES of ${steps} items is too long`);
  return steps;
}

function integers(start: number | null, end: number | null, step?: number | null): Items {
  if (start === null || end === null || step === null) throw NULL_OPERAND;
  const difference = (end - start) | 0;
  const by = step ?? (difference > 0 ? 1 : -1);
  return Array.from({ length: stepsOf(BigInt(difference), by) }, (_, i) => (start + i * by) | 0);
}

function bigints(start: bigint | null, end: bigint | null, step?: number | null): Items {
  if (start === null || end === null || step === null) throw NULL_OPERAND;
  const difference = BigInt.asIntN(64, end - start);
  const by = step ?? (difference > 0n ? 1 : -1);
  const size = stepsOf(difference, by);
  return Array.from({ length: size }, (_, i) => BigInt.asIntN(64, start + BigInt(i) * BigInt(by)));
}

const STEP = param('step', P_INT, 'The difference of two numbers; 1 or -1 if it is left out');

export const GENERATE_SERIES: ScalarFunction = scalar(
  'GENERATE_SERIES',
  { category: CATEGORY, description: 'An array of the numbers from one to another, both included.' },
  signature(
    [param('start', P_INT, 'The first number'), param('end', P_INT, 'The bound')],
    arrayOf(P_INT),
    (start: number | null, end: number | null) => integers(start, end),
  ),
  signature(
    [param('start', P_INT, 'The first number'), param('end', P_INT, 'The bound'), STEP],
    arrayOf(P_INT),
    integers,
  ),
  signature(
    [param('start', P_BIGINT, 'The first number'), param('end', P_BIGINT, 'The bound')],
    arrayOf(P_BIGINT),
    (start: bigint | null, end: bigint | null) => bigints(start, end),
  ),
  signature(
    [param('start', P_BIGINT, 'The first number'), param('end', P_BIGINT, 'The bound'), STEP],
    arrayOf(P_BIGINT),
    bigints,
  ),
);
